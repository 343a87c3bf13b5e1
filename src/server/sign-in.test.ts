import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JWTPayload } from 'jose';
import { makeHttp } from '../connectors/kit/http.ts';
import { asTenant, type TransactionSql } from '../db/client.ts';
import { insertMember, type NewMember } from '../db/queries/member.ts';
import { systemClock } from '../model/clock.ts';
import { newId } from '../model/ids.ts';
import { rightsOf } from '../model/roles.ts';
import { type OidcSimulator, startOidcSimulator } from '../simulators/oidc/simulator.ts';
import { createLastUse } from './last-use.ts';
import { createMembers } from './oidc/members.ts';
import { createTokens } from './oidc/tokens.ts';
import type { TrustedIssuer } from './oidc/trusted-issuer.ts';
import { openTestServer, type TestServer } from './test-server.ts';
import { openSocket } from './test-socket.ts';

const follows = 'subscription { follows { type } }';

describe('people who sign in', () => {
  let issuer: OidcSimulator;
  let open: TestServer;
  let door: ReturnType<typeof makeHttp>;

  /** The tenant of a server is known only when it is there, so tokens name it. */
  function trusted(): TrustedIssuer {
    return {
      issuer: issuer.issuer,
      audience: ['homeroom'],
      algorithms: ['RS256'],
      tenant: { claim: 'tenant' },
      claims: { subject: 'sub', email: 'email', name: 'name' },
      trustsEmail: false,
      clockToleranceSeconds: 60,
    };
  }

  before(async () => {
    issuer = await startOidcSimulator();
    door = doorTo(issuer);
    open = await openTestServer({
      signIn: { trusted: [trusted()], fetch: door.fetch },
      limits: { recheckMs: 20 },
    });
  });
  after(async () => {
    await open.close();
    await door.close();
    await issuer.close();
  });

  const inTenant = <T>(fn: (tx: TransactionSql) => Promise<T>) =>
    asTenant(open.database.app, { tenantId: open.tenantId, schoolIds: null, actor: 'test' }, fn);

  /** Invites somebody, by a subject nobody else has unless told otherwise. */
  async function invite(more: Partial<NewMember> = {}): Promise<{ id: string; subject: string }> {
    const [id, subject] = [newId(), newId()];
    const member: NewMember = {
      id,
      email: null,
      issuer: issuer.issuer,
      subject,
      role: 'VIEWER',
      schoolIds: null,
      invitedBy: 'Test',
      createdAt: new Date(),
      ...more,
    };
    assert.ok(await inTenant((tx) => insertMember(tx, open.tenantId, member)));

    return { id, subject };
  }

  const tokenOf = (claims: JWTPayload) => issuer.token({ tenant: open.tenantId, name: 'Ada Byron', ...claims });
  const remove = (id: string) => inTenant((tx) => tx`delete from member where id = ${id}`);

  function post(token: string, query: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${open.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query }),
    });
  }

  async function rowOf(id: string) {
    const [row] = await inTenant(
      (tx) => tx<{ issuer: string; subject: string; name: string; joined: boolean; seen: boolean }[]>`
        select issuer, subject, name, joined_at is not null as joined, last_seen_at is not null as seen
          from member where id = ${id}`,
    );

    return row;
  }

  it('are let in over HTTP, as a stream of events, and by WebSocket with one and the same token', async () => {
    const token = await tokenOf({ sub: (await invite()).subject });

    assert.deepEqual(((await (await post(token, '{ caller }')).json()) as { data: object }).data, {
      caller: 'Ada Byron',
    });
    const events = await post(token, 'subscription { counts(to: 2) }', { accept: 'text/event-stream' });
    assert.match(await events.text(), /"counts":2.*event: complete/s);
    const socket = await openSocket(open.server.url);
    socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    assert.equal((await socket.next()).type, 'connection_ack');
    socket.subscribe('1', '{ caller }');
    assert.deepEqual((await socket.next()).payload?.data, { caller: 'Ada Byron' });
    socket.socket.close();
  });

  it('are bound to the issuer’s name for them when they first come; the address counts no longer', async () => {
    const { id } = await invite({ email: 'ada@school.example', issuer: null, subject: null, role: 'TENANT_ADMIN' });
    const claims = { sub: 'f4b1', email: 'ADA@school.example', email_verified: true };
    assert.equal((await post(await tokenOf({ ...claims, email_verified: false }), '{ hello }')).status, 401);

    const answers = await Promise.all(
      Array.from({ length: 5 }, async () => (await post(await tokenOf(claims), '{ hello }')).status),
    );
    assert.deepEqual(answers, [200, 200, 200, 200, 200]);
    const { seen: _seen, ...row } = (await rowOf(id)) ?? assert.fail();
    assert.deepEqual(row, { issuer: issuer.issuer, subject: 'f4b1', name: 'Ada Byron', joined: true });
    assert.equal((await post(await tokenOf({ ...claims, sub: 'somebody else' }), '{ hello }')).status, 401);
    assert.equal((await post(await tokenOf({ sub: 'f4b1', email: 'new@school.example' }), '{ hello }')).status, 200);
  });

  it('may do what their role says, in the schools it is for', async () => {
    const schoolIds = [newId()];
    const log = { warn: (...told: unknown[]) => assert.fail(JSON.stringify(told)) };
    const members = createMembers({
      tokens: createTokens({ trusted: [trusted()], fetch: door.fetch, clock: systemClock, log }),
      app: open.database.app,
      clock: systemClock,
      lastUse: createLastUse(log),
      cacheMs: 0,
    });
    for (const [role, named] of [
      ['TENANT_ADMIN', null],
      ['SCHOOL_ADMIN', schoolIds],
      ['VIEWER', null],
      ['PARTNER', schoolIds],
    ] as const) {
      const { id, subject } = await invite({ role, schoolIds: named });
      const { identity } = await members.admit(await tokenOf({ sub: subject }));
      assert.deepEqual([...identity.scopes], [...rightsOf[role].scopes]);
      assert.deepEqual(identity.schoolIds, named);
      assert.deepEqual(identity.actor, { kind: 'USER', id, name: 'Ada Byron' });
      await members.close();
      assert.equal((await rowOf(id))?.seen, true);
    }
  });

  it('are told what is wrong with their token and what helps, over both doors', async () => {
    const { subject } = await invite();
    const cases: [token: string, problem: RegExp][] = [
      [await tokenOf({ sub: subject, aud: 'payroll' }), /^The token is for another audience$/],
      [await tokenOf({ sub: subject, exp: 1_000 }), /^The token has expired$/],
      [
        await tokenOf({ sub: subject, iss: 'https://elsewhere.example' }),
        /^The issuer of the token is not trusted here$/,
      ],
      [await tokenOf({ sub: newId() }), /^Its holder has no access here$/],
      [await tokenOf({ sub: subject, tenant: newId() }), /^Its holder has no access here$/],
      ['eyJhbGciOiJub25lIn0.e30.', /^This is no signed access token$/],
    ];
    for (const [token, problem] of cases) {
      const response = await post(token, 'this is not even GraphQL');
      assert.equal(response.status, 401);
      const challenge = response.headers.get('www-authenticate') ?? '';
      const said = /^Bearer error="invalid_token", error_description="([^"\\]+)"$/.exec(challenge)?.[1] ?? challenge;
      assert.match(said, problem);
      const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
      assert.ok(errors[0]?.message.startsWith(`${said}. `), 'and its remedy');
      assert.deepEqual(errors[0]?.extensions, { code: 'UNAUTHENTICATED' });

      const socket = await openSocket(open.server.url);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      assert.deepEqual(await socket.closed, { code: 4403, reason: said });
    }
  });

  it('are asked to come back when their issuer is down, instead of being turned away for good', async () => {
    const down = await startOidcSimulator();
    const doorToIt = doorTo(down);
    const server = await openTestServer({
      signIn: { trusted: [{ ...trusted(), issuer: down.issuer }], fetch: doorToIt.fetch },
    });
    try {
      const token = await down.token({ sub: 'f4b1', tenant: server.tenantId });
      await down.close();
      const response = await fetch(`${server.server.url}/graphql?query={hello}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(response.status, 503);
      assert.match(response.headers.get('retry-after') ?? '', /^(?:[12]?\d|30)$/);
      const socket = await openSocket(server.server.url);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      assert.equal((await socket.closed).code, 1013);
      assert.ok(server.logged.some(({ message }) => /keys of an issuer could not be read/.test(message)));
    } finally {
      await server.close();
      await doorToIt.close();
    }
  });

  it('are looked up together when many of them ask at once', async () => {
    const people = await Promise.all(Array.from({ length: 200 }, () => invite()));
    await inTenant((tx) => tx`update member set joined_at = now(), last_seen_at = now()`);
    const held = await Promise.all(people.map(({ subject }) => tokenOf({ sub: subject })));
    let statements = 0;
    const log = { warn: (...told: unknown[]) => assert.fail(JSON.stringify(told)) };
    const members = createMembers({
      tokens: createTokens({ trusted: [trusted()], fetch: door.fetch, clock: systemClock, log }),
      app: open.database.connect('app', {
        debug: (_, query) => (statements += Number(query.includes('join member'))),
      }),
      clock: systemClock,
      lastUse: createLastUse(log),
      cacheMs: 0,
    });
    // The signatures are good from now on, and nothing but the members is left to ask about.
    await Promise.all(held.map((token) => members.admit(token)));
    statements = 0;
    const admitted = await Promise.all(held.map((token) => members.admit(token)));
    await members.close();

    assert.deepEqual(
      admitted.map(({ identity }) => identity.actor.id),
      people.map(({ id }) => id),
    );
    assert.equal(statements, 1);
  });

  describe('and have something open', () => {
    async function follow(token: string) {
      const socket = await openSocket(open.server.url);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      assert.equal((await socket.next()).type, 'connection_ack');
      socket.subscribe('1', follows);
      await socket.next();
      const response = await post(token, follows, { accept: 'text/event-stream' });
      assert.equal(response.status, 200);
      // The whole stream: it resolves when the server has ended it.
      return { socket, ended: response.text() };
    }

    async function settled(): Promise<void> {
      while (open.feed.size() > 0 || open.contexts.length > 0) await new Promise((resolve) => setImmediate(resolve));
    }

    it('lose it when their token ends, although a request would be tolerated a little longer', async () => {
      const { subject } = await invite();
      const token = await tokenOf({ sub: subject, exp: Math.ceil(Date.now() / 1_000) + 1 });
      const { socket, ended } = await follow(token);

      assert.equal((await socket.closed).code, 4403);
      assert.match(await ended, /caughtUp/);
      assert.equal((await post(token, '{ hello }')).status, 200);
      await settled();
    });

    it('lose it when they are removed', async () => {
      const { id, subject } = await invite();
      const { socket, ended } = await follow(await tokenOf({ sub: subject }));
      await remove(id);

      assert.equal((await socket.closed).code, 4403);
      await ended;
      await settled();
    });

    it('lose it when they may do something else from now on, and get in again with that', async () => {
      const { id, subject } = await invite({ role: 'TENANT_ADMIN' });
      const token = await tokenOf({ sub: subject });
      const { socket, ended } = await follow(token);
      await inTenant((tx) => tx`update member set role = 'VIEWER' where id = ${id}`);

      assert.equal((await socket.closed).code, 4403);
      await ended;
      assert.equal((await post(token, '{ hello }')).status, 200);
      await settled();
    });

    it('are told nothing more once they are removed, not even what was on its way', async () => {
      const { id, subject } = await invite();
      const token = await tokenOf({ sub: subject });
      const socket = await openSocket(open.server.url);
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      await socket.next();
      socket.subscribe('1', follows);
      await socket.next();
      await remove(id);
      await open.commit();

      const told = await Promise.race([socket.next().catch(() => null), socket.closed.then(() => null)]);
      assert.ok(
        told === null || told.payload?.errors?.[0]?.extensions.code === 'UNAUTHENTICATED',
        JSON.stringify(told),
      );
      socket.socket.close();
      await settled();
    });
  });

  it('leave no token in the log', () => {
    const told = JSON.stringify(open.logged, (_key, value: unknown) =>
      value instanceof Error ? `${value.message} ${value.stack}` : value,
    );
    assert.doesNotMatch(told, /eyJ/);
  });
});

/** Outbound calls to this issuer alone. */
function doorTo({ issuer }: OidcSimulator): ReturnType<typeof makeHttp> {
  return makeHttp({
    allowedHosts: [new URL(issuer).host],
    limits: [],
    quotaKeys: {},
    takeCalls: async (_name, want) => ({ granted: want, waitMs: 0 }),
  });
}
