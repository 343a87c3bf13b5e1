// The OAuth endpoints: tokens for service accounts and for refresh tokens, revoking, and looking at a token.
import type { Answer, SimulatorRequest } from '../../kit/exchange.ts';
import type { Route } from '../../kit/routes.ts';
import type { World } from '../world.ts';
import { checkAssertion } from './assertion.ts';
import { oauthRefusal } from './refusals.ts';
import type { ServiceAccount } from './service-account.ts';
import { ACCESS_TOKEN_SECONDS, type AccessToken, type Tokens } from './tokens.ts';

/** An OAuth client of the kind "web application". */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** By default the client id itself. */
  readonly project?: string | undefined;
}

interface OAuthParts {
  readonly world: World;
  readonly tokens: Tokens;
  /** By client e-mail. */
  readonly accounts: ReadonlyMap<string, ServiceAccount>;
  /** By client id. */
  readonly clients: ReadonlyMap<string, OAuthClient>;
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The OAuth routes; none of them counts as a write. */
export function oauthRoutes(parts: OAuthParts): Route[] {
  const { tokens } = parts;

  const lookAt = (request: SimulatorRequest): Answer => {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const given = tokens.findAccess(parameter(request, 'access_token') ?? bearer ?? '');
    if (given === undefined) throw oauthRefusal(400, 'invalid_token', 'Invalid Value');

    const expiresIn = Math.floor((given.expiresAt.getTime() - request.at.getTime()) / 1_000);
    return {
      status: 200,
      json: {
        azp: given.clientId,
        aud: given.clientId,
        scope: given.scopes.join(' '),
        exp: String(Math.floor(given.expiresAt.getTime() / 1_000)),
        expires_in: expiresIn,
        access_type: given.refreshToken === undefined ? 'online' : 'offline',
        ...(given.user && { sub: given.user.id, email: given.user.primaryEmail, email_verified: 'true' }),
      },
    };
  };

  const revoke = (request: SimulatorRequest): Answer => {
    if (tokens.revoke(parameter(request, 'token') ?? '')) return { status: 200, json: {} };
    throw oauthRefusal(400, 'invalid_token', 'Token expired or revoked');
  };

  return [
    {
      name: 'oauth.token',
      method: 'POST',
      path: '/token',
      writes: false,
      handler: (request) => giveToken(parts, request),
    },
    { name: 'oauth.revoke', method: 'POST', path: '/revoke', writes: false, handler: revoke },
    { name: 'oauth.tokeninfo', method: 'GET', path: '/tokeninfo', writes: false, handler: lookAt },
    { name: 'oauth.tokeninfo', method: 'POST', path: '/tokeninfo', writes: false, handler: lookAt },
    { name: 'oauth.tokeninfo', method: 'POST', path: '/oauth2/v2/tokeninfo', writes: false, handler: lookAt },
  ];
}

function giveToken({ world, tokens, accounts, clients }: OAuthParts, request: SimulatorRequest): Answer {
  switch (parameter(request, 'grant_type')) {
    case JWT_BEARER: {
      const grant = checkAssertion(parameter(request, 'assertion') ?? '', { world, accounts, request });
      return tokenAnswer(tokens.issue(grant), {});
    }
    case 'refresh_token': {
      const { clientId, clientSecret } = clientOf(request);
      if (clients.get(clientId)?.clientSecret !== clientSecret) {
        throw oauthRefusal(401, 'invalid_client', 'The OAuth client was not found.');
      }

      const refreshToken = parameter(request, 'refresh_token') ?? '';
      const grant = tokens.findRefresh(refreshToken);
      const lives = grant?.user === undefined || (!grant.user.suspended && grant.user.deletedAt === undefined);
      if (grant === undefined || grant.clientId !== clientId || !lives) {
        throw oauthRefusal(400, 'invalid_grant', 'Token has been expired or revoked.');
      }
      return tokenAnswer(tokens.issue(grant, refreshToken), { scope: grant.scopes.join(' ') });
    }
    default:
      throw oauthRefusal(
        400,
        'unsupported_grant_type',
        `Invalid grant_type: ${parameter(request, 'grant_type') ?? ''}`,
      );
  }
}

function tokenAnswer({ token }: AccessToken, more: object): Answer {
  return {
    status: 200,
    headers: { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate' },
    json: { access_token: token, expires_in: ACCESS_TOKEN_SECONDS, token_type: 'Bearer', ...more },
  };
}

/** The client's name and secret, from the body or from a Basic header. */
function clientOf(request: SimulatorRequest): { clientId: string; clientSecret: string } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (basic === undefined) {
    return {
      clientId: parameter(request, 'client_id') ?? '',
      clientSecret: parameter(request, 'client_secret') ?? '',
    };
  }
  const [clientId = '', clientSecret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  return { clientId: decodeURIComponent(clientId), clientSecret: decodeURIComponent(clientSecret) };
}

/** A parameter of the form, of a JSON body or of the query. */
function parameter({ body, query }: SimulatorRequest, name: string): string | undefined {
  if (body.kind === 'form') return body.value[name] ?? query.get(name) ?? undefined;
  if (body.kind === 'json' && typeof body.value === 'object' && body.value !== null) {
    const value: unknown = Reflect.get(body.value, name);
    if (typeof value === 'string') return value;
  }
  return query.get(name) ?? undefined;
}
