import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { asTenant } from '../db/client.ts';
import { type SeededSchool, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const hour = 60 * 60 * 1_000;

const start = `mutation ($input: StartExportInput!) { startExport(input: $input) {
  __typename
  ... on StartExportPayload { export { id status contactDetails entityTypes recordStatus download { url } } }
  ... on ValidationError { fields { path message } } ... on Error { code message } } }`;

const cancel = `mutation ($input: CancelExportInput!) { cancelExport(input: $input) {
  __typename ... on CancelExportPayload { export { id status finishedAt } } ... on Error { code message } } }`;

const look = `query ($id: ID!) { node(id: $id) { id } export(id: $id) {
  id status statusReason requestedBy contactDetails download { url expiresAt } progress { completed total }
  createdAt startedAt finishedAt expiresAt school { id } } }`;

const list = `query ($id: ID!, $filter: ExportFilter) { school(id: $id) { exports(filter: $filter) { totalCount nodes { id } } } }`;

interface Answer {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly fields?: readonly { path: readonly string[] }[];
  readonly export: { readonly id: string } & Readonly<Record<string, unknown>>;
}

describe('an export', () => {
  let gateway: TestGateway;
  let now = new Date('2026-11-01T08:00:00Z');
  let school: SeededSchool;
  let schoolId: string;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway({ clock: { now: () => now } });
  });
  after(() => gateway.close());
  beforeEach(async () => {
    school = await (await seedTenant(gateway.database.app)).school();
    schoolId = encodeId('School', school.id);
    us = gateway.as(school.tenant.id, { scopes: ['roster:read'] });
  });

  const started = async (caller: TestCaller, input: object = {}) =>
    (await caller.ask<{ startExport: Answer }>(start, { input: { schoolId, ...input } })).startExport;
  const cancelled = async (caller: TestCaller, exportId: string) =>
    (await caller.ask<{ cancelExport: Answer }>(cancel, { input: { exportId } })).cancelExport;
  const seen = async (caller: TestCaller, id: string) =>
    (await caller.ask<{ export: Answer['export'] | null }>(look, { id })).export;

  it('is of all kinds of records that are in use, unless told otherwise', async () => {
    const { export: all } = await started(us);
    assert.deepEqual(all.entityTypes, [
      ...['ORG', 'TERM', 'COURSE', 'CLASS', 'PERSON', 'ENROLLMENT', 'GUARDIAN_LINK', 'GROUP', 'MEETING'],
    ]);
    assert.deepEqual([all.recordStatus, all.status], [['ACTIVE'], 'PENDING']);

    const { export: some } = await started(us, { entityTypes: ['PERSON', 'CLASS'], status: ['ARCHIVED'] });
    assert.deepEqual([some.entityTypes, some.recordStatus], [['CLASS', 'PERSON'], ['ARCHIVED']]);
  });

  it('has contact details when its asker may read them', async () => {
    assert.equal((await started(us)).export.contactDetails, false);
    const more = gateway.as(school.tenant.id, { scopes: ['roster:read', 'pii:read'] });
    assert.equal((await started(more)).export.contactDetails, true);
  });

  it('is not made of nothing, or of another’s or an unknown school', async () => {
    for (const field of ['entityTypes', 'status']) {
      const { __typename: type, fields } = await started(us, { [field]: [] });
      assert.deepEqual([type, fields?.map(({ path }) => path)], ['ValidationError', [[field]]]);
    }
    const other = await (await seedTenant(gateway.database.app)).school();
    const sibling = gateway.as(school.tenant.id, { schoolIds: [(await school.tenant.school()).id] });
    const refusals = [
      ...(await Promise.all(
        [encodeId('School', other.id), encodeId('School', newId()), 'x'].map((id) => started(us, { schoolId: id })),
      )),
      await started(sibling),
    ];
    assert.equal(refusals[0]?.code, 'NOT_FOUND');
    for (const refusal of refusals) assert.deepEqual(refusal, refusals[0]);
  });

  it('is asked for once under one key', async () => {
    const input = { idempotencyKey: newId() };
    const first = await started(us, input);
    assert.deepEqual(await started(us, input), first);
    assert.equal((await started(us, { ...input, status: ['ARCHIVED'] })).code, 'IDEMPOTENCY_KEY_REUSED');
    const counted = await us.ask<{ school: { exports: { totalCount: number } } }>(list, { id: schoolId });
    assert.equal(counted.school.exports.totalCount, 1);
  });

  it('is seen by who asked for it and by who looks after the tenant, and fetched by the first alone', async () => {
    const { id, download } = (await started(us)).export;
    assert.ok(download);
    const admin = gateway.as(school.tenant.id, { scopes: ['roster:read', 'tenant:admin'] });
    const others = [
      gateway.as(school.tenant.id, { scopes: ['roster:read'] }),
      gateway.as(school.tenant.id, { schoolIds: [(await school.tenant.school()).id] }),
      gateway.as((await seedTenant(gateway.database.app)).id),
    ];

    const theirs = await seen(admin, id);
    assert.deepEqual([theirs?.id, theirs?.download, theirs?.requestedBy], [id, null, 'Test key']);
    for (const other of others) {
      assert.deepEqual(await other.ask(look, { id }), { node: null, export: null });
      assert.deepEqual(await cancelled(other, id), await cancelled(other, 'x'));
      const listed = await other.ask<{ school: { exports: object } | null }>(list, { id: schoolId });
      assert.deepEqual(listed.school?.exports ?? { totalCount: 0, nodes: [] }, { totalCount: 0, nodes: [] });
    }
    const listed = await us.ask<{ school: { exports: object } }>(list, { id: schoolId });
    assert.deepEqual(listed.school.exports, { totalCount: 1, nodes: [{ id }] });
    assert.equal((await cancelled(admin, id)).export.status, 'CANCELLED');
  });

  it('is over when somebody ends it or after a day, and then cannot be ended again', async () => {
    const { id } = (await started(us)).export;
    const { id: second } = (await started(us)).export;
    assert.deepEqual((await cancelled(us, id)).export, { id, status: 'CANCELLED', finishedAt: now.toISOString() });
    assert.equal((await cancelled(us, id)).code, 'INVALID_STATE');
    assert.equal((await seen(us, id))?.download, null);

    const before = now;
    now = new Date(now.getTime() + 24 * hour);
    const expired = await seen(us, second);
    assert.deepEqual([expired?.status, expired?.download], ['EXPIRED', null]);
    assert.deepEqual([expired?.createdAt, expired?.expiresAt], [before.toISOString(), now.toISOString()]);
    assert.equal((await cancelled(us, second)).code, 'INVALID_STATE');
    const filter = { status: ['EXPIRED'] };
    const listed = await us.ask<{ school: { exports: object } }>(list, { id: schoolId, filter });
    assert.deepEqual(listed.school.exports, { totalCount: 1, nodes: [{ id: second }] });
  });

  it('waits with nine others of the same asker at most', async () => {
    const made: string[] = [];
    for (let count = 0; count < 10; count += 1) made.push((await started(us)).export.id);
    const refused = await started(us);
    assert.equal(refused.code, 'INVALID_STATE');
    assert.match(refused.message ?? '', /fetch or cancel one/);
    assert.ok((await started(gateway.as(school.tenant.id))).export.id, 'another asker is not held up');
    await cancelled(us, made[0] ?? '');
    assert.ok((await started(us)).export.id);
  });

  it('is forgotten after ninety days', async () => {
    const { id } = (await started(us)).export;
    now = new Date(now.getTime() + 92 * 24 * hour);
    await started(us);
    assert.equal(await seen(us, id), null);
    const rows = await asTenant(
      gateway.database.app,
      { tenantId: school.tenant.id, schoolIds: null, actor: 'test' },
      (tx) => tx`select id from export`,
    );
    assert.equal(rows.length, 1);
  });
});
