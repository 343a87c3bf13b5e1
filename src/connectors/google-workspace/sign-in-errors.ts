/** What the token endpoint's refusals mean. */
import { z } from 'zod';
import { NotPermitted, type ProviderProblem, SetupProblem, SignInNeeded } from '../kit/errors.ts';
import { type Answer, type Asked, problemOfAnswer } from './errors.ts';

const oauthError = z.object({ error: z.string() });

/** The problem behind an answer of the token endpoint outside 2xx ("Using OAuth 2.0 to Access Google APIs"). */
export function signInProblem(answer: Answer, asked: Asked): ProviderProblem {
  const { status } = answer;
  const error = oauthError.safeParse(answer.data).data?.error;
  if (error === undefined || status === 429 || status >= 500) return problemOfAnswer(answer, asked);

  const details = { status, reason: /^\w{1,64}$/.test(error) ? error : null };
  switch (error) {
    case 'invalid_grant':
      return new SignInNeeded({
        code: 'google_invalid_grant',
        message:
          'Google no longer accepts the sign-in: it was revoked, has expired, or the account is suspended or gone.',
        remedy: 'Check the administrator’s account and the clock of this server, then connect Google Workspace again.',
        details,
      });
    case 'unauthorized_client':
      return new SignInNeeded({
        code: 'google_unauthorized_client',
        message: 'The domain has not authorised our service account for all the scopes we need.',
        remedy:
          'In the Google Admin console, under domain-wide delegation, authorise its client id for every scope listed.',
        details,
      });
    case 'invalid_client':
      return new SignInNeeded({
        code: 'google_invalid_client',
        message: 'Google does not know the OAuth client, or its secret is wrong.',
        remedy: 'Check the client id and the client secret in the Google Cloud console, then connect again.',
        details,
      });
    case 'access_denied':
    case 'admin_policy_enforced':
    case 'org_internal':
      return new NotPermitted({
        code: 'google_access_denied',
        message: 'A policy of the domain does not let our application in.',
        remedy: 'In the Google Admin console, under API controls, trust the application.',
        details,
      });
    default:
      return new SetupProblem({
        code: 'google_token_refused',
        message: 'Google refused to give an access token.',
        remedy: 'Check the token address in the settings and the credentials.',
        details,
      });
  }
}
