/**
 * Arrays on the wire. The driver would ask each new connection for the array types there are, in a promise nobody holds: a
 * server that goes away at that moment ends the whole process, and a connection that comes back reads no arrays. The types
 * of PostgreSQL itself have fixed numbers (`pg_type.dat` of its sources), and we use no others.
 */

/** How one value is written as text, and read from it. */
interface Element {
  serialize(value: never): string;
  parse(text: string): unknown;
}

const plain = { serialize: (value: unknown) => String(value), parse: (text: string) => text };
const number = { serialize: String, parse: Number };
const yesOrNo = { serialize: (value: boolean) => (value ? 't' : 'f'), parse: (text: string) => text === 't' };
const bytes = {
  serialize: (value: Uint8Array) => `\\x${Buffer.from(value).toString('hex')}`,
  parse: (text: string) => Buffer.from(text.slice(2), 'hex'),
};

/** `elements`: what our own types are written and read by, where an array of them has these numbers. */
export function arrayTypes(elements: readonly { oids: readonly number[]; element: Element }[]) {
  const all = [
    // text, varchar, bpchar, name, uuid, numeric, xid8
    { oids: [1009, 1015, 1014, 1003, 2951, 1231, 271], element: plain },
    // int2, int4, oid, float4, float8
    { oids: [1005, 1007, 1028, 1021, 1022], element: number },
    { oids: [1000], element: yesOrNo },
    { oids: [1001], element: bytes },
    ...elements,
  ];

  return Object.fromEntries(
    all.flatMap(({ oids, element }) =>
      oids.map((oid) => [
        `array${oid}`,
        {
          to: oid,
          from: [oid],
          // Text is an array as PostgreSQL takes it already: drizzle sends it so.
          serialize: (values: readonly unknown[] | string) =>
            typeof values === 'string' ? values : write(values, element),
          parse: (text: string) => read(text, element),
        },
      ]),
    ),
  );
}

function write(values: readonly unknown[], element: Element): string {
  const items = values.map((value) => {
    if (value === null || value === undefined) return 'NULL';
    if (Array.isArray(value)) return write(value, element);
    return `"${element.serialize(value as never).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  });

  return `{${items.join(',')}}`;
}

/**
 * An array as PostgreSQL writes it: `{a,"b c",NULL,{…}}`, before it `[2:3]=` where it does not begin with 1.
 *
 * @throws for any other text, instead of looking for its end for ever.
 */
function read(text: string, element: Element): unknown[] {
  let at = text.indexOf('{');
  const end = text.length;
  const broken = () => new Error('The database sent something that is no array.');

  const item = (): unknown => {
    if (text[at] === '{') return list();
    if (text[at] === '"') {
      let value = '';
      for (at += 1; at < end && text[at] !== '"'; at += 1) {
        if (text[at] === '\\') at += 1;
        value += text[at];
      }
      at += 1;
      return element.parse(value);
    }
    const begin = at;
    while (at < end && text[at] !== ',' && text[at] !== '}') at += 1;
    const bare = text.slice(begin, at);
    return bare === 'NULL' ? null : element.parse(bare);
  };
  const list = (): unknown[] => {
    const items: unknown[] = [];
    for (at += 1; text[at] !== '}'; ) {
      if (at >= end) throw broken();
      items.push(item());
      if (text[at] === ',') at += 1;
    }
    at += 1;
    return items;
  };

  if (at < 0) throw broken();
  const items = list();
  if (at !== end) throw broken();

  return items;
}
