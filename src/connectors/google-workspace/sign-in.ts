/** Access tokens for the account we act as: asked for when needed, kept while good, one request at a time. */
import { sign } from 'node:crypto';
import { z } from 'zod';
import type { Tokens } from '../kit/auth/client-credentials.ts';
import type { ConnectContext } from '../kit/contract.ts';
import { notGoogle } from './errors.ts';
import {
  type GoogleCredentials,
  type GoogleSettings,
  googleTokenUrl,
  readMeans,
  type SignInMeans,
  scopes,
} from './settings.ts';
import { signInProblem } from './sign-in-errors.ts';

const grant = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive().catch(3_600),
});

const assertionSeconds = 3_600;
/** A token is renewed so long before its end; one that hardly lives longer is used for half of its life. */
const spareSeconds = 60;

/** Signs in for one connection. Nothing is sent before the first token is asked for. */
export function createSignIn(context: ConnectContext<GoogleSettings, GoogleCredentials>): Tokens {
  const { http, clock, signal, settings } = context;
  const means = readMeans(context.credentials);
  let kept: { token: string; until: number } | undefined;
  let underWay: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    const response = await http.fetch(settings.tokenUrl, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams(grantForm(means, clock.now())),
      signal,
    });
    const { status, headers } = response;
    const data = readJson(await response.text());
    if (status !== 200) throw signInProblem({ status, headers, data }, { doing: 'sign in to Google', clock });

    const given = grant.safeParse(data);
    if (!given.success) throw notGoogle({ status });
    const { access_token: token, expires_in: seconds } = given.data;
    kept = { token, until: clock.now().getTime() + Math.max(seconds - spareSeconds, seconds / 2) * 1_000 };
    return token;
  };

  return {
    token: async () => {
      if (kept !== undefined && clock.now().getTime() < kept.until) return kept.token;
      underWay ??= ask().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    forget: (token) => {
      if (kept?.token === token) kept = undefined;
    },
  };
}

function grantForm(means: SignInMeans, now: Date): Record<string, string> {
  if (means.kind === 'serviceAccount') {
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertionOf(means, now) };
  }
  const { clientId, clientSecret, refreshToken } = means;
  return { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken };
}

/** The signed request of a service account to act as an administrator ("Using OAuth 2.0 for Server to Server Applications"). */
function assertionOf({ key, adminEmail }: SignInMeans & { kind: 'serviceAccount' }, now: Date): string {
  const issuedAt = Math.floor(now.getTime() / 1_000);
  const header = { alg: 'RS256', typ: 'JWT', ...(key.private_key_id !== undefined && { kid: key.private_key_id }) };
  const claims = {
    iss: key.client_email,
    sub: adminEmail,
    scope: scopes.join(' '),
    aud: googleTokenUrl,
    iat: issuedAt,
    exp: issuedAt + assertionSeconds,
  };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key.private_key).toString('base64url')}`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
