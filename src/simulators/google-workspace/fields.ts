// Partial responses: the `fields` parameter and what it leaves of an answer.

/** What is wanted of an object: for each name everything (true) or a part; `*` stands for every name. */
export interface Selection {
  readonly [name: string]: true | Selection;
}

/**
 * Reads a selector such as `nextPageToken,courses(id,name),a/b/c`. Undefined when it is not one.
 */
export function parseFields(text: string): Selection | undefined {
  const tokens = text.match(/[\w$.-]+|\*|[(),/]/g) ?? [];
  if (tokens.join('') !== text.replaceAll(/\s/g, '')) return undefined;

  let at = 0;
  const take = (wanted: string) => {
    if (tokens[at] !== wanted) return false;
    at += 1;
    return true;
  };

  const readPart = (): [string, true | Selection] | undefined => {
    const name = tokens[at];
    if (name === undefined || '(),/'.includes(name)) return undefined;

    at += 1;
    if (take('/')) {
      const rest = readPart();
      return rest && [name, { [rest[0]]: rest[1] }];
    }
    if (!take('(')) return [name, true];

    const inner = readList();
    return inner && take(')') ? [name, inner] : undefined;
  };

  const readList = (): Selection | undefined => {
    const selection: Record<string, true | Selection> = {};
    do {
      const part = readPart();
      if (part === undefined) return undefined;
      selection[part[0]] = union(selection[part[0]], part[1]);
    } while (take(','));
    return selection;
  };

  const selection = readList();
  return at === tokens.length ? selection : undefined;
}

/** Leaves of a value what is selected; lists are looked into item by item, what becomes empty goes. */
export function selectFields(value: unknown, selection: true | Selection): unknown {
  if (selection === true) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => selectFields(item, selection)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return undefined;

  const kept = Object.entries(value)
    .map(([name, inner]) => {
      const wanted = selection[name] ?? selection['*'];
      return [name, wanted && selectFields(inner, wanted)] as const;
    })
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function union(one: true | Selection | undefined, other: true | Selection): true | Selection {
  if (one === undefined) return other;
  if (one === true || other === true) return true;
  const both: Record<string, true | Selection> = { ...one };
  for (const [name, part] of Object.entries(other)) both[name] = union(both[name], part);
  return both;
}
