/** The public keys of one issuer: found by discovery, kept, asked for again when a token names one that is not known. */
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import type { BaseLogger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import { IssuerDown, NotAdmitted } from '../not-admitted.ts';

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** The outbound door: bounded in size and time. */
  fetch(url: string, init: RequestInit): Promise<Response>;
  readonly clock: Clock;
  readonly log: Pick<BaseLogger, 'warn'>;
}

/** Between two questions to the issuer, whatever tokens come: a made-up key id must cost it nothing. */
const cooldownMs = 30_000;
/** After which the keys are asked for again, so that one the issuer has withdrawn goes out of use. */
const freshMs = 10 * 60_000;
/** For which the keys of an issuer that does not answer go on being used. */
const staleMs = 24 * 60 * 60_000;

/** OpenID Connect Discovery 1.0, section 3: the part of it we need. */
const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
/** RFC 7517, section 5. A key we cannot use is the verifier's business. */
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** What `jose` asks for a key. @throws IssuerDown when there is none and the issuer does not answer. */
export function createIssuerKeys({ issuer, fetch, clock, log }: IssuerKeysOptions): JWTVerifyGetKey {
  let known: { readonly find: JWTVerifyGetKey; readonly at: number; complained: boolean } | undefined;
  let askedAt = -Infinity;
  let asking: Promise<void> | undefined;
  const now = () => clock.now().getTime();
  const age = () => (known === undefined ? Infinity : now() - known.at);

  async function read(url: string): Promise<unknown> {
    const response = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'manual' });
    if (response.status !== 200) throw new Error(`It answered ${response.status}.`);

    return response.json();
  }

  async function ask(): Promise<void> {
    try {
      // Section 4.1: behind the issuer's path, whose slash at the end does not count.
      const discovery = await read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
      const described = Discovery.parse(discovery);
      if (described.issuer !== issuer) throw new Error('It says to be another issuer.');
      const { keys } = KeySet.parse(await read(described.jwks_uri));
      known = { find: createLocalJWKSet({ keys }), at: now(), complained: false };
    } catch (error) {
      log.warn({ err: error, issuer }, 'the keys of an issuer could not be read');
    } finally {
      asking = undefined;
    }
  }

  /** One question at a time, which all wait for; false when it is too early for another. */
  async function refresh(): Promise<boolean> {
    if (asking === undefined) {
      if (now() - askedAt < cooldownMs) return false;
      askedAt = now();
      asking = ask();
    }
    await asking;

    return true;
  }

  /** Undefined when the issuer has published none that fits. */
  async function find(...[header, token]: Parameters<JWTVerifyGetKey>) {
    try {
      return await known?.find(header, token);
    } catch (error) {
      // Said once for each set of keys, for anybody can name a key in a token.
      if (!(error instanceof errors.JOSEError) && known?.complained === false) {
        known.complained = true;
        log.warn({ err: error, issuer }, 'a key of an issuer cannot be used');
      }
      if (error instanceof errors.JWKSNoMatchingKey) return undefined;
      throw NotAdmitted.token('unknown_key');
    }
  }

  return async (header, token) => {
    if (age() > staleMs) await refresh();
    // In the background: who holds a known key need not wait for an issuer that may be slow.
    else if (age() > freshMs) void refresh();
    if (age() > staleMs) throw new IssuerDown(Math.max(1, Math.ceil((askedAt + cooldownMs - now()) / 1_000)));
    const key = (await find(header, token)) ?? ((await refresh()) ? await find(header, token) : undefined);
    if (key === undefined) throw NotAdmitted.token('unknown_key');

    return key;
  };
}
