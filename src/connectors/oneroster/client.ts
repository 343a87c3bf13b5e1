/** One SIS: signs every request, renews a refused token once, tries again what may pass, and classes the rest. */
import { clientCredentials, type Tokens } from '../kit/auth/client-credentials.ts';
import { type SignatureMethod, signRequest } from '../kit/auth/oauth1.ts';
import type { ConnectContext } from '../kit/contract.ts';
import { withRetries } from '../kit/retry.ts';
import { baseAddress } from './address.ts';
import { about, problemOf } from './problems.ts';
import { type OneRosterCredentials, type OneRosterSettings, scopesOf } from './settings.ts';

export interface OneRosterClient {
  settings: OneRosterSettings;
  /** Without a trailing slash. */
  base: string;
  /**
   * One GET, tried again where that may help, at most `attempts` times (the kit's default). Resolves with a success or
   * throws a `ProviderProblem` or the signal's reason. `doing` follows "cannot": "read classes".
   */
  get(url: string, doing: string, signal: AbortSignal, attempts?: number): Promise<Response>;
  /** Proves the credentials where that can be done without reading anything; signed requests have no such call. */
  signIn(): Promise<void>;
  /** What was found out once and holds for this connection. */
  remembered: { otherSchools?: ReadonlySet<string> };
}

export type OneRosterContext = ConnectContext<OneRosterSettings, OneRosterCredentials>;

/** Proves that a request is ours. */
interface Proof {
  header(url: string): Promise<string>;
  /** Told that this header was refused, it says whether another one is worth a try. */
  renew(refused: string): boolean;
  signIn(): Promise<void>;
}

/** Sends nothing yet. */
export function connect(context: OneRosterContext): OneRosterClient {
  const { settings, http, clock, sleep } = context;
  const proof = settings.tokenUrl === undefined ? signatures(context) : bearer(context, settings.tokenUrl);

  const attempt = async (url: string, doing: string, signal: AbortSignal): Promise<Response> => {
    const send = async (authorization: string) =>
      http.fetch(url, { headers: { accept: 'application/json', authorization }, signal });

    const first = await proof.header(url);
    let response = await send(first);
    if (response.status === 401 && proof.renew(first)) response = await send(await proof.header(url));
    if (response.ok) return response;
    throw await problemOf(response, doing, clock);
  };

  return {
    settings,
    base: baseAddress(settings.baseUrl, settings.version) ?? settings.baseUrl,
    get: (url, doing, signal, attempts) =>
      withRetries(() => attempt(url, doing, signal), { clock, signal, sleep, attempts }),
    signIn: () => proof.signIn(),
    remembered: {},
  };
}

/** OAuth 2 client credentials: all of 1.2, most of 1.1. */
function bearer({ settings, credentials, http, clock }: OneRosterContext, tokenUrl: string): Proof {
  const tokens: Tokens = clientCredentials({
    ...about,
    name: 'The SIS',
    http,
    clock,
    tokenUrl,
    ...credentials,
    scopes: scopesOf(settings),
  });

  return {
    header: async () => `Bearer ${await tokens.token()}`,
    renew: (refused) => {
      tokens.forget(refused.slice('Bearer '.length));
      return true;
    },
    signIn: async () => void (await tokens.token()),
  };
}

/** OAuth 1.0a: most servers want SHA-256, some know only SHA-1. What was refused gives way to the other. */
function signatures({ credentials, clock }: OneRosterContext): Proof {
  let method: SignatureMethod = 'HMAC-SHA256';

  return {
    header: async (url) =>
      signRequest('GET', new URL(url), {
        key: credentials.clientId,
        secret: credentials.clientSecret,
        method,
        now: clock.now(),
      }),
    renew: () => {
      method = method === 'HMAC-SHA256' ? 'HMAC-SHA1' : 'HMAC-SHA256';
      return true;
    },
    signIn: async () => undefined,
  };
}
