// What passes through a simulator: the request as a handler sees it, and the answer it gives back.
import type { IncomingHttpHeaders } from 'node:http';

/** A request's body, read once: parsed where its content type says JSON or a form, otherwise left as text. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'form'; readonly value: Readonly<Record<string, string>> }
  | { readonly kind: 'text'; readonly value: string };

export interface SimulatorRequest {
  /** Name of the route that matched, or `unknown`. */
  readonly route: string;
  readonly method: string;
  /** Path as it came over the wire, still encoded and without the query. */
  readonly path: string;
  /** Path parameters, URI-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: RequestBody;
  /** When it arrived, by the simulator's clock. */
  readonly at: Date;
  /** Origin of this simulator, for links and token addresses in answers. */
  readonly origin: string;
}

/** An answer. Exactly one of `json`, `text` and `bytes` makes the body; none of them means an empty one. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
  /** A body rendered earlier, sent as it is; give its `content-type` in `headers` when it is not JSON. */
  readonly bytes?: Buffer;
  /** Milliseconds of real time the provider keeps it back; the journal tells. */
  readonly delayMs?: number;
}

/** Thrown by a handler to answer at once from deep inside; anything else that is thrown is a mistake of the simulator. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** Reads a body by its content type. JSON that does not parse stays text, for the handler to refuse in the provider's words. */
export function readBody(bytes: Buffer, contentType: string | undefined): RequestBody {
  if (bytes.length === 0) return { kind: 'none' };

  const text = bytes.toString('utf8');
  if (contentType?.startsWith('application/x-www-form-urlencoded')) {
    return { kind: 'form', value: Object.fromEntries(new URLSearchParams(text)) };
  }
  if (contentType !== undefined && !/[/+]json\b/.test(contentType)) return { kind: 'text', value: text };

  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'text', value: text };
    throw error;
  }
}

/** Renders an answer's body and its content type; a status that carries no body gives an empty one. */
export function renderAnswer(answer: Answer): { bytes: Buffer; contentType: string | undefined } {
  if (answer.bytes !== undefined) return { bytes: answer.bytes, contentType: 'application/json; charset=UTF-8' };
  if (answer.text !== undefined) return { bytes: Buffer.from(answer.text), contentType: 'text/plain; charset=UTF-8' };
  if (answer.json === undefined) return { bytes: Buffer.alloc(0), contentType: undefined };

  return { bytes: Buffer.from(JSON.stringify(answer.json)), contentType: 'application/json; charset=UTF-8' };
}
