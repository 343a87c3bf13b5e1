/** The token endpoint: OAuth 2 client credentials (RFC 6749, section 4.4), and the tokens it has given out. */
import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../kit/clock.ts';
import type { Answer, SimulatorRequest } from '../kit/exchange.ts';
import type { OneRosterClient, TokenOptions, Version } from './options.ts';
import { type GrantedScope, readScope, type ScopeName, scopeUrl } from './scopes.ts';

/** Who asks, and what for. */
export interface Grant {
  client: OneRosterClient;
  scopes: readonly GrantedScope[];
}

export interface TokenDesk {
  /** Answers a token request. */
  answer: (request: SimulatorRequest) => Answer;
  /** What a bearer token stands for, as long as it is neither expired nor revoked. */
  grantOf: (token: string) => Grant | undefined;
  revokeAll: () => void;
}

const DEFAULT_SCOPES: readonly ScopeName[] = ['roster-core.readonly', 'roster.readonly'];

/** Everything a client may ever have. */
export function allScopes({ scopes = DEFAULT_SCOPES }: OneRosterClient, versions: readonly Version[]): GrantedScope[] {
  return versions.flatMap((version) => scopes.map((name) => ({ version, name })));
}

/** Opens the desk for these clients. */
export function openTokenDesk(
  clients: readonly OneRosterClient[],
  versions: readonly Version[],
  options: TokenOptions,
  clock: SimulatorClock,
): TokenDesk {
  const {
    lifetime = 3600,
    expiresIn = 'number',
    tellsScope = true,
    unknownScope = 'ignored',
    emptyScope = 'all',
  } = options;
  const given = new Map<string, Grant & { until: number }>();

  const scopesFor = (client: OneRosterClient, asked: string): GrantedScope[] | undefined => {
    const possible = allScopes(client, versions);
    if (asked.trim() === '') return emptyScope === 'all' ? possible : undefined;

    const urls = asked.trim().split(/\s+/u);
    const granted = possible.filter((scope) => urls.includes(scopeUrl(scope)));
    const foreign = urls.some((url) => !readScope(url) || !granted.some((scope) => scopeUrl(scope) === url));
    if (granted.length === 0 || (foreign && unknownScope === 'refused')) return undefined;
    return granted;
  };

  return {
    answer: (request) => {
      const form = request.body.kind === 'form' ? request.body.value : {};
      const client = identify(request, form, clients, options);
      if (!client) return refuse(401, 'invalid_client', { 'www-authenticate': 'Basic realm="OneRoster"' });
      if (form.grant_type !== 'client_credentials') return refuse(400, 'unsupported_grant_type');

      const scopes = scopesFor(client, form.scope ?? '');
      if (!scopes) return refuse(400, 'invalid_scope');

      const token = randomUUID();
      given.set(token, { client, scopes, until: clock.now().getTime() + lifetime * 1000 });
      return {
        status: 200,
        headers: { 'cache-control': 'no-store' },
        json: {
          access_token: token,
          token_type: 'bearer',
          ...(expiresIn !== 'absent' && { expires_in: expiresIn === 'string' ? String(lifetime) : lifetime }),
          ...(tellsScope && { scope: scopes.map(scopeUrl).join(' ') }),
        },
      };
    },
    grantOf: (token) => {
      const grant = given.get(token);
      return grant && grant.until > clock.now().getTime() ? grant : undefined;
    },
    revokeAll: () => given.clear(),
  };
}

function refuse(status: number, error: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...headers, 'cache-control': 'no-store' }, json: { error } };
}

function identify(
  { headers }: SimulatorRequest,
  form: Readonly<Record<string, string>>,
  clients: readonly OneRosterClient[],
  { credentialsIn = 'both', basicEncoding = 'form' }: TokenOptions,
): OneRosterClient | undefined {
  const known = (id: string | undefined, secret: string | undefined) =>
    clients.find((client) => client.kind !== 'oauth1' && client.id === id && client.secret === secret);

  const basic = /^Basic (\S+)$/iu.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return credentialsIn === 'basic' ? undefined : known(form.client_id, form.client_secret);
  if (credentialsIn === 'body') return undefined;

  const [id = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
  const secret = rest.join(':');
  const raw = basicEncoding === 'form' ? undefined : known(id, secret);
  return raw ?? (basicEncoding === 'raw' ? undefined : known(formDecoded(id), formDecoded(secret)));
}

function formDecoded(text: string): string | undefined {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? undefined;
}
