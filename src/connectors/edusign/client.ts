/** Edusign behind our one door: the key on every call, the envelope opened, failures classed. */
import { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import type { ConnectContext, Http } from '../kit/contract.ts';
import { type Sleep, withRetries } from '../kit/retry.ts';
import { type Asked, openEnvelope } from './envelope.ts';
import type { EdusignCredentials, EdusignSettings } from './settings.ts';

export interface EdusignClient {
  http: Http;
  clock: Clock;
  token: string;
  /** Without a slash at its end. */
  rootUrl: string;
  sleep: Sleep | undefined;
}

export type EdusignContext = ConnectContext<EdusignSettings, EdusignCredentials>;

/** Sends nothing yet. */
export async function connect({ http, clock, settings, credentials, sleep }: EdusignContext): Promise<EdusignClient> {
  const rootUrl = settings.apiRootUrl.replace(/\/+$/, '');
  return { http, clock, token: credentials.edusignToken, rootUrl, sleep };
}

export interface Call<T> extends Asked {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From `/v1` on, with its query. */
  path: string;
  body?: unknown;
  /** Of the envelope's `result`. */
  shape: z.ZodType<T>;
  signal: AbortSignal;
}

/** One call in one attempt. Throws the kit's problems and the signal's reason. */
export async function ask<T>(client: EdusignClient, call: Call<T>): Promise<T> {
  const { method, path, body, shape, signal } = call;
  signal.throwIfAborted();
  const response = await client.http.fetch(`${client.rootUrl}${path}`, {
    method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${client.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal,
  });
  return openEnvelope(response, shape, { ...call, clock: client.clock });
}

/** `ask` for a read of a pull: tried again a few times when Edusign is unwell. */
export function read<T>(client: EdusignClient, call: Omit<Call<T>, 'method'>): Promise<T> {
  const { clock, sleep } = client;
  return withRetries(() => ask(client, { ...call, method: 'GET' }), { clock, signal: call.signal, sleep });
}

/** A record as Edusign sent it, for a page: the stream's `wire` reads it later. */
export const rawRecord = z.looseObject({ ID: z.string().min(1) });
