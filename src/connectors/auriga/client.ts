/** One Auriga: every call with a token, a refused one renewed once, what may pass tried again, and the rest classed. */
import type { z } from 'zod';
import type { Tokens } from '../kit/auth/client-credentials.ts';
import { keycloak } from '../kit/auth/keycloak.ts';
import { classify } from '../kit/classify.ts';
import type { ConnectContext } from '../kit/contract.ts';
import type { ProblemFacts, ProviderProblem } from '../kit/errors.ts';
import { readJson } from '../kit/read-json.ts';
import { withRetries } from '../kit/retry.ts';
import type { Groups } from './read-groups.ts';
import type { Interventions } from './read-interventions.ts';
import type { AurigaCredentials, AurigaSettings } from './settings.ts';

export interface AurigaClient {
  settings: AurigaSettings;
  /**
   * Asks with an empty body, as Auriga's grids are asked, tried again where that may help. `path` begins with a slash.
   * Throws a `ProviderProblem` or the signal's reason.
   */
  post<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal, about: Question): Promise<T>;
  /** Proves the credentials without reading anything. */
  signIn(): Promise<void>;
  /** What one run has read: several streams come out of one favourite. */
  read: { interventions?: Promise<Interventions> | undefined; groups?: Promise<Groups | null> | undefined };
}

interface Question {
  /** Follows "cannot". */
  doing: string;
  /** The kit's default when absent. */
  attempts?: number | undefined;
  notFound?: (facts: ProblemFacts) => ProviderProblem;
}

export type AurigaContext = ConnectContext<AurigaSettings, AurigaCredentials>;

const about = { provider: 'auriga', name: 'Auriga' };

/** Sends nothing yet. */
export function connect(context: AurigaContext): AurigaClient {
  const { settings, http, clock, sleep } = context;
  const tokens = tokensFor(context);

  const send = async (path: string, token: string, signal: AbortSignal) =>
    http.fetch(`${settings.url}${path}`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{}',
      signal,
      redirect: 'manual',
    });

  const attempt = async <T>(path: string, shape: z.ZodType<T>, signal: AbortSignal, question: Question) => {
    const first = await tokens.token();
    let response = await send(path, first, signal);
    if (isSignedOut(response)) {
      tokens.forget(first);
      response = await send(path, await tokens.token(), signal);
    }
    const { doing, notFound } = question;
    if (!response.ok) throw classify(response, { ...about, clock, doing, notFound });

    return readJson(response, shape, { ...about, doing });
  };

  return {
    settings,
    post: (path, shape, signal, question) =>
      withRetries(() => attempt(path, shape, signal, question), { clock, signal, sleep, attempts: question.attempts }),
    signIn: async () => void (await tokens.token()),
    read: {},
  };
}

function tokensFor({ settings, credentials, http, clock }: AurigaContext): Tokens {
  const { username, password = '', clientId, clientSecret } = credentials;
  const user = username === undefined ? undefined : { username, password };

  return keycloak({
    ...about,
    http,
    clock,
    base: settings.keycloakUrl,
    realm: settings.realm,
    clientId,
    clientSecret,
    user,
  });
}

/** A session that is over may also answer 200 with the log-in page, or lead there. */
function isSignedOut(response: Response): boolean {
  const isPage = response.ok && /^text\/html/i.test(response.headers.get('content-type') ?? '');

  return response.status === 401 || response.status === 302 || isPage;
}
