/** Signs in at a Keycloak: with a password, or as the client itself; renews by refresh tokens that change each time. */
import { z } from 'zod';
import type { Clock } from '../../../model/clock.ts';
import { type Asked, classify } from '../classify.ts';
import type { Http } from '../contract.ts';
import { SignInNeeded } from '../errors.ts';
import { readJson } from '../read-json.ts';
import type { Tokens } from './client-credentials.ts';
import { tokenAddresses } from './keycloak-address.ts';
import { type Grant, noSuchRealm, problemOfRefusal, readRefusal } from './keycloak-refusals.ts';

export interface KeycloakSignIn {
  http: Http;
  clock: Clock;
  /** As `keycloakAddress` reads it. */
  base: string;
  realm: string;
  clientId: string;
  clientSecret: string;
  /** Absent: the client signs in as itself. */
  user?: { username: string; password: string } | undefined;
  /** The connector's id and the provider's name, for messages. */
  provider: string;
  name: string;
}

/** Milliseconds: a token is renewed so long before its end. */
const margin = 30_000;
/** Seconds a token lives where the answer does not say: Keycloak's shortest common default. */
const shortLife = 60;

const token = z
  .string()
  .min(1)
  .max(65_536)
  .regex(/^[\x21-\x7e]+$/);
const seconds = z.number().nonnegative().optional().catch(undefined);
const answer = z.object({
  access_token: token,
  expires_in: seconds,
  refresh_token: token.optional().catch(undefined),
  refresh_expires_in: seconds,
});

interface Held {
  token: string;
  /** On the clock, in milliseconds: when to get another one. */
  until: number;
}

/**
 * Tokens of one connection, in memory only. Who asks while one is under way waits for it. A refused user or client is not
 * tried again: the same error is thrown from then on. Throws the errors of `keycloak-refusals.ts`, and what `Http` throws.
 */
export function keycloak(options: KeycloakSignIn): Tokens {
  const { clock, clientId, clientSecret, user } = options;
  const asked: Asked = { provider: options.provider, name: options.name, doing: 'sign in', clock };
  let addresses = tokenAddresses(options.base, options.realm);
  let access: Held | undefined;
  let refresh: Held | undefined;
  let refused: SignInNeeded | undefined;
  let fetching: Promise<string> | undefined;

  const isGood = (held: Held | undefined): held is Held => held !== undefined && clock.now().getTime() < held.until;
  const heldFor = (text: string, life: number | undefined): Held => {
    const lives = (life ?? shortLife) * 1_000;
    // A token that lives hardly longer than the margin is used for half of its life.
    return { token: text, until: clock.now().getTime() + Math.max(lives - margin, lives / 2) };
  };

  /** The answer at the first address that has this realm, which is the only one from then on. */
  const post = async (form: URLSearchParams): Promise<Response> => {
    for (const address of addresses) {
      const response = await options.http.fetch(address, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
        redirect: 'manual',
      });
      if (response.status === 404) continue;
      addresses = [address];
      return response;
    }
    throw noSuchRealm(asked);
  };

  const ask = async (grant: Grant, fields: Readonly<Record<string, string>>): Promise<string> => {
    const client = { client_id: clientId, client_secret: clientSecret };
    const response = await post(new URLSearchParams({ grant_type: grant, ...client, ...fields }));
    if (response.status === 400 || response.status === 401) {
      throw problemOfRefusal(await readRefusal(response), grant, asked);
    }
    if (!response.ok) throw classify(response, asked);

    const given = await readJson(response, answer, asked);
    access = heldFor(given.access_token, given.expires_in);
    // Each refresh token is good once. 0 stands for one that does not end by itself.
    refresh =
      given.refresh_token === undefined
        ? undefined
        : heldFor(given.refresh_token, given.refresh_expires_in || Number.MAX_SAFE_INTEGER / 1_000_000);
    return given.access_token;
  };

  const logIn = async () => {
    if (refused !== undefined) throw refused;
    try {
      return await (user === undefined ? ask('client_credentials', {}) : ask('password', { ...user }));
    } catch (error) {
      if (error instanceof SignInNeeded) refused = error;
      throw error;
    }
  };

  const renew = async (): Promise<string> => {
    const last = refresh;
    refresh = undefined;
    if (!isGood(last)) return logIn();
    try {
      return await ask('refresh_token', { refresh_token: last.token });
    } catch (error) {
      // The session is over, or somebody ended it: a full log-in, once.
      if (error instanceof SignInNeeded) return logIn();
      throw error;
    }
  };

  return {
    token: async () => {
      if (isGood(access)) return access.token;

      fetching ??= renew().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    forget: (given) => {
      if (access?.token === given) access = undefined;
    },
  };
}
