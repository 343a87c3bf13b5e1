// Checks what is sent to Classroom: bodies against their message's fields, numbers and choices in the query.
import type { Call } from '../api.ts';
import { classroomRefusal } from '../errors.ts';
import type { PageSizes } from '../rules.ts';

/** What a field may hold: a JSON type, or one of these words. */
export type FieldKind = 'string' | 'boolean' | 'object' | 'array' | readonly string[];
export type MessageFields = Readonly<Record<string, FieldKind>>;

/** Refuses a body with a field the message does not have, or with a value of the wrong kind. Null counts as absent. */
export function checkBody(message: string, fields: MessageFields, body: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(body)) {
    const kind = fields[name];
    if (kind === undefined) {
      throw classroomRefusal(
        'INVALID_ARGUMENT',
        `Invalid JSON payload received. Unknown name "${name}": Cannot find field.`,
      );
    }
    if (value === null || isOfKind(kind, value)) continue;
    throw classroomRefusal('INVALID_ARGUMENT', `Invalid value at '${message}.${name}', ${JSON.stringify(value)}`);
  }
}

function isOfKind(kind: FieldKind, value: unknown): boolean {
  switch (kind) {
    case 'string':
    case 'boolean':
      return typeof value === kind;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === 'string' && kind.includes(value);
  }
}

/** A text of the body; undefined when it is absent, null or empty, which are one to Classroom. */
export function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A text that must be there. */
export function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const text = textOf(body, name);
  if (text === undefined) throw classroomRefusal('INVALID_ARGUMENT', `${name} is required.`);
  return text;
}

/** How many rows the page may have: what is asked for, up to the most there is; 0 asks for the usual number. */
export function pageSizeOf({ query }: Call, sizes: PageSizes): number {
  const text = query.get('pageSize') ?? '0';
  if (!/^\d+$/.test(text)) {
    throw classroomRefusal('INVALID_ARGUMENT', `Invalid value at 'page_size' (TYPE_INT32), "${text}"`);
  }
  return Math.min(Number(text) || sizes.usual, sizes.most);
}

/** The page that is asked for, as the answer's body: without the list's name when it is empty, as Google writes it. */
export function pageAnswer<Item>(
  name: string,
  page: { items: Item[]; nextPageToken?: string } | undefined,
  toJson: (item: Item) => unknown,
): { status: number; json: unknown } {
  if (page === undefined) throw classroomRefusal('INVALID_ARGUMENT', 'Invalid page token.');

  const { items, nextPageToken } = page;
  return {
    status: 200,
    json: {
      ...(items.length > 0 && { [name]: items.map(toJson) }),
      ...(nextPageToken !== undefined && { nextPageToken }),
    },
  };
}
