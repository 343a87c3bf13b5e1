import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { scopes } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { createApiKeys } from '../server/api-keys.ts';
import { createLastUse } from '../server/last-use.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const day = 24 * 60 * 60 * 1_000;
const fields = 'id name publicPart scopes allSchools schools { id } status expiresAt revokedAt lastUsedAt';
const errors = '... on ValidationError { fields { path message } } ... on Error { code }';
const create = `mutation ($input: CreateApiKeyInput!) { it: createApiKey(input: $input) {
  ... on CreateApiKeyPayload { secret apiKey { ${fields} } } ${errors} } }`;
const revoke = `mutation ($input: RevokeApiKeyInput!) { it: revokeApiKey(input: $input) {
  ... on RevokeApiKeyPayload { apiKey { status revokedAt } } ${errors} } }`;

interface Key {
  id: string;
  publicPart: string;
  status: string;
  revokedAt: string | null;
}

interface Result {
  secret?: string | null;
  apiKey?: Key;
  fields?: { path: string[]; message: string }[];
  code?: string;
}

describe('API keys', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let us: TestCaller;
  let now = new Date('2026-09-01T08:00:00Z');
  const clock = { now: () => now };

  before(async () => {
    gateway = await openTestGateway({ clock });
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  const send = async (document: string, input: object, caller = us): Promise<Result> =>
    (await caller.ask<{ it: Result }>(document, { input })).it;

  async function list(caller: TestCaller, args = ''): Promise<string[]> {
    const { apiKeys } = await caller.ask<{ apiKeys: { totalCount: number; nodes: { name: string }[] } }>(
      `{ apiKeys${args} { totalCount nodes { name } } }`,
    );
    assert.equal(apiKeys.totalCount, apiKeys.nodes.length);

    return apiKeys.nodes.map(({ name }) => name);
  }

  /** Whether the door lets somebody in with it. */
  async function opens(secret: string | null | undefined) {
    const lastUse = createLastUse({ warn: () => undefined });
    const door = createApiKeys({ system: gateway.database.system, clock, lastUse, cacheMs: 0 });
    const identity = await door.admit(secret ?? '').then(
      (admitted) => admitted.identity,
      () => null,
    );
    await door.close();

    return identity;
  }

  it('open what was asked for, and no more; the secret is shown once', async () => {
    const schoolIds = [encodeId('School', school.id)];
    const input = { name: 'Wall', scopes: ['sync:run', 'roster:read', 'sync:run'], schoolIds, idempotencyKey: newId() };
    const made = await send(create, input);
    const { secret, apiKey } = made;

    const { id, publicPart, ...rest } = apiKey ?? assert.fail();
    assert.deepEqual(rest, {
      name: 'Wall',
      scopes: ['roster:read', 'sync:run'],
      allSchools: false,
      schools: [{ id: schoolIds[0] }],
      status: 'ACTIVE',
      expiresAt: new Date(now.getTime() + 365 * day).toISOString(),
      revokedAt: null,
      lastUsedAt: null,
    });
    assert.ok(secret?.startsWith(`hr_live_${publicPart}_`));
    const identity = await opens(secret);
    assert.deepEqual([identity?.tenantId, identity?.schoolIds], [tenant.id, [school.id]]);
    assert.deepEqual([...(identity?.scopes ?? [])].sort(), ['roster:read', 'sync:run']);

    assert.deepEqual(await send(create, input), { secret: null, apiKey: { ...apiKey, lastUsedAt: now.toISOString() } });
    const kept = await tenant.write((tx) => tx`select row_to_json(m)::text as text from mutation_outcome m`);
    assert.ok(!JSON.stringify(kept).includes(secret ?? ''));
    assert.deepEqual(await list(us), ['Wall']);
    const { node } = await us.ask<{ node: object }>('query ($id: ID!) { node(id: $id) { ... on ApiKey { name } } }', {
      id,
    });
    assert.deepEqual(node, { name: 'Wall' });
  });

  it('end when they are revoked, and stay so', async () => {
    const { secret, apiKey } = await send(create, { name: 'Short', scopes: ['roster:read'] });
    assert.ok(await opens(secret));
    const answer = await send(revoke, { apiKeyId: apiKey?.id });
    assert.deepEqual(answer.apiKey, { status: 'REVOKED', revokedAt: now.toISOString() });
    assert.equal(await opens(secret), null);
    const before = now;
    now = new Date(now.getTime() + day);
    assert.equal((await send(revoke, { apiKeyId: apiKey?.id })).apiKey?.revokedAt, before.toISOString());
  });

  it('end at their time, and are listed by how they stand', async () => {
    const expiresAt = new Date(now.getTime() + day).toISOString();
    const { secret } = await send(create, { name: 'Day', scopes: ['roster:read'], expiresAt });
    assert.deepEqual((await list(us, '(filter: { status: ACTIVE })')).sort(), ['Day', 'Wall']);
    now = new Date(now.getTime() + day);

    assert.equal(await opens(secret), null);
    assert.deepEqual(await list(us, '(filter: { status: [EXPIRED] })'), ['Day']);
    assert.deepEqual(await list(us, '(filter: { status: [REVOKED, EXPIRED] })'), ['Day', 'Short']);
    assert.deepEqual(await list(us, '(orderBy: { field: CREATED_AT, direction: ASC })'), ['Wall', 'Short', 'Day']);
    const { apiKeys } = await us.ask<{ apiKeys: { pageInfo: { endCursor: string } } }>(
      '{ apiKeys(first: 1) { pageInfo { endCursor } } }',
    );
    assert.deepEqual(
      await us.ask<object>('query ($after: String) { apiKeys(first: 1, after: $after) { nodes { name } } }', {
        after: apiKeys.pageInfo.endCursor,
      }),
      { apiKeys: { nodes: [{ name: 'Short' }] } },
    );
  });

  it('are refused when they could never do, naming the field', async () => {
    const right = { name: 'Wall', scopes: ['roster:read'] };
    const later = (ms: number) => new Date(now.getTime() + ms).toISOString();
    for (const [input, field] of [
      [{ ...right, name: ' ' }, 'name'],
      [{ ...right, name: 'a\0' }, 'name'],
      [{ ...right, scopes: [] }, 'scopes'],
      [{ ...right, scopes: ['everything'] }, 'scopes'],
      [{ ...right, schoolIds: [] }, 'schoolIds'],
      [{ ...right, expiresAt: later(0) }, 'expiresAt'],
      [{ ...right, expiresAt: later(367 * day) }, 'expiresAt'],
    ] as const) {
      assert.equal((await send(create, input)).fields?.[0]?.path[0], field, JSON.stringify(input));
    }
  });

  it('never give what the one who makes them does not have', async () => {
    const other = await tenant.school();
    const narrow = gateway.as(tenant.id, { scopes: ['roster:read', 'tenant:admin'], schoolIds: [school.id] });
    const schoolIds = [encodeId('School', school.id)];
    const right = { name: 'Child', scopes: ['roster:read'], schoolIds };

    const more = await send(create, { ...right, scopes: [...scopes] }, narrow);
    assert.match(more.fields?.[0]?.message ?? '', /you lack roster:write, .*pii:read/);
    assert.equal((await send(create, { ...right, schoolIds: null }, narrow)).fields?.[0]?.path[0], 'schoolIds');
    const theirs = await (await seedTenant(gateway.database.app)).school();
    for (const lost of [encodeId('School', other.id), encodeId('School', theirs.id), 'garbage']) {
      assert.equal((await send(create, { ...right, schoolIds: [...schoolIds, lost] }, narrow)).code, 'NOT_FOUND');
    }
    assert.equal((await send(create, right, narrow)).apiKey?.status, 'ACTIVE');
  });

  it('are neither shown nor ended where they open more, or belong to somebody else', async () => {
    const narrow = gateway.as(tenant.id, { schoolIds: [school.id] });
    const wide = await send(create, { name: 'Wide', scopes: ['roster:read'] });
    const beside = [encodeId('School', (await tenant.school()).id)];
    const foreign = await send(create, { name: 'Beside', scopes: ['roster:read'], schoolIds: beside });
    const stranger = gateway.as((await seedTenant(gateway.database.app)).id);

    assert.deepEqual(await list(stranger), []);
    assert.deepEqual((await list(narrow)).sort(), ['Child', 'Wall']);
    for (const [caller, id] of [
      [narrow, wide.apiKey?.id],
      [narrow, foreign.apiKey?.id],
      [stranger, wide.apiKey?.id],
      [stranger, 'garbage'],
    ] as const) {
      assert.deepEqual(await send(revoke, { apiKeyId: id }, caller), { code: 'NOT_FOUND' });
      assert.deepEqual(await caller.ask<object>('query ($id: ID!) { node(id: $id) { id } }', { id }), { node: null });
    }
    assert.ok(await opens(wide.secret));
  });
});
