import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type SeededIntegration, type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

interface Page {
  totalCount: number;
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const page = '{ totalCount nodes { id } pageInfo { hasNextPage endCursor } }';
const lists = {
  SyncRun: `query ($id: ID!, $first: Int, $after: String, $filter: SyncRunFilter, $order: SyncRunOrder) {
    node(id: $id) { ... on Integration { list: syncRuns(first: $first, after: $after, filter: $filter, orderBy: $order) ${page} } } }`,
  SyncLog: `query ($id: ID!, $first: Int, $after: String, $filter: SyncLogFilter, $order: SyncLogOrder) {
    node(id: $id) { ... on SyncRun { list: logs(first: $first, after: $after, filter: $filter, orderBy: $order) ${page} } } }`,
  SyncConflict: `query ($id: ID!, $first: Int, $after: String, $filter: SyncConflictFilter, $order: SyncConflictOrder) {
    node(id: $id) { ... on School { list: conflicts(first: $first, after: $after, filter: $filter, orderBy: $order) ${page} } } }`,
};
const fields = { SyncRun: 'CREATED_AT', SyncLog: 'PLACE', SyncConflict: 'DETECTED_AT' };
type Noun = keyof typeof lists;

const day = (n: number) => new Date(Date.UTC(2026, 8, n));

describe('filters of runs, logs and conflicts', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let integration: SeededIntegration;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    integration = await school.integration();
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  async function ask(caller: TestCaller, noun: Noun, variables: Record<string, unknown>): Promise<Page> {
    const sent = JSON.parse(JSON.stringify(variables)) as Record<string, unknown>;
    const { node } = await caller.ask<{ node: { list: Page } }>(lists[noun], sent);

    return node.list;
  }

  /** The raw ids that pass, walked in pages of two under both orders, which must agree with each other and with the count. */
  async function passing(noun: Noun, parent: string, filter: object): Promise<string[]> {
    const walks: string[][] = [];
    for (const direction of ['ASC', 'DESC']) {
      const order = { field: fields[noun], direction };
      const ids: string[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { nodes, pageInfo }: Page = await ask(us, noun, { id: parent, first: 2, after, filter, order });
        ids.push(...nodes.map(({ id }) => id));
        [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
      }
      walks.push(ids);
    }
    const [up = [], down = []] = walks;
    assert.deepEqual(down, up.toReversed());
    assert.equal((await ask(us, noun, { id: parent, filter })).totalCount, up.length);

    return up;
  }

  test('runs by state, trigger, mode and the time they were asked for', async () => {
    const own = await school.integration();
    const parent = encodeId('Integration', own.id);
    const rows = [
      { status: 'SUCCEEDED', trigger: 'SCHEDULE', mode: 'DELTA', createdAt: day(1) },
      { status: 'FAILED', trigger: 'SCHEDULE', mode: 'FULL', createdAt: day(2) },
      { status: 'PARTIAL', trigger: 'MANUAL', mode: 'FULL', createdAt: day(3) },
      { status: 'FAILED', trigger: 'WEBHOOK', mode: 'DELTA', createdAt: day(4) },
      { status: 'CANCELLED', trigger: 'MANUAL', mode: 'PREVIEW', createdAt: day(5) },
    ] as const;
    const ids: string[] = [];
    for (const row of rows) ids.push(encodeId('SyncRun', (await own.run(row)).id));
    const expect = async (filter: object, ...places: number[]) =>
      assert.deepEqual(
        await passing('SyncRun', parent, filter),
        places.map((place) => ids[place - 1]),
        JSON.stringify(filter),
      );

    await expect({}, 1, 2, 3, 4, 5);
    await expect({ status: ['FAILED', 'CANCELLED'] }, 2, 4, 5);
    await expect({ trigger: ['MANUAL'] }, 3, 5);
    await expect({ mode: ['FULL', 'PREVIEW'] }, 2, 3, 5);
    await expect({ mode: [] });
    await expect({ createdFrom: day(2), createdBefore: day(4) }, 2, 3);
    await expect({ createdFrom: day(4), status: ['FAILED'], mode: null }, 4);
    await expect({ createdBefore: day(1) });
  });

  test('a log by person, class, time, state and the beginning of an action', async () => {
    const run = await integration.run();
    const parent = encodeId('SyncRun', run.id);
    const [personId, classId, otherId] = [await school.person(), await school.class(), await school.person()];
    const enrollmentId = await school.enrollment({ classId, personId });
    const rows = [
      { entity: 'person', recordId: personId, action: 'google_workspace.person.update', at: day(1) },
      { recordId: enrollmentId, status: 'FAILED', at: day(2) },
      { entity: 'class', recordId: classId, action: 'google_classroom.course.add', at: day(3) },
      { entity: 'person', recordId: otherId, status: 'SKIPPED', at: day(4) },
      { recordId: null, size: 500, at: day(5) },
    ] as const;
    const ids: string[] = [];
    for (const row of rows) ids.push(...(await run.logs(1, row)).map((id) => encodeId('SyncLog', id)));
    const expect = async (filter: object, ...places: number[]) =>
      assert.deepEqual(
        await passing('SyncLog', parent, filter),
        places.map((place) => ids[place - 1]),
        JSON.stringify(filter),
      );

    await expect({ personId: encodeId('Person', personId) }, 1, 2);
    await expect({ classId: encodeId('Class', classId) }, 2, 3);
    await expect({ personId: encodeId('Person', personId), classId: encodeId('Class', classId) }, 2);
    await expect({ action: 'google_classroom' }, 2, 3, 4, 5);
    await expect({ action: 'google_classroom.c', status: ['SUCCESS'] }, 3);
    await expect({ timestampFrom: day(2), timestampBefore: day(5) }, 2, 3, 4);
    await expect({ status: ['FAILED', 'SKIPPED'], timestampBefore: day(4) }, 2);
    // What is not a person, not there, or not of this tenant is found alike: not at all.
    const theirs = await (await (await seedTenant(gateway.database.app)).school()).person();
    for (const lost of [
      'garbage',
      encodeId('Class', classId),
      encodeId('Person', newId()),
      encodeId('Person', theirs),
    ]) {
      await expect({ personId: lost });
      await expect({ classId: lost === encodeId('Class', classId) ? encodeId('Person', classId) : lost });
    }
  });

  test('conflicts by state, kind, integration, record and the time they were seen', async () => {
    const own = await tenant.school();
    const parent = encodeId('School', own.id);
    const [one, two] = [await own.integration(), await own.integration()];
    const personId = await own.person();
    const rows = [
      [one, { status: 'RESOLVED', detectedAt: day(1) }],
      [one, { kind: 'DELETED_LOCALLY', detectedAt: day(2) }],
      [two, { kind: 'DUPLICATE_MATCH', detectedAt: day(3), recordId: personId }],
      [two, { status: 'RESOLVING', detectedAt: day(4), entity: 'class' }],
    ] as const;
    const ids: string[] = [];
    for (const [of, row] of rows) ids.push(encodeId('SyncConflict', await of.conflict(row)));
    const expect = async (filter: object, ...places: number[]) =>
      assert.deepEqual(
        await passing('SyncConflict', parent, filter),
        places.map((place) => ids[place - 1]),
        JSON.stringify(filter),
      );

    await expect({ status: 'OPEN' }, 2, 3);
    await expect({ kind: ['FIELD_CHANGED', 'DUPLICATE_MATCH'] }, 1, 3, 4);
    await expect({ integrationIds: [encodeId('Integration', two.id)] }, 3, 4);
    await expect({ detectedFrom: day(2), detectedBefore: day(4) }, 2, 3);
    await expect({ entityType: 'CLASS' }, 4);
    await expect({ entityType: ['CLASS', 'PERSON'], detectedFrom: day(3) }, 3, 4);
    await expect({ recordIds: [encodeId('Person', personId), 'garbage'] }, 3);
    await expect({ recordIds: [encodeId('Person', newId()), encodeId('SyncRun', personId)] });
    await expect({ status: ['OPEN', 'RESOLVING'], integrationIds: [encodeId('Integration', one.id)] }, 2);
  });

  test('a caller of some schools finds nothing of another by naming it', async () => {
    const [mine, other] = [await tenant.school(), await tenant.school()];
    const run = await (await mine.integration()).run();
    const foreign = await (await other.integration()).run();
    const personId = await other.person();
    await foreign.logs(1, { entity: 'person', recordId: personId });
    await run.logs(1);
    const narrow = gateway.as(tenant.id, { schoolIds: [mine.id] });
    const filter = { personId: encodeId('Person', personId) };

    const { totalCount, nodes } = await ask(narrow, 'SyncLog', { id: encodeId('SyncRun', run.id), filter });
    assert.deepEqual([totalCount, nodes], [0, []]);
    assert.deepEqual(await narrow.ask<object>(lists.SyncLog, { id: encodeId('SyncRun', foreign.id), filter }), {
      node: null,
    });
  });
});
