/** Reads an answer as JSON, or says that it is not one: nothing of it is believed before it has the shape we know. */
import type { z } from 'zod';
import { UnexpectedShape } from './errors.ts';
import { bodyOf } from './http.ts';

/** What was asked, to tell people about it. */
interface Asked {
  provider: string;
  name: string;
  doing: string;
}

const deepest = 64;
/** Harmless here, but they change the prototype of whatever they are carelessly copied into. */
const dangerousKeys = new Set(['__proto__', 'constructor', 'prototype']);
const jsonType = /^(application|text)\/([a-z0-9.+-]+\+)?json\s*(;|$)/i;

/**
 * The body, parsed and checked. Throws `UnexpectedShape` for HTML, a content type other than JSON, text that is cut off,
 * nesting deeper than 64, keys such as `__proto__`, and what the schema refuses. The errors quote nothing of the body.
 */
export async function readJson<T>(response: Response, schema: z.ZodType<T>, asked: Asked): Promise<T> {
  const bytes = bodyOf(response) ?? new Uint8Array(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  const unexpected = (code: string, what: string) =>
    new UnexpectedShape({
      code: `${asked.provider}_${code}`,
      message: `Homeroom cannot ${asked.doing}: ${what}`,
      remedy: `Check the address in the settings; if it is right, ask those who run ${asked.name}.`,
      details: { status: response.status, contentType: type?.slice(0, 60) ?? null, bytes: bytes.byteLength },
    });

  if (type !== null && !jsonType.test(type)) {
    const page = /html/i.test(type) ? 'a web page' : 'something else';
    throw unexpected('not_json', `${asked.name} answered with ${page} instead of data.`);
  }
  // A parser's error quotes the text it stumbled over, which may be personal: it must not travel as the cause.
  const body = parse(bytes);
  if (body === undefined) throw unexpected('broken_json', `the answer of ${asked.name} is cut off or broken.`);
  if (isTooDeep(body, deepest))
    throw unexpected('dangerous_json', `the answer of ${asked.name} is not one it should give.`);

  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  throw unexpected('unexpected_shape', `${asked.name} answered with data of another kind than we know.`);
}

/** Undefined when it is not JSON; JSON itself has no undefined. */
function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8').decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Nested deeper than `levels`, or with a key that must not be there. Costs a tenth of the parsing. */
function isTooDeep(value: unknown, levels: number): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((item) => isTooDeep(item, levels - 1));

  for (const key in value) {
    if (dangerousKeys.has(key) || isTooDeep((value as Record<string, unknown>)[key], levels - 1)) return true;
  }
  return false;
}
