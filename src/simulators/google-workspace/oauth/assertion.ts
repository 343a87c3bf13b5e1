// Checks the signed request of a service account that wants to act as a person (OAuth 2.0 for service accounts).
import { verify } from 'node:crypto';
import { z } from 'zod';
import type { SimulatorRequest } from '../../kit/exchange.ts';
import { findUser } from '../people.ts';
import type { World } from '../world.ts';
import { oauthRefusal } from './refusals.ts';
import { projectOf, type ServiceAccount } from './service-account.ts';
import type { Grant } from './tokens.ts';

const header = z.object({ alg: z.literal('RS256') });
const claims = z.object({
  iss: z.string(),
  sub: z.string().optional(),
  scope: z.string(),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
});

const CLOCK_SKEW_SECONDS = 300;
const LONGEST_SECONDS = 3_600;

/** The grant that an assertion asks for. Throws Google's refusal when anything about it is wrong. */
export function checkAssertion(
  assertion: string,
  about: { world: World; accounts: ReadonlyMap<string, ServiceAccount>; request: SimulatorRequest },
): Grant {
  const { world, accounts, request } = about;
  const [head = '', body = '', signature = '', ...more] = assertion.split('.');
  const parsedHeader = header.safeParse(decodePart(head));
  const parsed = claims.safeParse(decodePart(body));
  if (more.length > 0 || !parsedHeader.success || !parsed.success) {
    throw oauthRefusal(400, 'invalid_grant', 'Bad Request');
  }

  const { iss, sub, scope, aud, iat, exp } = parsed.data;
  const account = accounts.get(iss);
  if (account === undefined) throw oauthRefusal(400, 'invalid_grant', 'Invalid grant: account not found');

  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('RSA-SHA256', signed, account.publicKey, Buffer.from(signature, 'base64url'))) {
    throw oauthRefusal(400, 'invalid_grant', 'Invalid JWT Signature.');
  }
  if (aud !== 'https://oauth2.googleapis.com/token' && aud !== `${request.origin}/token`) {
    throw oauthRefusal(
      400,
      'invalid_grant',
      "Invalid JWT: Failed audience check. The right audience is 'https://oauth2.googleapis.com/token'.",
    );
  }

  const now = request.at.getTime() / 1_000;
  if (exp < now || iat > now + CLOCK_SKEW_SECONDS || exp > iat + LONGEST_SECONDS || iat < now - LONGEST_SECONDS) {
    throw oauthRefusal(
      400,
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. ' +
        'Check your iat and exp values in the JWT claim.',
    );
  }

  const scopes = scope.split(' ').filter((part) => part !== '');
  if (scopes.length === 0) throw oauthRefusal(400, 'invalid_scope', 'Empty or missing scope not allowed.');

  const grant = { scopes, project: projectOf(account), clientId: iss };
  if (sub === undefined) return { ...grant, user: undefined };

  const user = findUser(world, sub);
  if (user === undefined || user.suspended) throw oauthRefusal(400, 'invalid_grant', 'Invalid email or User ID');

  // One scope that is not authorised fails the whole request.
  const inDomain = account.domains?.includes(user.domain.name) ?? true;
  if (!inDomain || scopes.some((wanted) => !account.scopes.includes(wanted))) {
    throw oauthRefusal(
      401,
      'unauthorized_client',
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the ' +
        'scopes requested.',
    );
  }
  return { ...grant, user };
}

function decodePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
