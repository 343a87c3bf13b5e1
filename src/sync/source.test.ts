import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { inMemory } from '../../test/harness/memory.ts';
import { type Connector, connector, type Page, type Pages, stream } from '../connectors/kit/contract.ts';

/** A source in memory, so that a test can say exactly what it answers. */
interface Told {
  id: string;
  gone?: boolean;
  [name: string]: unknown;
}

const told = {
  people: [] as Told[],
  classes: [] as Told[],
  enrollments: [] as Told[],
  /** What `since` answers; null: the source offers no changes. */
  changes: null as null | Record<'people' | 'classes' | 'enrollments', Told[]>,
  guardians: true,
};

const wire = z.looseObject({ id: z.string(), gone: z.boolean().optional() });
type Wire = z.output<typeof wire>;
const text = (name: string) => ({
  read: (record: Wire) => (record[name] as string | undefined) ?? null,
  owner: 'provider' as const,
});

async function* pages(records: readonly Told[], mark: string): Pages {
  const page = (part: readonly Told[], last: boolean): Page => ({
    records: part,
    next: last ? null : 'more',
    ...(last && { mark }),
  });
  const half = Math.ceil(records.length / 2);
  yield page(records.slice(0, half), false);
  yield page(records.slice(half), true);
}

const pull = (name: 'people' | 'classes' | 'enrollments') => ({
  all: () => pages(told[name], 'mark'),
  since: () => pages(told.changes?.[name] ?? [], 'later'),
});
const common = {
  born: 'there' as const,
  wire,
  key: (record: Wire) => record.id,
  gone: (record: Wire) => record.gone ?? false,
};

const memory: Connector = connector<null, Record<string, never>, Record<string, never>>({
  id: 'memory',
  name: 'Memory',
  ...inMemory,
  streams: {
    people: stream<null, 'person', Wire>({
      ...common,
      entity: 'person',
      action: 'memory.person',
      fields: {
        givenName: text('givenName'),
        familyName: text('familyName'),
        role: text('role'),
        email: text('email'),
      },
      pull: pull('people'),
    }),
    guardians: stream<null, 'guardianLink', Wire>({
      ...common,
      entity: 'guardianLink',
      action: 'memory.guardian',
      refs: {
        student: { stream: 'people', read: (record) => [record.student as string], missing: 'wait' },
        guardian: { stream: 'people', read: (record) => [record.guardian as string], missing: 'wait' },
      },
      fields: {},
      pull: {
        within: {
          stream: 'people',
          owned: true,
          carrier: 'student',
          records: (carrier) =>
            (((carrier as Wire).guardians as string[] | undefined) ?? []).map((guardian) => ({
              id: `${(carrier as Wire).id}:${guardian}`,
              student: (carrier as Wire).id,
              guardian,
            })),
        },
      },
    }),
    classes: stream<null, 'class', Wire>({
      ...common,
      entity: 'class',
      action: 'memory.class',
      fields: { title: text('title') },
      pull: pull('classes'),
    }),
    enrollments: stream<null, 'enrollment', Wire>({
      ...common,
      entity: 'enrollment',
      action: 'memory.enrollment',
      refs: {
        class: { stream: 'classes', read: (record) => [record.class as string], missing: 'wait', container: true },
        person: { stream: 'people', read: (record) => [record.person as string], missing: 'wait' },
      },
      fields: { role: text('role') },
      pull: pull('enrollments'),
    }),
  },
});

describe('a source', () => {
  let world: TestEngine;
  let integrationId: string;
  const count = async (table: string, where = "status = 'ACTIVE'") => {
    const [row] = await world.write((tx) =>
      tx.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table} where ${where}`),
    );
    return row?.n;
  };

  before(async () => {
    world = await testEngine([memory]);
    integrationId = await world.connect('memory', {}, {});
    told.people = Array.from({ length: 30 }, (_, index) => ({
      id: `p${index}`,
      givenName: 'P',
      familyName: String(index),
      role: 'student',
    }));
    // The last of them answers for twelve of the others.
    for (const person of told.people.slice(0, 12)) person.guardians = ['p29'];
    told.classes = [
      { id: 'c1', title: 'Art' },
      { id: 'c2', title: 'Biology' },
    ];
    told.enrollments = told.people
      .slice(0, 20)
      .map(({ id }) => ({ id: `e${id}`, class: 'c1', person: id, role: 'student' }));
  });

  after(() => world.database.drop());

  it('brings its records in, in the order of their references', async () => {
    const run = await world.sync(integrationId);
    const why = JSON.stringify({
      run,
      messages: world.messages.map(({ facts }) => String((facts as { error: Error }).error?.stack)),
    });

    assert.equal(run.status, 'SUCCEEDED', why);
    assert.deepEqual(
      [await count('person'), await count('class'), await count('enrollment'), await count('guardian_link')],
      [30, 2, 20, 12],
    );
    assert.equal(run.created, 64);
  });

  it('changes nothing when nothing changed (L1, L2)', async () => {
    const run = await world.sync(integrationId, { mode: 'FULL' });

    assert.deepEqual([run.created, run.updated, run.deleted, run.unchanged], [0, 0, 0, 64]);
    assert.deepEqual([...(await world.log(run.id))], []);
  });

  it('writes what differs, with before, after and a reason (L7)', async () => {
    told.people[1] = { ...told.people[1], id: 'p1', familyName: 'Changed' };
    told.enrollments[1] = { ...told.enrollments[1], id: 'ep1', class: 'c2' };
    const run = await world.sync(integrationId, { mode: 'FULL' });
    const log = await world.log(run.id);

    assert.deepEqual([run.status, run.updated], ['SUCCEEDED', 2]);
    assert.deepEqual(
      log.map(({ action, status }) => [action, status]),
      [
        ['memory.person.update', 'SUCCESS'],
        ['memory.enrollment.update', 'SUCCESS'],
      ],
    );
    assert.ok(log.every(({ reason }) => reason.length > 10));
    assert.equal(await count('enrollment', "class_id = (select id from class where title = 'Biology')"), 1);
  });

  it('archives what is gone and brings it back under its old id', async () => {
    const [gone] = told.people.splice(25, 1);
    const [before] = await world.write((tx) => tx<{ id: string }[]>`select id from person where sourced_id = 'p25'`);
    const run = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([run.status, run.deleted, await count('person')], ['SUCCEEDED', 1, 29]);

    told.people.push(gone as Told);
    await world.sync(integrationId, { mode: 'FULL' });
    const [back] = await world.write(
      (tx) => tx<{ id: string; status: string }[]>`select id, status from person where sourced_id = 'p25'`,
    );
    assert.deepEqual([back?.id, back?.status], [before?.id, 'ACTIVE']);
  });

  it('lets go of one guardian when a student comes without', async () => {
    told.people[0] = { ...told.people[0], id: 'p0', guardians: [] };
    const run = await world.sync(integrationId, { mode: 'FULL' });

    assert.deepEqual([run.status, run.deleted, await count('guardian_link')], ['SUCCEEDED', 1, 11]);
  });

  it('lets a record wait for its reference, tells it once, and makes it when the reference comes', async () => {
    told.enrollments.push({ id: 'late', class: 'c9', person: 'p5', role: 'student' });
    const first = await world.sync(integrationId, { mode: 'FULL' });
    const second = await world.sync(integrationId, { mode: 'FULL' });
    assert.deepEqual([first.skipped, second.skipped, (await world.log(second.id)).length], [1, 0, 0]);

    told.classes.push({ id: 'c9', title: 'Chess' });
    await world.sync(integrationId, { mode: 'FULL' });
    assert.equal(await count('enrollment', "sourced_id = 'late' and status = 'ACTIVE'"), 1);
  });

  it('lets a waiting record go on in a delta that does not name it again', async () => {
    told.changes = {
      people: [],
      classes: [],
      enrollments: [{ id: 'later', class: 'c10', person: 'p6', role: 'student' }],
    };
    await world.sync(integrationId);
    told.changes = { people: [], classes: [{ id: 'c10', title: 'Dance' }], enrollments: [] };
    const run = await world.sync(integrationId);
    told.classes.push({ id: 'c10', title: 'Dance' });
    told.enrollments.push({ id: 'later', class: 'c10', person: 'p6', role: 'student' });

    assert.equal(run.created, 2);
    assert.equal(await count('enrollment', "sourced_id = 'later' and status = 'ACTIVE'"), 1);
  });

  it('removes nothing for being absent from a list of changes, and what it says is gone (L4)', async () => {
    const before = (await count('person')) ?? 0;
    told.changes = { people: [{ id: 'p20', gone: true }], classes: [], enrollments: [] };
    const run = await world.sync(integrationId);
    told.people = told.people.filter(({ id }) => id !== 'p20');

    assert.deepEqual([run.deleted, await count('person')], [1, before - 1]);
  });

  it('removes nobody when it suddenly answers nothing, until a person approves', async () => {
    const before = await count('person');
    const kept = told.people;
    told.people = [];
    const run = await world.sync(integrationId, { mode: 'FULL' });
    told.people = kept;

    assert.equal(run.status, 'HELD');
    assert.match(run.heldReason ?? '', /came back empty/);
    assert.equal(await count('person'), before);
  });

  it('skips one record it cannot read, tells it, and believes no absence in that run', async () => {
    const before = await count('person');
    const kept = told.people;
    told.people = [...kept.slice(0, -3), { id: 7 as unknown as string }];
    const run = await world.sync(integrationId, { mode: 'FULL' });
    told.people = kept;
    const log = await world.log(run.id);

    assert.equal(await count('person'), before);
    assert.deepEqual(
      log.map(({ action, status }) => [action, status]),
      [['memory.person.read', 'SKIPPED']],
    );
  });

  it('keeps a value a person chose until the source says something else, asks then, and lets go when it takes it back', async () => {
    const person = told.people[4] as Told;
    const [row] = await world.write(
      (tx) => tx<{ id: string }[]>`
      update person set family_name = 'Kept' where sourced_id = ${person.id} returning id`,
    );
    await world.write(
      (tx) => tx`
      insert into override (tenant_id, school_id, entity, record_id, field, value, source_value)
      select tenant_id, school_id, 'person', id, 'familyName', '"Kept"', ${JSON.stringify(person.familyName)} from person where id = ${row?.id ?? ''}`,
    );
    const sourceSays = person.familyName;
    const open = async () => (await world.conflicts()).filter((each) => each.status === 'OPEN');
    const sync = () => world.sync(integrationId, { mode: 'FULL' });
    person.givenName = 'Other';
    await sync();
    assert.deepEqual(await open(), [], 'another field of the record changes nothing about it');

    person.familyName = 'New';
    person.givenName = 'Another';
    await sync();
    await sync();
    assert.deepEqual(
      (await open()).map(({ kind, fields }) => [kind, fields]),
      [['FIELD_CHANGED', [{ name: 'familyName', baseValue: sourceSays, localValue: 'Kept', externalValue: 'New' }]]],
    );

    person.familyName = sourceSays;
    await sync();
    assert.deepEqual(await open(), [], 'both agree again');

    person.familyName = 'Newer';
    await sync();
    const [conflict] = await open();
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: new Date() };
    const answer = {
      conflictId: conflict?.id ?? '',
      version: conflict?.version ?? 0,
      resolution: 'ACCEPT_EXTERNAL' as const,
    };
    await world.write((tx) => world.api.resolveConflict(tx, { ...act, ...answer }));
    assert.equal(await count('person', "family_name = 'Newer'"), 1);
    person.familyName = 'Newest';
    await sync();
    assert.equal(await count('person', "family_name = 'Newest'"), 1, 'the source is believed again');
    assert.deepEqual(await open(), []);
  });

  it('plans the same whatever the order its records come in (L6)', async () => {
    const plans: unknown[] = [];
    for (const turn of [(list: Told[]) => list, (list: Told[]) => list.toReversed()]) {
      const other = await testEngine([memory]);
      const id = await other.connect('memory', {}, {});
      const [people, classes, enrollments] = [told.people, told.classes, told.enrollments];
      Object.assign(told, { people: turn(people), classes: turn(classes), enrollments: turn(enrollments) });
      const run = await other.sync(id, { mode: 'FULL' });
      Object.assign(told, { people, classes, enrollments });
      plans.push((await other.log(run.id)).map(({ seq, action, name, reason }) => ({ seq, action, name, reason })));
      await other.database.drop();
    }
    assert.ok((plans[0] as unknown[]).length > 50);
    assert.deepEqual(plans[0], plans[1]);
  });
});
