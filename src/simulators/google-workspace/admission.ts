// Who may come in: a good token, a quota that is not used up, one of the method's scopes.
import { type Answer, Refusal, type SimulatorRequest } from '../kit/exchange.ts';
import { type Api, classroomRefusal, NO_PERMISSION, newShape, oldShape } from './errors.ts';
import type { Tokens } from './oauth/tokens.ts';
import { apiOf } from './provider-faults.ts';
import type { QuotaCounters } from './quota.ts';
import type { User } from './world.ts';

const SCOPE_PREFIX = 'https://www.googleapis.com/auth/';

export interface Caller {
  readonly user: User;
  /** Without the common prefix. */
  readonly scopes: ReadonlySet<string>;
  /** The developer project that calls. */
  readonly project: string;
}

export interface Gate {
  readonly tokens: Tokens;
  readonly quota: QuotaCounters;
}

interface Wanted {
  readonly id: string;
  readonly path: string;
  readonly scopes: readonly string[];
}

/** The caller of a method. Throws Google's refusal when there is none, or none that may call it now. */
export function admit(method: Wanted, { tokens, quota }: Gate, request: SimulatorRequest): Caller {
  const api = apiOf(method.path);
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const token = tokens.findAccess(bearer ?? '');
  if (token === undefined) throw new Refusal(unauthenticated(bearer !== undefined));

  const { user, project } = token;
  if (user === undefined) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  if (user.deletedAt !== undefined || user.suspended) throw new Refusal(unauthenticated(true));
  if (!quota.admit(api, user.id, project)) throw new Refusal(overQuota(api));

  const scopes = new Set(token.scopes.map((scope) => scope.replace(SCOPE_PREFIX, '')));
  if (!method.scopes.some((scope) => scopes.has(scope))) throw new Refusal(insufficientScope(method, api));
  return { user, scopes, project };
}

function unauthenticated(withToken: boolean): Answer {
  const message = withToken
    ? 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
      'authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'
    : 'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other ' +
      'valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.';
  return {
    ...newShape('UNAUTHENTICATED', message),
    headers: { 'www-authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  };
}

function insufficientScope(method: Wanted, api: Api): Answer {
  const service = api === 'classroom' ? 'classroom.googleapis.com' : 'admin.googleapis.com';
  const wanted = method.scopes.map((scope) => SCOPE_PREFIX + scope).join(' ');
  return {
    ...newShape('PERMISSION_DENIED', 'Request had insufficient authentication scopes.', {
      reason: 'insufficientPermissions',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT',
          domain: 'googleapis.com',
          metadata: { service, method: method.id },
        },
      ],
    }),
    headers: {
      'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${wanted}"`,
    },
  };
}

function overQuota(api: Api): Answer {
  if (api === 'directory') return oldShape(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded', 'usageLimits');
  return newShape(
    'RESOURCE_EXHAUSTED',
    "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service 'classroom.googleapis.com'.",
    {
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'RATE_LIMIT_EXCEEDED',
          domain: 'googleapis.com',
          metadata: { service: 'classroom.googleapis.com' },
        },
      ],
    },
  );
}
