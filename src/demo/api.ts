/** A small client of the public API: operations over HTTP, subscriptions over one WebSocket. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { z } from 'zod';
import { DemoProblem } from './problem.ts';

export interface Following {
  /** Resolves when the server has ended the subscription or `stop` was called; rejects with what went wrong. */
  readonly ended: Promise<void>;
  stop(): void;
}

export interface Api {
  /** Sends a query. Rejects with a DemoProblem for top-level errors, with a ZodError for an answer of another shape. */
  ask<Shape extends z.ZodType>(document: string, variables: object, shape: Shape): Promise<z.output<Shape>>;
  /** Sends a mutation of one field; rejects with a DemoProblem when it answers with one of its named errors. */
  act<Shape extends z.ZodType>(document: string, input: object, shape: Shape): Promise<z.output<Shape>>;
  /** Follows a subscription, event by event. */
  follow<Shape extends z.ZodType>(
    document: string,
    variables: object,
    shape: Shape,
    onEvent: (event: z.output<Shape>) => void,
  ): Following;
  close(): Promise<void>;
}

const response = z.object({
  data: z.unknown(),
  errors: z.array(z.looseObject({ message: z.string() })).optional(),
});

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  fields: z.array(z.object({ path: z.array(z.string()), message: z.string() })).optional(),
});

/** @param signal ends requests and subscriptions when the demo is told to stop. */
export function openApi({ url, key, signal }: { url: string; key: string; signal: AbortSignal }): Api {
  const authorization = `Bearer ${key}`;
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    // Kept open between two runs; a connection that is lost on this one machine is a fault to be seen.
    lazyCloseTimeout: 60_000,
    retryAttempts: 0,
  });

  const ask: Api['ask'] = async (query, variables, shape) => {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
      signal,
    });
    const { data, errors = [] } = response.parse(await answer.json());
    if (errors.length > 0) throw new DemoProblem(`The API answers: ${errors.map(({ message }) => message).join(' ')}`);
    return shape.parse(data);
  };

  return {
    ask,
    async act(mutation, input, shape) {
      const data = await ask(mutation, { input }, z.record(z.string(), z.unknown()));
      const [[name, payload] = []] = Object.entries(data);
      const refused = refusal.safeParse(payload);
      if (refused.success) throw new DemoProblem(`${name}: ${sentenceOf(refused.data)}`);
      return shape.parse(payload);
    },
    follow(query, variables, shape, onEvent) {
      const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
      const stop = socket.subscribe(
        { query, variables: variables as Record<string, unknown> },
        {
          next({ data, errors = [] }) {
            if (errors.length > 0) return reject(new DemoProblem(errors.map(({ message }) => message).join(' ')));
            onEvent(shape.parse(data));
          },
          error: (error) =>
            reject(error instanceof Error ? error : new DemoProblem(`The subscription ended: ${told(error)}`)),
          complete: resolve,
        },
      );
      signal.addEventListener('abort', stop, { once: true });
      const forget = () => signal.removeEventListener('abort', stop);
      // Whoever stops listening no longer awaits it.
      ended.then(forget, forget);
      return { ended, stop };
    },
    async close() {
      await socket.dispose();
    },
  };
}

function sentenceOf({ message, fields = [] }: z.output<typeof refusal>): string {
  return [message, ...fields.map((field) => `${field.path.join('.')}: ${field.message}`)].join(' ');
}

/** A close event has a code and a reason; errors of the protocol come as a list. */
function told(error: unknown): string {
  const { data } = z
    .union([
      z.looseObject({ code: z.number(), reason: z.string() }).transform(({ code, reason }) => `${code} ${reason}`),
      z.array(z.looseObject({ message: z.string() })).transform((all) => all.map(({ message }) => message).join(' ')),
    ])
    .safeParse(error);
  return data ?? 'for a reason it does not tell.';
}
