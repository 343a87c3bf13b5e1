/** What Keycloak's refusals mean, and what happens next. Nothing of an answer but its error's name is told. */
import { z } from 'zod';
import type { Asked } from '../classify.ts';
import { type ProblemFacts, type ProviderProblem, SetupProblem, SignInNeeded, UnexpectedShape } from '../errors.ts';
import { oauthError } from './oauth-errors.ts';

export type Grant = 'password' | 'client_credentials' | 'refresh_token';

export interface Refusal {
  status: number;
  /** OAuth's name of the error; null when the answer has none that we know. */
  error: string | null;
  /** Keycloak's sentence, only ever compared. */
  description: string;
}

const body = z.object({
  error: oauthError.nullable().catch(null),
  error_description: z.string().catch(''),
});

export async function readRefusal(response: Response): Promise<Refusal> {
  const text = await response.text();
  const { error, error_description: description } = body
    .catch({ error: null, error_description: '' })
    .parse(json(text));

  return { status: response.status, error, description };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

type Kind = 'setup' | 'sign-in' | 'ours';

interface Row {
  fits(refusal: Refusal, grant: Grant): boolean;
  kind: Kind;
  code: string;
  message(name: string): string;
  remedy: string;
}

/** The first row that fits decides. */
const rows: readonly Row[] = [
  {
    fits: ({ error, description }) => error === 'invalid_grant' && /not fully set up/i.test(description),
    kind: 'sign-in',
    code: 'account_unfinished',
    message: (name) => `The account that signs in to ${name} has something left to do there, such as a new password.`,
    remedy: 'Sign in with it once in a browser, do what is asked, and enter its password here again.',
  },
  {
    fits: ({ error, description }) => error === 'invalid_grant' && /disabled/i.test(description),
    kind: 'sign-in',
    code: 'account_disabled',
    message: (name) => `The account that signs in to ${name} is disabled.`,
    remedy: 'Have it enabled, or enter another one.',
  },
  {
    fits: ({ error }, grant) => error === 'invalid_grant' && grant === 'password',
    kind: 'sign-in',
    code: 'password_refused',
    message: (name) => `${name} does not accept the user name and password.`,
    remedy: 'Enter both again. Homeroom does not try them once more by itself, so that the account is not locked.',
  },
  {
    fits: ({ description }) => /direct access grants/i.test(description),
    kind: 'setup',
    code: 'direct_access_off',
    message: (name) => `The sign-in of ${name} does not let this client sign in with a password.`,
    remedy: 'Turn on “Direct access grants” for this client in Keycloak.',
  },
  {
    fits: ({ description }) => /service account/i.test(description),
    kind: 'setup',
    code: 'service_account_off',
    message: (name) => `The sign-in of ${name} does not let this client sign in without a user.`,
    remedy: 'Turn on “Service accounts” for this client in Keycloak, or enter a user name and a password.',
  },
  {
    fits: ({ description }) => /user consent/i.test(description),
    kind: 'setup',
    code: 'consent_required',
    message: (name) => `The sign-in of ${name} wants a person to consent, which nobody can do here.`,
    remedy: 'Turn off “Consent required” for this client in Keycloak.',
  },
  {
    fits: ({ description, error }) => /missing.*client_id/i.test(description) || error === 'unsupported_grant_type',
    kind: 'ours',
    code: 'sign_in_not_understood',
    message: (name) => `The sign-in of ${name} does not understand how Homeroom asks.`,
    remedy: 'Check that the address is that of a Keycloak; if it is, tell the makers of Homeroom.',
  },
  {
    fits: ({ error }) => error === 'unauthorized_client' || error === 'invalid_client',
    kind: 'sign-in',
    code: 'client_refused',
    message: (name) => `The sign-in of ${name} does not accept the client id and secret.`,
    remedy: 'Enter both again, without spaces around them, or ask for new ones.',
  },
  {
    fits: () => true,
    kind: 'sign-in',
    code: 'sign_in_refused',
    message: (name) => `The sign-in of ${name} was refused.`,
    remedy: 'Enter the credentials again; if they are right, ask those who run the sign-in.',
  },
];

const classes = { setup: SetupProblem, 'sign-in': SignInNeeded, ours: UnexpectedShape } as const;

/** The error for a token request that was refused with 400 or 401. */
export function problemOfRefusal(refusal: Refusal, grant: Grant, { provider, name }: Asked): ProviderProblem {
  const row = rows.find((each) => each.fits(refusal, grant));
  if (!row) throw new Error('The last row fits everything.');
  const facts: ProblemFacts = {
    code: `${provider}_${row.code}`,
    message: row.message(name),
    remedy: row.remedy,
    details: { status: refusal.status, reason: refusal.error },
  };

  return new classes[row.kind](facts);
}

/** There is no such realm under any address. */
export function noSuchRealm({ provider, name }: Asked): SetupProblem {
  return new SetupProblem({
    code: `${provider}_realm_unknown`,
    message: `There is no sign-in of ${name} at this address, or it has no such realm.`,
    remedy: 'Check both: in the address of the log-in page the realm stands right behind /realms/.',
    details: { status: 404 },
  });
}
