import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import {
  type KeycloakOptions,
  type KeycloakSimulator,
  startKeycloakSimulator,
} from '../../../simulators/keycloak/simulator.ts';
import { createClock } from '../../../simulators/kit/clock.ts';
import { ProviderProblem } from '../errors.ts';
import { makeHttp } from '../http.ts';
import { keycloak } from './keycloak.ts';
import { keycloakAddress, tokenAddresses } from './keycloak-address.ts';

const client = { id: 'homeroom', secret: 's%cr:et +é' };
const user = { username: 'anne', password: 'pa ss/wörd' };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

interface Desk {
  simulator: KeycloakSimulator;
  signIn(more?: Partial<Parameters<typeof keycloak>[0]>): ReturnType<typeof keycloak>;
  /** Grants asked for so far, in order. */
  grants(): (string | undefined)[];
}

async function startDesk(options: Partial<KeycloakOptions> = {}): Promise<Desk> {
  const clock = createClock(new Date('2026-10-20T10:00:00Z'));
  const simulator = await startKeycloakSimulator({
    realm: 'école',
    clients: [client],
    users: [user],
    clock,
    ...options,
  });
  const http = makeHttp({
    allowedHosts: [new URL(simulator.origin).host],
    limits: [],
    quotaKeys: {},
    takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
  });
  open.push(simulator, http);
  const base = simulator.bases[0] ?? '';
  const about = { http, clock, base, realm: 'école', provider: 'auriga', name: 'Auriga' };

  return {
    simulator,
    signIn: (more) => keycloak({ ...about, clientId: client.id, clientSecret: client.secret, user, ...more }),
    grants: () => simulator.journal.entries().map(({ body }) => (body as { grant_type?: string }).grant_type),
  };
}

async function problemOf(asked: Promise<unknown>): Promise<{ name: string; code: string }> {
  const error = await asked.then(
    () => assert.fail('it was let in'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProviderProblem, String(error));
  for (const secret of [client.secret, user.password, user.username])
    assert.ok(!`${error.message}${error.remedy}${JSON.stringify(error.details)}`.includes(secret));
  return { name: error.name, code: error.code };
}

describe('signing in at a Keycloak', () => {
  test('with a password gives a token that is used until half a minute before its end', async () => {
    const { simulator, signIn, grants } = await startDesk({ accessLife: 300 });
    const tokens = signIn();
    const first = await tokens.token();
    assert.ok(simulator.admits(first));
    simulator.clock.advance(269_000);
    assert.equal(await tokens.token(), first);
    simulator.clock.advance(2_000);
    assert.notEqual(await tokens.token(), first);
    assert.deepEqual(grants(), ['password', 'refresh_token']);
  });

  test('renews with the newest refresh token each time, for each is good once', async () => {
    const { simulator, signIn, grants } = await startDesk({ accessLife: 60 });
    const tokens = signIn();
    for (let n = 0; n < 4; n += 1) {
      assert.ok(simulator.admits(await tokens.token()));
      simulator.clock.advance(61_000);
    }
    assert.deepEqual(grants(), ['password', 'refresh_token', 'refresh_token', 'refresh_token']);
  });

  test('logs in anew, once, when the session is over or was ended', async () => {
    const { simulator, signIn, grants } = await startDesk({ accessLife: 60, refreshLife: 1_800 });
    const tokens = signIn();
    await tokens.token();
    simulator.clock.advance(2_000_000);
    await tokens.token();
    assert.deepEqual(grants(), ['password', 'password']);
    simulator.clock.advance(61_000);
    simulator.endSessions();
    assert.ok(simulator.admits(await tokens.token()));
    assert.deepEqual(grants().slice(2), ['refresh_token', 'password']);
  });

  test('asks once for all who want a token at the same time', async () => {
    const { signIn, grants } = await startDesk();
    const tokens = signIn();
    const given = await Promise.all(Array.from({ length: 20 }, () => tokens.token()));
    assert.equal(new Set(given).size, 1);
    assert.equal(grants().length, 1);
  });

  test('gives another token once one was refused, and is not fooled by an older one', async () => {
    const { simulator, signIn } = await startDesk();
    const tokens = signIn();
    const first = await tokens.token();
    simulator.expireAccess();
    tokens.forget(first);
    const second = await tokens.token();
    assert.ok(simulator.admits(second));
    tokens.forget(first);
    assert.equal(await tokens.token(), second);
  });

  test('never tries a wrong password twice, so that no account is locked', async () => {
    const { simulator, signIn, grants } = await startDesk({ mostFailures: 3 });
    const tokens = signIn({ user: { ...user, password: 'wrong' } });
    for (let n = 0; n < 5; n += 1) {
      assert.deepEqual(await problemOf(tokens.token()), { name: 'SignInNeeded', code: 'auriga_password_refused' });
    }
    assert.equal(grants().length, 1);
    assert.ok(simulator.admits(await signIn().token()));
  });

  test('as the client itself, where there is no user, asks again instead of refreshing', async () => {
    const { simulator, signIn, grants } = await startDesk({
      clients: [{ ...client, serviceAccount: true }],
      accessLife: 60,
    });
    const tokens = signIn({ user: undefined });
    assert.ok(simulator.admits(await tokens.token()));
    simulator.clock.advance(61_000);
    assert.ok(simulator.admits(await tokens.token()));
    assert.deepEqual(grants(), ['client_credentials', 'client_credentials']);
  });

  const rows: [title: string, options: Partial<KeycloakOptions>, more: object, name: string, code: string][] = [
    [
      'an account with a pending action',
      { users: [{ ...user, unfinished: true }] },
      {},
      'SignInNeeded',
      'account_unfinished',
    ],
    ['a disabled account', { users: [{ ...user, disabled: true }] }, {}, 'SignInNeeded', 'account_disabled'],
    [
      'a client without direct access grants',
      { clients: [{ ...client, directAccess: false }] },
      {},
      'SetupProblem',
      'direct_access_off',
    ],
    [
      'a client that wants consent',
      { clients: [{ ...client, consentRequired: true }] },
      {},
      'SetupProblem',
      'consent_required',
    ],
    ['a client without a service account', {}, { user: undefined }, 'SetupProblem', 'service_account_off'],
    ['a wrong client secret', {}, { clientSecret: 'wrong' }, 'SignInNeeded', 'client_refused'],
    ['an unknown realm', {}, { realm: 'nobody' }, 'SetupProblem', 'realm_unknown'],
  ];
  for (const [title, options, more, name, code] of rows) {
    test(`says what to do about ${title}`, async () => {
      const { signIn } = await startDesk(options);
      assert.deepEqual(await problemOf(signIn(more).token()), { name, code: `auriga_${code}` });
    });
  }

  test('takes a request that Keycloak does not understand for our own mistake', async () => {
    const { simulator, signIn } = await startDesk();
    simulator.faults.add({ kind: 'provider', name: 'missing-client' });
    assert.deepEqual(await problemOf(signIn().token()), {
      name: 'UnexpectedShape',
      code: 'auriga_sign_in_not_understood',
    });
  });

  test('lets trouble that may pass be tried again', async () => {
    const { simulator, signIn } = await startDesk();
    simulator.faults.add({ kind: 'status', status: 503 });
    const tokens = signIn();
    assert.deepEqual(await problemOf(tokens.token()), { name: 'Unwell', code: 'auriga_unwell' });
    assert.ok(simulator.admits(await tokens.token()));
  });

  for (const [there, prefix] of [
    ['/auth', '/auth'],
    ['no /auth', ''],
  ] as const) {
    test(`finds a Keycloak with ${there} from either address, and remembers it`, async () => {
      const { simulator, signIn, grants } = await startDesk({ prefixes: [prefix], accessLife: 60 });
      for (const base of [simulator.origin, `${simulator.origin}/auth`]) {
        const tokens = signIn({ base });
        assert.ok(simulator.admits(await tokens.token()));
        const asked = grants().length;
        simulator.clock.advance(61_000);
        await tokens.token();
        assert.equal(grants().length, asked + 1);
      }
    });
  }
});

describe('the address of a Keycloak', () => {
  test('is taken out of whatever was pasted', () => {
    const base = 'https://auth.yourdomain.com/auth';
    assert.deepEqual(keycloakAddress(base), { base, realm: null });
    assert.deepEqual(keycloakAddress(` ${base}/ `), { base, realm: null });
    assert.deepEqual(keycloakAddress(`${base}/realms/your-company`), { base, realm: 'your-company' });
    assert.deepEqual(keycloakAddress(`${base}/realms/my%20school/protocol/openid-connect/auth?client_id=a#b`), {
      base,
      realm: 'my school',
    });
    assert.deepEqual(keycloakAddress(`${base}/realms/`), { base, realm: null });
    assert.deepEqual(keycloakAddress('https://sso.example.org'), { base: 'https://sso.example.org', realm: null });
    for (const bad of ['', 'nonsense', 'ftp://x.org', 'https://a:b@x.org']) assert.equal(keycloakAddress(bad), null);
  });

  test('is tried as given first, then with /auth taken off or put on', () => {
    const end = '/realms/r%C3%A9/protocol/openid-connect/token';
    assert.deepEqual(tokenAddresses('https://x.org', 'ré'), [`https://x.org${end}`, `https://x.org/auth${end}`]);
    assert.deepEqual(tokenAddresses('https://x.org/auth', 'ré'), [`https://x.org/auth${end}`, `https://x.org${end}`]);
  });
});

after(() => assert.equal(open.length, 0));
