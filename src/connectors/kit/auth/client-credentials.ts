/** OAuth 2 client credentials (RFC 6749, section 4.4): gets a token, keeps it while it is good, renews it once when refused. */
import { z } from 'zod';
import type { Clock } from '../../../model/clock.ts';
import { type Asked, classify } from '../classify.ts';
import type { Http } from '../contract.ts';
import { SetupProblem, SignInNeeded } from '../errors.ts';
import { redirectTarget } from '../http.ts';
import { readJson } from '../read-json.ts';
import { oauthError } from './oauth-errors.ts';

export interface Tokens {
  /** An access token that is good for at least a minute more. Callers at the same time share one request. */
  token(): Promise<string>;
  /** To be told that a token was refused: the next `token` is another one. */
  forget(refused: string): void;
}

export interface ClientCredentials {
  http: Http;
  clock: Clock;
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  /** Scopes to ask for, in this order: the next one only when the server refuses the one before. '' asks for none. */
  scopes: readonly string[];
  /** The connector's id and the provider's name, for messages. */
  provider: string;
  name: string;
}

/** Milliseconds: a token is renewed so long before its end, and lives so long when the server does not say how long. */
const margin = 60_000;
const shortLife = 600_000;

const answer = z.object({
  access_token: z
    .string()
    .min(1)
    .max(16_384)
    .regex(/^[\x21-\x7e]+$/),
  /** Some servers send a text, some nothing. */
  expires_in: z
    .union([z.number(), z.string().transform(Number)])
    .optional()
    .catch(undefined),
});

/** Only these words are taken from an error, for what else is in it we do not know. */
const refusal = z.object({ error: oauthError });

/** One way to hand over id and secret. */
type Way = (id: string, secret: string) => { authorization?: string; body: Record<string, string> };

/** The RFC asks for form encoding inside Basic, many servers read it as it is, some look into the body only. */
const ways: readonly Way[] = [
  (id, secret) => ({ authorization: basic(formEncode(id), formEncode(secret)), body: {} }),
  (id, secret) => ({ authorization: basic(id, secret), body: {} }),
  (id, secret) => ({ body: { client_id: id, client_secret: secret } }),
];

/**
 * Throws `SignInNeeded` when id and secret are refused in every way, `SetupProblem` when the scope is refused or the address
 * gives no tokens, and what `Http` throws. What the server took once is tried first from then on.
 */
export function clientCredentials(options: ClientCredentials): Tokens {
  const { clock, clientId, clientSecret } = options;
  const encodingMatters = formEncode(clientId) !== clientId || formEncode(clientSecret) !== clientSecret;
  let tries = ways
    .filter((_, place) => place !== 1 || encodingMatters)
    .flatMap((way) => options.scopes.map((scope) => ({ way, scope })));
  /** `until`: when to get another one. */
  let current: { token: string; until: number } | undefined;
  let fetching: Promise<string> | undefined;

  const fetchToken = async (): Promise<string> => {
    const refusedScopes = new Set<string>();
    const refusedWays = new Set<Way>();
    let status: number | null = null;
    let reason: string | undefined;
    for (const attempt of tries) {
      // Who knows us and refuses the scope refuses it in every way of asking; who does not know us does so for any scope.
      if (refusedScopes.has(attempt.scope) || refusedWays.has(attempt.way)) continue;
      const response = await askForToken(options, attempt);
      if (response.ok) {
        const { access_token: token, expires_in: life } = await readJson(response, answer, askedOf(options));
        const lives = life !== undefined && life > 0 ? life * 1_000 : shortLife;
        // A token that lives hardly longer than the margin is used for half of its life.
        current = { token, until: clock.now().getTime() + Math.max(lives - margin, lives / 2) };
        tries = [attempt, ...tries.filter((other) => other !== attempt)];
        return token;
      }
      if (response.status !== 400 && response.status !== 401) throw problemOf(response, options);
      status = response.status;
      reason = await readReason(response);
      if (reason === 'invalid_scope') refusedScopes.add(attempt.scope);
      else if (status === 401) refusedWays.add(attempt.way);
    }
    throw refused(reason, status);
  };

  const refused = (reason: string | undefined, status: number | null) => {
    const details = { status, reason: reason ?? null };
    if (reason === 'invalid_scope') {
      return new SetupProblem({
        code: `${options.provider}_scope_refused`,
        message: `${options.name} refuses the scope we ask for.`,
        remedy: 'Ask the provider which scopes this client may use and enter them in the settings.',
        details,
      });
    }
    return new SignInNeeded({
      code: `${options.provider}_credentials_refused`,
      message: `${options.name} does not accept the client id and secret.`,
      remedy: 'Enter both again, without spaces around them, or ask the provider for new ones.',
      details,
    });
  };

  return {
    token: async () => {
      if (current !== undefined && clock.now().getTime() < current.until) return current.token;

      fetching ??= fetchToken().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    forget: (token) => {
      if (current?.token === token) current = undefined;
    },
  };
}

function askForToken(options: ClientCredentials, { way, scope }: { way: Way; scope: string }): Promise<Response> {
  const { authorization, body } = way(options.clientId, options.clientSecret);
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...body });
  if (scope !== '') form.set('scope', scope);

  return options.http.fetch(options.tokenUrl, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { authorization }),
    },
    // A space as %20: a form reads both, and some servers only this.
    body: form.toString().replaceAll('+', '%20'),
    redirect: 'manual',
  });
}

function problemOf(response: Response, options: ClientCredentials): Error {
  const target = redirectTarget(response, options.tokenUrl);
  if (response.status >= 300 && response.status < 400) {
    return new SetupProblem({
      code: `${options.provider}_token_address_moved`,
      message: 'The token address sends us on to another one, where we do not take the credentials.',
      remedy:
        target === undefined
          ? 'Ask the provider for the final token address and enter that one.'
          : `Enter the final token address. It may be ${target}, if that belongs to the provider.`,
      details: { status: response.status },
    });
  }
  if (response.status === 404 || response.status === 405) {
    return new SetupProblem({
      code: `${options.provider}_token_address_wrong`,
      message: `${options.name} gives out no tokens at the token address.`,
      remedy: 'Check the token address: it is usually another one than the base address.',
      details: { status: response.status },
    });
  }
  return classify(response, askedOf(options));
}

function askedOf({ provider, name, clock }: ClientCredentials): Asked {
  return { provider, name, clock, doing: 'sign in' };
}

async function readReason(response: Response): Promise<string | undefined> {
  try {
    return refusal.safeParse(await response.json()).data?.error;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function basic(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

/** As a form encodes a value, RFC 6749, appendix B. */
function formEncode(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2);
}
