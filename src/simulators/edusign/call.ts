// The way every call goes: maintenance, key, pace, and a body that is a JSON object.
import type { z } from 'zod';
import { type Answer, Refusal, type SimulatorRequest } from '../kit/exchange.ts';
import type { Route } from '../kit/routes.ts';
import { plainText, refuse, success } from './envelope.ts';
import type { Pace } from './pace.ts';

export interface Gate {
  readonly keys: ReadonlySet<string>;
  readonly pace: Pace;
  /** While true Edusign is being maintained, as it is on Saturdays for some minutes. */
  maintenance: boolean;
}

/** One method of the API: what it gives back is the envelope's `result`. */
export interface Method {
  readonly name: string;
  readonly method: Route['method'];
  readonly path: string;
  /** By default every method but GET does. */
  readonly writes?: boolean;
  readonly handler: (request: SimulatorRequest) => unknown;
}

export function asRoute(method: Method, gate: Gate): Route {
  const { name, path, writes } = method;
  return {
    name,
    method: method.method,
    path,
    ...(writes !== undefined && { writes }),
    handler: (request) => {
      const delayMs = gate.pace.delayOf(request.path);
      return { ...answer(method, gate, request), ...(delayMs > 0 && { delayMs }) };
    },
  };
}

function answer(method: Method, gate: Gate, request: SimulatorRequest): Answer {
  try {
    if (gate.maintenance) return plainText(503);
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined || !gate.keys.has(key)) return plainText(401);
    return success(method.handler(request));
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** The body's `wrapper` object, read by its shape. What is wrong with it is told as a list, one sentence each. */
export function bodyOf<T>({ body }: SimulatorRequest, wrapper: string, shape: z.ZodType<T>): T {
  const given = body.kind === 'json' ? (body.value as Record<string, unknown> | null)?.[wrapper] : undefined;
  if (typeof given !== 'object' || given === null) return refuse([`${wrapper} is required`]);
  const read = shape.safeParse(given);
  if (read.success) return read.data;

  return refuse(read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`));
}

/** A page of a list, counted from 0; a page past the end is empty. */
export function pageOf<T>(items: readonly T[], { query }: SimulatorRequest, usual: number): T[] {
  const page = Number(query.get('page') ?? 0);
  if (!Number.isInteger(page) || page < 0) return refuse('page must be a number');
  const asked = Number(query.get('limit') ?? usual);
  const size = Number.isInteger(asked) && asked > 0 ? Math.min(asked, usual) : usual;
  return items.slice(page * size, (page + 1) * size);
}
