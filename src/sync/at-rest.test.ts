/** Sheets whose day is over become the many: what is at rest is not read, and whatever the planner could have to do for is. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { edusign } from '../connectors/edusign/index.ts';
import type { TransactionSql } from '../db/client.ts';
import { outOfStep } from '../db/queries/engine/in-step.ts';
import { newId } from '../model/ids.ts';
import { flowNamed } from './engine.ts';
import { flowsOf } from './flow.ts';
import { mirrorScope } from './mirror-scope.ts';

const day = 86_400_000;

interface Sheet {
  recordId: string;
  key: string;
}

type Change = (tx: TransactionSql, sheet: Sheet) => Promise<unknown>;

const changeLink =
  (set: (tx: TransactionSql) => ReturnType<TransactionSql>): Change =>
  (tx, { key }) =>
    tx`update link set ${set(tx)} where key = ${key}`;
const pulled: Change = (tx, { key }) => tx`update staging set page = 0 where key = ${key} and stream = 'sheets'`;

/** By what was done to a sheet; days from today on which its session was. */
const atRest: Record<string, [days: number, change: Change]> = {
  'it was last week and is not listed': [-7, async () => undefined],
  'it was yesterday and is listed': [-1, pulled],
};

const walked: Record<string, [days: number, change: Change]> = {
  'it was yesterday and is not listed': [-0.5, async () => undefined],
  'it was yesterday and is told to be gone': [
    -0.5,
    async (tx, sheet) => {
      await pulled(tx, sheet);
      await tx`update staging set gone = true where key = ${sheet.key}`;
    },
  ],
  'it is archived here': [-7, (tx, { recordId }) => tx`update meeting set status = 'ARCHIVED' where id = ${recordId}`],
  'something stands in its way': [-7, changeLink((tx) => tx`blocker = 'SHEET_SIGNED'`)],
  'it was answered to be closed': [-7, changeLink((tx) => tx`closed = '{"code": "SHEET_SIGNED"}'`)],
  'a person has decided about it': [-7, changeLink((tx) => tx`decisions = '{"push": true}'`)],
  'its link waits': [-7, changeLink((tx) => tx`state = 'WAITING'`)],
  'it is held again next week': [
    -7,
    (tx, { recordId }) =>
      tx`update meeting set starts_at = starts_at + interval '10 days', ends_at = ends_at + interval '10 days' where id = ${recordId}`,
  ],
};

describe('a sheet whose day is over', () => {
  let world: TestEngine;
  const sheets = new Map<string, Sheet>();
  const seen = new Set<string>();
  let ahead: string;

  before(async () => {
    world = await testEngine([edusign]);
    const integration = await world.school.integration();
    const { id: runId } = await integration.run({ status: 'RUNNING' });
    const { tenant, id: schoolId } = world.school;
    const place = { tenantId: tenant.id, schoolId, integrationId: integration.id, runId };
    const now = world.engine.clock.now().getTime();
    for (const [title, [days, change]] of Object.entries({ ...atRest, ...walked })) {
      const [startsAt, endsAt] = [new Date(now + days * day), new Date(now + days * day + day / 24)];
      const recordId = await world.school.meeting({ title, startsAt, endsAt });
      const sheet = { recordId, key: `sheet ${sheets.size}` };
      sheets.set(title, sheet);
      const base = JSON.stringify({ title, startsAt: startsAt.toISOString() });
      await world.write(async (tx) => {
        await tx`insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, base)
          values (${place.tenantId}, ${schoolId}, ${place.integrationId}, 'sheets', ${sheet.key}, ${recordId}, 'LINKED', ${base})`;
        // Below zero it counts as not pulled.
        await tx`insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)
          values (${runId}, 'sheets', ${sheet.key}, -1, ${newId()}, '\\x00', false, '{}', '{}')`;
        await change(tx, sheet);
      });
    }
    // Tomorrow's, with its learners there in another order than here.
    const [startsAt, endsAt] = [new Date(now + day), new Date(now + day + day / 24)];
    const learnersIds = [await world.school.person(), await world.school.person()];
    ahead = await world.school.meeting({ title: 'Ahead', startsAt, endsAt, learnersIds });
    const about = { title: 'Ahead', description: null, location: null };
    const values = { ...about, startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
    const refs = { learners: ['a', 'b'], instructors: [], groups: [] };
    await world.write(async (tx) => {
      const linked = [
        { stream: 'learners', key: 'b', recordId: learnersIds[0] ?? '', base: {} },
        { stream: 'learners', key: 'a', recordId: learnersIds[1] ?? '', base: {} },
        { stream: 'sheets', key: 'ahead', recordId: ahead, base: { ...values, ...refs } },
      ];
      for (const { stream, key, recordId, base } of linked) {
        await tx`insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, base)
          values (${place.tenantId}, ${schoolId}, ${place.integrationId}, ${stream}, ${key}, ${recordId}, 'LINKED', ${JSON.stringify(base)})`;
      }
      await tx`insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)
        values (${runId}, 'sheets', 'ahead', 0, ${newId()}, '\\x00', false, ${JSON.stringify(values)}, ${JSON.stringify(refs)})`;
    });
    const settings = { windowDays: 14 };
    const work = { engine: world.engine, flows: flowsOf(edusign), settings, run: { ...place, id: runId } };
    const scope = mirrorScope(work, flowNamed(work, 'sheets'), false);
    const covered = { field: 'startsAt', column: '"starts_at"', since: new Date(now - day * 0.75), until: null };
    await world.write(async (tx) => {
      for await (const { rows } of outOfStep(tx, scope, covered)) for (const { recordId } of rows) seen.add(recordId);
    });
  });
  after(() => world.database.drop());

  for (const title of Object.keys(atRest)) {
    it(`is at rest when ${title}`, () => assert.ok(!seen.has(sheets.get(title)?.recordId ?? '')));
  }
  it('is one thing; one of tomorrow is in step though its learners stand in another order there', () =>
    assert.ok(!seen.has(ahead)));
  for (const title of Object.keys(walked)) {
    it(`is looked at when ${title}`, () => assert.ok(seen.has(sheets.get(title)?.recordId ?? '')));
  }
});
