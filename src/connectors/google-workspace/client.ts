/** Google's own client library behind our one door: it builds the requests, we sign, send and class them. */
import type { admin_directory_v1 } from 'googleapis/build/src/apis/admin/index.js';
import type { classroom_v1, MethodOptions } from 'googleapis/build/src/apis/classroom/index.js';
import type { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import type { ConnectContext, Http } from '../kit/contract.ts';
import { type Sleep, sleep } from '../kit/retry.ts';
import { notGoogle, problemOf } from './errors.ts';
import type { GoogleCredentials, GoogleSettings } from './settings.ts';
import { createSignIn, type SignIn } from './sign-in.ts';

export interface GoogleClient {
  clock: Clock;
  classroom: classroom_v1.Classroom;
  directory: admin_directory_v1.Admin;
  /** Where all APIs are served instead of Google's own hosts. */
  rootUrl: string | undefined;
  signIn: SignIn;
  pause: Sleep;
}

export type GoogleContext = ConnectContext<GoogleSettings, GoogleCredentials>;

/** Loads the client library and hands it our door; sends nothing yet. */
export async function connect(context: GoogleContext, pause: Sleep = sleep): Promise<GoogleClient> {
  const [{ classroom }, { admin }] = await Promise.all([
    import('googleapis/build/src/apis/classroom/index.js'),
    import('googleapis/build/src/apis/admin/index.js'),
  ]);
  const signIn = createSignIn(context);
  // One attempt a call: repeating is the engine's business, which knows what may be repeated.
  const options = { retry: false, fetchImplementation: signedFetch(context.http, signIn) };

  return {
    clock: context.clock,
    classroom: classroom({ version: 'v1', ...options }),
    directory: admin({ version: 'directory_v1', ...options }),
    rootUrl: context.settings.apiRootUrl,
    signIn,
    pause,
  };
}

/** A call under way: `doing` completes "Homeroom cannot …" for people, `shape` reads the answer. */
export interface Asking<T> {
  doing: string;
  shape: z.ZodType<T>;
  signal: AbortSignal;
}

/** One call, which `send` starts with the options it is given. Throws the kit's problems and the signal's reason. */
export async function ask<T>(
  client: GoogleClient,
  { doing, shape, signal }: Asking<T>,
  send: (options: MethodOptions) => PromiseLike<{ data: unknown; status: number }>,
): Promise<T> {
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
function signedFetch(http: Http, signIn: SignIn): typeof fetch {
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
