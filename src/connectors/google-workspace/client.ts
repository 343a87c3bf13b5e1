/** Google's own client library behind our one door: it builds the requests, we sign, send and class them. */
import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/index.js';
import type { classroom_v1, MethodOptions } from 'googleapis/build/src/apis/classroom/index.js';
import type { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import type { Tokens } from '../kit/auth/client-credentials.ts';
import type { ConnectContext, Http } from '../kit/contract.ts';
import { type Sleep, sleep, withRetries } from '../kit/retry.ts';
import { notGoogle, problemOf } from './errors.ts';
import type { GoogleCredentials, GoogleSettings } from './settings.ts';
import { createSignIn } from './sign-in.ts';

export interface GoogleClient {
  clock: Clock;
  classroom: classroom_v1.Classroom;
  directory: admin_directory_v1.Admin;
  /** Whose accounts are read. */
  customer: string;
  /** Where all APIs are served instead of Google's own hosts. */
  rootUrl: string | undefined;
  signIn: Tokens;
  pause: Sleep;
  /** Owners of courses made or handed over through this client, by course: Classroom has put them on the roster itself. */
  owners: Map<string, string>;
}

export type GoogleContext = ConnectContext<GoogleSettings, GoogleCredentials>;

/** Loads the client library and hands it our door; sends nothing yet. */
export async function connect(context: GoogleContext): Promise<GoogleClient> {
  const [{ classroom }, { admin }] = await Promise.all([
    import('googleapis/build/src/apis/classroom/index.js'),
    import('googleapis/build/src/apis/admin/index.js'),
  ]);
  const signIn = createSignIn(context);
  // The library's own repeats are off: it knows neither Retry-After nor what may be repeated.
  const options = { retry: false, fetchImplementation: signedFetch(context.http, signIn) };

  return {
    clock: context.clock,
    classroom: classroom({ version: 'v1', ...options }),
    directory: admin({ version: 'directory_v1', ...options }),
    customer: context.settings.customer,
    rootUrl: context.settings.apiRootUrl,
    signIn,
    owners: new Map(),
    pause: (milliseconds, signal) => context.sleep?.(milliseconds, signal) ?? sleep(milliseconds, signal),
  };
}

/** A call under way: `doing` completes "Homeroom cannot …" for people, `shape` reads the answer. */
export interface Asking<T> {
  doing: string;
  shape: z.ZodType<T>;
  signal: AbortSignal;
}

type Send = (options: MethodOptions) => PromiseLike<{ data: unknown; status: number }>;

/** `ask` for a read of a pull: tried again a few times when Google is unwell or asks us to wait. */
export function read<T>(client: GoogleClient, asking: Asking<T>, send: Send): Promise<T> {
  const { clock, pause } = client;
  return withRetries(() => ask(client, asking, send), { clock, signal: asking.signal, sleep: pause });
}

/** One call in one attempt, which `send` starts with the options it is given. Throws the kit's problems and the signal's reason. */
export async function ask<T>(client: GoogleClient, { doing, shape, signal }: Asking<T>, send: Send): Promise<T> {
  signal.throwIfAborted();
  // Per call, for there the library keeps a path in the address; at the service it would drop it.
  const options = { signal, ...(client.rootUrl !== undefined && { rootUrl: client.rootUrl }) };

  const { data, status } = await Promise.resolve(send(options)).catch((error: unknown) => {
    signal.throwIfAborted();
    throw problemOf(error, { doing, clock: client.clock });
  });
  const read = shape.safeParse(data);
  if (!read.success) throw notGoogle({ status });
  return read.data;
}

/** Adds the access token. A token that Google does not accept is replaced once: nothing was done with the first call. */
function signedFetch(http: Http, signIn: Tokens): typeof fetch {
  return async (input, init) => {
    const send = (token: string) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${token}`);
      // Only what fetch knows: the library passes all of its own options along.
      return http.fetch(input instanceof Request ? input.url : input, {
        method: init?.method ?? 'GET',
        headers,
        body: init?.body ?? null,
        signal: init?.signal ?? null,
      });
    };

    const token = await signIn.token();
    const answer = await send(token);
    if (answer.status !== 401) return answer;

    await answer.body?.cancel();
    signIn.forget(token);
    return send(await signIn.token());
  };
}
