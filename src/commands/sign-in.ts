/** Signing in: the issuers that are trusted, and the door through which they are asked for their keys. */
import { hostAndPort } from '../connectors/kit/address.ts';
import { makeHttp } from '../connectors/kit/http.ts';
import type { ServerOptions } from '../server/server.ts';
import type { Process } from './parts.ts';

/** A description and some keys; an issuer that sends more is not one. */
const largestBody = 256 * 1024;

/** Whoever runs Homeroom named the issuers, so these may be private; what they refer to may not, unless it lies beside them. */
export function openSignIn({ config, lifetime }: Process): NonNullable<ServerOptions['signIn']> {
  const named = config.issuers.map(({ issuer }) => hostAndPort(new URL(issuer)));
  const http = makeHttp({
    allowedHosts: [...named, ...config.allowedHosts],
    limits: [],
    quotaKeys: {},
    takeCalls: async (_name, want) => ({ granted: want, waitMs: 0 }),
    largestBody,
    timeouts: { headers: 5_000, idle: 5_000, total: 10_000 },
  });
  lifetime.onEnd('sign-in', () => http.close());

  return { trusted: config.issuers, fetch: http.fetch };
}
