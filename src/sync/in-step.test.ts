/** What is in step never reaches the planner: so whatever it could have something to do for must not count as in step. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import type { TransactionSql } from '../db/client.ts';
import { outOfStep } from '../db/queries/engine/in-step.ts';
import { newId } from '../model/ids.ts';
import { flowNamed } from './engine.ts';
import { flowsOf } from './flow.ts';
import { mirrorScope } from './mirror-scope.ts';

/** One student in one course, known to both sides, as the database has it. */
interface Member {
  place: { tenantId: string; schoolId: string; integrationId: string; runId: string };
  classId: string;
  personId: string;
  enrollmentId: string;
  course: string;
  account: string;
  key: string;
}

type Change = (tx: TransactionSql, member: Member) => Promise<unknown>;

const link = (tx: TransactionSql, { place }: Member, stream: string, key: string, recordId: string, base: object) =>
  tx`insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, base)
     values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${stream}, ${key}, ${recordId}, 'LINKED', ${JSON.stringify(base)})`;

const pulled = (tx: TransactionSql, { place }: Member, stream: string, key: string, values: object, refs: object) =>
  tx`insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)
     values (${place.runId}, ${stream}, ${key}, 0, ${newId()}, '\\x00', false, ${JSON.stringify(values)}, ${JSON.stringify(refs)})`;

const changeLink =
  (stream: string, set: (tx: TransactionSql) => ReturnType<TransactionSql>): Change =>
  (tx, member) =>
    tx`update link set ${set(tx)} where stream = ${stream} and key = any (${[member.key, member.course, member.account]}::text[])`;

const changePulled =
  (stream: string, set: (tx: TransactionSql) => ReturnType<TransactionSql>): Change =>
  (tx, member) =>
    tx`update staging set ${set(tx)} where stream = ${stream} and key = any (${[member.key, member.course, member.account]}::text[])`;

const plan = (tx: TransactionSql, { place }: Member, stream: string, kind: string, recordId: string) =>
  tx`insert into sync_log (tenant_id, school_id, run_id, id, seq, stream, side, kind, action, status, entity, record_id, reason, at)
     values (${place.tenantId}, ${place.schoolId}, ${place.runId}, ${newId()}, nextval('in_step_seq'), ${stream}, 'there', ${kind}, 'test', 'PENDING', 'class', ${recordId}, 'A test.', now())`;

const ask = (tx: TransactionSql, { place }: Member, stream: string, recordId: string) =>
  tx`insert into sync_conflict (tenant_id, school_id, integration_id, id, kind, status, stream, entity, record_id, fields, candidates, detected_at)
     values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${newId()}, 'FIELD_CHANGED', 'OPEN', ${stream}, 'class', ${recordId}, '[]', '[]', now())`;

/** Nobody needs to look at these. */
const alike: Record<string, Change> = {
  'nothing has changed': async () => undefined,
  'it came on two pages, the newer one as it was': async (tx, member) => {
    await changePulled('students', (sql) => sql`page = 1`)(tx, member);
    await pulled(tx, member, 'students', member.key, {}, { class: ['elsewhere'], person: [member.account] });
  },
  'its class was renamed on both sides, and both agreed': async (tx, member) => {
    await tx`update class set title = 'Botany' where id = ${member.classId}`;
    await changePulled('courses', (sql) => sql`"values" = "values" || '{"title": "Botany"}'`)(tx, member);
    await changeLink('courses', (sql) => sql`base = base || '{"title": "Botany"}'`)(tx, member);
  },
};

/** The planner has to look at the membership. */
const memberDiffers: Record<string, Change> = {
  'it is archived here': (tx, { enrollmentId }) =>
    tx`update enrollment set status = 'ARCHIVED' where id = ${enrollmentId}`,
  'it is that of a teacher by now': (tx, { enrollmentId }) =>
    tx`update enrollment set role = 'teacher' where id = ${enrollmentId}`,
  'it is not linked': (tx, { key }) => tx`delete from link where key = ${key}`,
  'its link waits': changeLink('students', (tx) => tx`state = 'WAITING'`),
  'a person said to leave it': changeLink('students', (tx) => tx`state = 'EXCLUDED'`),
  'it is being made': changeLink('students', (tx) => tx`state = 'MAKING'`),
  'a person has decided about it': changeLink('students', (tx) => tx`decisions = '{"makeAgain": true}'`),
  'it was blocked': changeLink('students', (tx) => tx`blocker = 'cannot_create'`),
  'a question about it is open': (tx, member) => ask(tx, member, 'students', member.enrollmentId),
  'it did not come': (tx, { key }) => tx`delete from staging where key = ${key}`,
  'it is told to be gone': changePulled('students', (tx) => tx`gone = true`),
  'it is in another course there': changePulled('students', (tx) => tx`refs = refs || '{"class": ["elsewhere"]}'`),
  'its person has left': (tx, { personId }) => tx`update person set status = 'ARCHIVED' where id = ${personId}`,
  'its person is linked to another account': changeLink('accounts', (tx) => tx`key = key || '-new'`),
  'its person is to be left alone': changeLink('accounts', (tx) => tx`state = 'EXCLUDED'`),
  'its person is linked by this plan': (tx, member) => plan(tx, member, 'accounts', 'link', member.personId),
  'its course is made again by this plan': (tx, member) => plan(tx, member, 'courses', 'create', member.classId),
  'its class is archived': (tx, { classId }) => tx`update class set status = 'ARCHIVED' where id = ${classId}`,
  'its course did not come': (tx, { course }) => tx`delete from staging where key = ${course}`,
};

/** The planner has to look at the class. */
const classDiffers: Record<string, Change> = {
  'it has another title here': (tx, { classId }) => tx`update class set title = 'Botany' where id = ${classId}`,
  'it has a code here that it had not': (tx, { classId }) =>
    tx`update class set location = 'Room 7' where id = ${classId}`,
  'it has another title there': changePulled('courses', (tx) => tx`"values" = "values" || '{"title": "Botany"}'`),
  'what came says nothing about its title': changePulled('courses', (tx) => tx`"values" = "values" - 'title'`),
  'both sides never agreed on its title': changeLink('courses', (tx) => tx`base = base - 'title'`),
  'nothing was ever agreed on': changeLink('courses', (tx) => tx`base = null`),
  'it has another owner there': changePulled('courses', (tx) => tx`refs = '{"teachers": ["somebody"]}'`),
  'its teacher has another account': changeLink('accounts', (tx) => tx`key = key || '-new'`),
  'its teacher is made there by this plan': (tx, member) => plan(tx, member, 'accounts', 'create', member.personId),
};

describe('what is in step', () => {
  let world: TestEngine;
  const members = new Map<string, Member>();
  const walked = new Map<string, Set<string>>();
  const counted = new Map<string, number>();

  before(async () => {
    world = await testEngine([googleWorkspace]);
    const owner = world.database.connect('owner');
    await owner`create sequence in_step_seq`;
    await owner`grant usage on sequence in_step_seq to public`;
    await owner.end();
    const integration = await world.school.integration();
    const { id: runId } = await integration.run({ status: 'RUNNING' });
    const place = { tenantId: world.school.tenant.id, schoolId: world.school.id, integrationId: integration.id, runId };
    const changes = { ...alike, ...memberDiffers, ...classDiffers };
    for (const [no, [title, change]] of Object.entries(changes).entries()) {
      const classId = await world.school.class({ title: `Biology ${no}`, classCode: `B-${no}` });
      const personId = await world.school.person({
        email: `p${no}@school.example`,
        givenName: 'P',
        familyName: `${no}`,
      });
      const teaches = title in classDiffers;
      const enrollmentId = await world.school.enrollment({ classId, personId, role: teaches ? 'teacher' : 'student' });
      const [course, account] = [`c${no}`, `a${no}`];
      const member = { place, classId, personId, enrollmentId, course, account, key: `${course}/${account}` };
      members.set(title, member);
      await world.write(async (tx) => {
        const names = { givenName: 'P', familyName: `${no}` };
        const about = { title: `Biology ${no}`, classCode: `B-${no}`, location: null };
        const taught = { teachers: teaches ? [account] : [] };
        await link(tx, member, 'accounts', account, personId, names);
        await pulled(tx, member, 'accounts', account, { email: `p${no}@school.example`, ...names }, {});
        await link(tx, member, 'courses', course, classId, { ...about, ...taught });
        await pulled(tx, member, 'courses', course, about, taught);
        await link(tx, member, 'students', member.key, enrollmentId, {});
        await pulled(tx, member, 'students', member.key, {}, { class: [course], person: [account] });
        await change(tx, member);
      });
    }
    const flows = flowsOf(googleWorkspace);
    const work = { engine: world.engine, flows, settings: {}, run: { ...place, id: runId } };
    for (const stream of ['courses', 'students']) {
      const scope = mirrorScope(work, flowNamed(work, stream), false);
      const ids = new Set<string>();
      await world.write(async (tx) => {
        for await (const batch of outOfStep(tx, scope, null)) {
          for (const { recordId } of batch.rows) ids.add(recordId);
          counted.set(stream, (counted.get(stream) ?? 0) + batch.inStep);
        }
      });
      walked.set(stream, ids);
    }
  });

  after(() => world.database.drop());

  const isWalked = (stream: string, pick: 'classId' | 'enrollmentId', title: string) =>
    walked.get(stream)?.has(members.get(title)?.[pick] ?? '');

  for (const title of Object.keys(alike)) {
    it(`is a class and its student of which ${title}`, () => {
      assert.equal(isWalked('students', 'enrollmentId', title), false);
      assert.equal(isWalked('courses', 'classId', title), false);
    });
  }
  for (const title of Object.keys(memberDiffers)) {
    it(`is not a membership when ${title}`, () => assert.equal(isWalked('students', 'enrollmentId', title), true));
  }
  for (const title of Object.keys(classDiffers)) {
    it(`is not a class when ${title}`, () => assert.equal(isWalked('courses', 'classId', title), true));
  }

  it('is counted, and each record is either walked or counted', () => {
    const linked = members.size;
    assert.equal((counted.get('courses') ?? 0) + (walked.get('courses')?.size ?? 0), linked);
    assert.equal((counted.get('students') ?? 0) + (walked.get('students')?.size ?? 0), linked);
  });
});
