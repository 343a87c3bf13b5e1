/** A Keycloak on loopback: one realm that gives out tokens, under `/auth` as up to version 16 or without as since 17. */
import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from '../kit/clock.ts';
import { type Answer, Refusal, type SimulatorRequest } from '../kit/exchange.ts';
import type { Route } from '../kit/routes.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';

export interface KeycloakClient {
  id: string;
  secret: string;
  /** What an administrator may switch, Keycloak's defaults being as given here. */
  directAccess?: boolean;
  serviceAccount?: boolean;
  consentRequired?: boolean;
}

export interface KeycloakUser {
  username: string;
  password: string;
  /** A required action is pending, such as a new password. */
  unfinished?: boolean;
  disabled?: boolean;
}

export interface KeycloakOptions {
  realm: string;
  clients: readonly KeycloakClient[];
  users: readonly KeycloakUser[];
  /** Under which paths it answers; all others are 404. Default `['']`, that of version 17 and later. */
  prefixes?: readonly ('' | '/auth')[];
  /** Seconds. */
  accessLife?: number;
  refreshLife?: number;
  /** Wrong passwords in a row until the account is locked, where brute force detection is on. */
  mostFailures?: number;
  clock?: SimulatorClock;
  port?: number;
}

export interface KeycloakSimulator extends Simulator {
  /** Its base with each prefix it answers under. */
  bases: readonly string[];
  /** Whether a bearer token is one of ours and still good. */
  admits(token: string): boolean;
  /** Ends all sessions: no access or refresh token is good any more. */
  endSessions(): void;
  /** Access tokens end; their sessions go on. */
  expireAccess(): void;
  setPassword(username: string, password: string): void;
}

interface Refreshing {
  client: string;
  until: number;
}

export async function startKeycloakSimulator(options: KeycloakOptions): Promise<KeycloakSimulator> {
  const {
    realm,
    prefixes = [''],
    accessLife = 300,
    refreshLife = 1_800,
    mostFailures = Number.POSITIVE_INFINITY,
  } = options;
  const users = new Map(options.users.map((user) => [user.username, { ...user, failures: 0 }]));
  const access = new Map<string, number>();
  const refreshing = new Map<string, Refreshing>();
  const now = () => simulator.clock.now().getTime();

  const clientOf = (form: Form): KeycloakClient => {
    if (form.client_id === undefined) refuse(400, 'invalid_client', 'Missing client_id parameter');
    const client = options.clients.find(({ id, secret }) => id === form.client_id && secret === form.client_secret);

    return client ?? refuse(401, 'unauthorized_client', 'Invalid client or Invalid client credentials');
  };

  const checkUser = (form: Form, client: KeycloakClient) => {
    if (client.directAccess === false) {
      refuse(400, 'unauthorized_client', 'Client not allowed for direct access grants');
    }
    if (client.consentRequired) refuse(400, 'invalid_client', 'Client requires user consent');
    const user = users.get(form.username ?? '');
    if (!user || user.password !== form.password || user.failures >= mostFailures) {
      if (user) user.failures += 1;
      return refuse(401, 'invalid_grant', 'Invalid user credentials');
    }
    if (user.disabled) refuse(400, 'invalid_grant', 'Account disabled');
    if (user.unfinished) refuse(400, 'invalid_grant', 'Account is not fully set up');
    user.failures = 0;
  };

  const give = (client: KeycloakClient, withRefresh: boolean): Answer => {
    const [token, refresh] = [randomUUID(), randomUUID()];
    access.set(token, now() + accessLife * 1_000);
    if (withRefresh) refreshing.set(refresh, { client: client.id, until: now() + refreshLife * 1_000 });

    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      json: {
        access_token: token,
        expires_in: accessLife,
        refresh_expires_in: withRefresh ? refreshLife : 0,
        ...(withRefresh && { refresh_token: refresh, session_state: randomUUID() }),
        token_type: 'Bearer',
        'not-before-policy': 0,
        scope: 'email profile',
      },
    };
  };

  /** A refresh token is good once: the next one comes with the answer. */
  const useRefresh = (form: Form, client: KeycloakClient) => {
    const held = refreshing.get(form.refresh_token ?? '');
    refreshing.delete(form.refresh_token ?? '');
    if (!held || held.client !== client.id) refuse(400, 'invalid_grant', 'Session not active');
    if (held.until <= now()) refuse(400, 'invalid_grant', 'Token is not active');
  };

  const token = (request: SimulatorRequest): Answer => {
    if (request.params.realm !== realm) return { status: 404, json: { error: 'Realm does not exist' } };
    const form: Form = request.body.kind === 'form' ? request.body.value : {};
    const client = clientOf(form);
    switch (form.grant_type) {
      case 'password':
        checkUser(form, client);
        return give(client, true);
      case 'client_credentials':
        if (!client.serviceAccount) {
          refuse(401, 'unauthorized_client', 'Client not enabled to retrieve service account');
        }
        return give(client, false);
      case 'refresh_token':
        useRefresh(form, client);
        return give(client, true);
      default:
        return refuse(400, 'unsupported_grant_type', 'Unsupported grant_type');
    }
  };

  const routes = prefixes.map(
    (prefix): Route => ({
      name: prefix === '' ? 'token' : 'tokenUnderAuth',
      method: 'POST',
      path: `${prefix}/realms/{realm}/protocol/openid-connect/token`,
      handler: token,
      writes: false,
    }),
  );
  const simulator: Simulator = await startSimulator({
    name: 'Keycloak',
    routes,
    ...(options.clock && { clock: options.clock }),
    ...(options.port !== undefined && { port: options.port }),
    unknownRoute: () => ({ status: 404, json: { error: 'RESTEASY003210: Could not find resource' } }),
    statusAnswer: (status) => ({ status, json: { error: 'unknown_error' } }),
    providerAnswers: {
      'missing-client': () => ({
        status: 400,
        json: { error: 'invalid_client', error_description: 'Missing client_id parameter' },
      }),
    },
  });

  return {
    ...simulator,
    bases: prefixes.map((prefix) => `${simulator.origin}${prefix}`),
    admits: (given) => (access.get(given) ?? 0) > now(),
    endSessions: () => {
      access.clear();
      refreshing.clear();
    },
    expireAccess: () => access.clear(),
    setPassword: (username, password) => {
      const user = users.get(username);
      if (!user) throw new RangeError(`There is no user ${username}`);
      user.password = password;
    },
  };
}

type Form = Readonly<Record<string, string>>;

function refuse(status: number, error: string, description: string): never {
  throw new Refusal({ status, json: { error, error_description: description } });
}
