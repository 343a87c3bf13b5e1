/** The two scalars that GraphQL does not bring along. */
import { GraphQLError, Kind, type ValueNode } from 'graphql';

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/i;

/** Reads an RFC 3339 instant. */
export function parseDateTime(value: unknown): Date {
  const instant = typeof value === 'string' && rfc3339.test(value) ? new Date(value) : undefined;
  if (instant === undefined || !isInReach(instant)) {
    throw new GraphQLError('A DateTime is RFC 3339 text such as "2026-09-01T07:30:00Z".');
  }

  return instant;
}

/** False for what is no instant, and for one outside the years that four digits can write, in UTC: a database does not take it. */
function isInReach(instant: Date): boolean {
  const year = instant.getUTCFullYear();

  return year >= 1 && year <= 9_999;
}

export function serializeDateTime(value: unknown): string {
  return (value instanceof Date ? value : parseDateTime(value)).toISOString();
}

const deepest = 10;
const longest = 64 * 1024;
const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Takes free-form input of bounded size; refuses keys that JavaScript treats as more than data. */
export function parseJson(value: unknown): unknown {
  if ((JSON.stringify(value)?.length ?? 0) > longest) throw new GraphQLError('JSON input is at most 64 KiB.');
  checkJson(value, 1);

  return value;
}

function checkJson(value: unknown, depth: number): void {
  if (depth > deepest) throw new GraphQLError(`JSON input is at most ${deepest} levels deep.`);
  if (value === null || typeof value !== 'object') return;

  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && forbiddenKeys.has(key)) throw new GraphQLError(`JSON input has no key "${key}".`);
    checkJson(item, depth + 1);
  }
}

/** JSON written into the document itself. */
export function parseJsonLiteral(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  return parseJson(literalValue(node, variables ?? {}));
}

function literalValue(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.VARIABLE:
      return variables[node.name.value];
    case Kind.LIST:
      return node.values.map((item) => literalValue(item, variables));
    case Kind.OBJECT:
      // No prototype, so that a key named "__proto__" becomes a key, which parseJson then refuses.
      return node.fields.reduce<Record<string, unknown>>(
        (object, field) => {
          object[field.name.value] = literalValue(field.value, variables);
          return object;
        },
        Object.create(null) as Record<string, unknown>,
      );
    default:
      return node.value;
  }
}
