import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import {
  type MemoryDestination,
  type MemorySource,
  memoryDestination,
  memorySource,
} from '../../test/harness/memory.ts';
import type { EntityName } from '../model/entities.ts';
import { newId } from '../model/ids.ts';

const codes = (explained: { blockers: readonly { code: string }[] } | null) =>
  explained?.blockers.map(({ code }) => code);

describe('explain', () => {
  let world: TestEngine;
  let sis: MemorySource;
  let rooms: MemoryDestination;
  let from: string;
  let to: string;
  const ids: Record<string, string> = {};
  let course = '';
  const asking = (integrationId: string, wondering: object) =>
    world.write((tx) => world.api.explain(tx, { tenantId: world.school.tenant.id, integrationId, ...wondering }));
  const record = (entity: EntityName, name: string) => ({ record: { entity, id: ids[name] ?? newId() } });
  const ask = async (integrationId: string, wondering: object) => {
    const explained = await asking(integrationId, wondering);
    assert.ok(explained);
    assert.ok(explained.summary.length > 5);
    for (const { message, remedy } of explained.blockers) assert.ok(message && remedy, 'each blocker has a remedy');
    return explained;
  };

  before(async () => {
    sis = memorySource();
    rooms = memoryDestination();
    const { connector } = rooms;
    const classes = connector.streams.classes;
    assert.ok(classes?.selects);
    const inTerm = { ...classes, selects: { ...classes.selects, currentTerms: () => true } };
    world = await testEngine([sis.connector, { ...connector, streams: { ...connector.streams, classes: inTerm } }]);
    const person = (id: string, email: string | null) => ({
      id,
      givenName: id,
      familyName: 'Bos',
      role: 'student',
      email,
    });
    sis.people.push(person('ann', 'ann@school.example'), person('bob', null), person('cas', 'cas@school.example'));
    sis.people.push(...Array.from({ length: 12 }, (_, index) => person(`p${index}`, null)));
    sis.classes.push({ id: 'bio', title: 'Biology' }, { id: 'art', title: 'Art' }, { id: 'old', title: 'Old' });
    sis.classes.push(...Array.from({ length: 9 }, (_, index) => ({ id: `c${index}`, title: `Class ${index}` })));
    const member = (id: string, who: string, where: string) => ({ id, person: who, class: where, role: 'student' });
    sis.enrollments.push(member('e1', 'ann', 'bio'), member('e2', 'bob', 'bio'), member('e3', 'ann', 'old'));
    sis.enrollments.push(member('e4', 'nobody', 'bio'));
    from = await world.connect(sis.connector.id, {}, {});
    to = await world.connect(connector.id, {}, {});
    for (const who of ['ann', 'cas']) rooms.people.set(who, { ...person(who, `${who}@school.example`) });
    await world.sync(from);
    const termId = newId();
    await world.write(async (tx) => {
      const rows = await tx<{ id: string; name: string }[]>`
        select id, sourced_id as name from person union all select id, sourced_id from class
        union all select id, sourced_id from enrollment`;
      for (const row of rows) ids[row.name] = row.id;
      await tx`insert into term (tenant_id, school_id, id, title, type, start_date, end_date)
        select tenant_id, school_id, ${termId}, 'Gone', 'term', '2001-01-01', '2001-02-01' from class limit 1`;
      await tx`update class set terms_ids = array[${termId}]::uuid[] where sourced_id = 'old'`;
    });
  });
  after(() => world.database.drop());

  it('says before the first sync that it goes with that', async () => {
    const explained = await ask(to, record('class', 'bio'));
    assert.equal(explained.state, 'WAITING');
    assert.deepEqual(codes(explained), ['never_synced']);
    assert.equal(explained.link, null);
  });

  it('explains a record that is in step, field by field, with the run that wrote it', async () => {
    const run = await world.sync(to);
    course = [...rooms.classes.values()].find(({ title }) => title === 'Biology')?.id ?? '';
    const explained = await ask(to, record('class', 'bio'));

    assert.equal(explained.state, 'IN_STEP');
    assert.equal(explained.link?.externalId, course);
    assert.deepEqual(explained.fields, [
      {
        name: 'title',
        owner: 'Memory SIS',
        baseValue: 'Biology',
        localValue: 'Biology',
        externalValue: 'Biology',
        reason: 'Both sides are alike.',
        lastRunId: run.id,
      },
    ]);
  });

  it('explains the same record at its source, which owns its fields', async () => {
    const explained = await ask(from, record('class', 'bio'));

    assert.equal(explained.state, 'IN_STEP');
    assert.equal(explained.link?.externalId, 'bio');
    const [title] = explained.fields;
    assert.equal(title?.owner, 'Memory SIS');
    assert.equal(title?.reason, 'Memory SIS owns this value.');
    assert.ok(title?.lastRunId);
  });

  it('says that a person has no e-mail address, and so why they are not in the class', async () => {
    const person = await ask(to, record('person', 'bob'));
    assert.equal(person.state, 'NOT_SELECTED');
    assert.deepEqual(codes(person), ['no_email']);
    assert.match(person.summary, /has no e-mail address/);

    const place = await ask(to, { ...record('person', 'bob'), classId: ids.bio });
    assert.equal(place.state, 'BLOCKED');
    assert.deepEqual(codes(place), ['person_not_there', 'no_email']);
  });

  it('says that a class is not mirrored: outside the current term, also of those in it', async () => {
    const explained = await ask(to, record('class', 'old'));
    assert.equal(explained.state, 'NOT_SELECTED');
    assert.match(explained.summary, /not mirrored: outside the current term/);

    const place = await ask(to, { ...record('person', 'ann'), classId: ids.old });
    assert.equal(place.state, 'NOT_SELECTED');
    assert.match(place.summary, /outside the current term/);
  });

  it('explains a membership that does not exist', async () => {
    const place = await ask(to, { ...record('person', 'ann'), classId: ids.art });
    assert.equal(place.state, 'NOT_SELECTED');
    assert.match(place.summary, /is not in Art in Homeroom/);
    assert.deepEqual(codes(place), ['not_enrolled']);

    const both = await ask(to, { ...record('person', 'bob'), classId: ids.old });
    assert.deepEqual(codes(both), ['not_enrolled', 'outside_current_term', 'no_email']);
  });

  it('explains a membership that is there', async () => {
    const place = await ask(to, { ...record('person', 'ann'), classId: ids.bio });
    assert.equal(place.state, 'IN_STEP');
    assert.ok(place.link?.externalId);
  });

  it('explains a record by its id out there, one that waits, and one that was never seen', async () => {
    assert.equal((await ask(from, { externalId: 'bio' })).state, 'IN_STEP');

    const waiting = await ask(from, { externalId: 'e4' });
    assert.equal(waiting.state, 'WAITING');
    assert.deepEqual(codes(waiting), ['person_missing']);
    assert.match(waiting.blockers[0]?.message ?? '', /Its person nobody has not come from Memory SIS/);

    const unknown = await ask(from, { externalId: 'who' });
    assert.equal(unknown.state, 'NOT_SELECTED');
    assert.match(unknown.summary, /who was never seen: Memory SIS was last read whole on \d{4}-\d\d-\d\d/);
  });

  it('explains a record that was skipped at the door, and what waits for it', async () => {
    sis.people.push({ id: 'nobody', givenName: 'No', familyName: 'Body' });
    await world.sync(from);

    const skipped = await ask(from, { externalId: 'nobody' });
    assert.equal(skipped.state, 'BLOCKED');
    assert.deepEqual(codes(skipped), ['required_value_missing']);
    assert.match(skipped.summary, /No Body \(nobody\) is skipped since .*, for role must be there/);
    const waiting = await ask(from, { externalId: 'e4' });
    assert.match(waiting.blockers[0]?.message ?? '', /Its person nobody was skipped, for role must be there/);
    sis.people.pop();
  });

  it('says what differs and who may decide it, as a run would', async () => {
    rooms.classes.set(course, { ...rooms.classes.get(course), id: course, title: 'Their name' });
    const run = await world.sync(to);
    const explained = await ask(to, record('class', 'bio'));

    assert.equal(run.conflicts, 1);
    assert.equal(explained.state, 'CONFLICT');
    assert.match(explained.summary, /differs in title between Homeroom and Memory Rooms, since \d{4}/);
    const [title] = explained.fields;
    assert.deepEqual([title?.baseValue, title?.localValue, title?.externalValue], ['Biology', 'Biology', 'Their name']);
    assert.match(title?.reason ?? '', /a person decides/);
    rooms.classes.set(course, { ...rooms.classes.get(course), id: course, title: 'Biology' });
    await world.sync(to);
  });

  it('says of what will be settled that it waits for the next sync, and that run does it', async () => {
    sis.classes[1] = { id: 'art', title: 'Arts' };
    await world.sync(from);
    const explained = await ask(to, record('class', 'art'));
    assert.equal(explained.state, 'WAITING');
    assert.equal(explained.fields[0]?.reason, 'Changed in Homeroom only.');

    await world.sync(to);
    assert.equal((await ask(to, record('class', 'art'))).state, 'IN_STEP');
  });

  it('says why the provider did not take it', async () => {
    sis.classes.push({ id: 'new', title: 'New' });
    await world.sync(from);
    const { Refused } = await import('../connectors/kit/errors.ts');
    rooms.meanwhile = () => {
      throw new Refused({ code: 'rooms_full', message: 'There is no room left.', remedy: 'Make room.' });
    };
    const run = await world.sync(to);
    rooms.meanwhile = () => undefined;
    const [row] = await world.write((tx) => tx<{ id: string }[]>`select id from class where sourced_id = 'new'`);
    ids.new = row?.id ?? '';
    const explained = await ask(to, record('class', 'new'));

    assert.equal(run.failed, 1);
    assert.equal(explained.state, 'BLOCKED');
    assert.deepEqual(explained.blockers, [
      { code: 'rooms_full', message: 'There is no room left.', remedy: 'Make room.', runId: run.id },
    ]);
    await world.sync(to);
  });

  it('says that a removal is held, since when, and in which run', async () => {
    const kept = sis.people;
    sis.people = kept.slice(0, 3);
    const run = await world.sync(from, { mode: 'FULL' });
    const explained = await ask(from, record('person', 'p4'));

    assert.equal(run.status, 'HELD');
    assert.equal(explained.state, 'WAITING');
    assert.deepEqual(codes(explained), ['held']);
    assert.match(explained.summary, /The removal of p4 Bos is held since \d{4}-\d\d-\d\d/);
    assert.equal(explained.blockers[0]?.runId, run.id);
    sis.people = kept;
    await world.sync(from, { mode: 'FULL' });
  });

  it('says which run archived what its source no longer has', async () => {
    sis.classes.splice(
      sis.classes.findIndex(({ id }) => id === 'art'),
      1,
    );
    const run = await world.sync(from, { mode: 'FULL' });
    const explained = await ask(from, record('class', 'art'));

    assert.equal(explained.state, 'NOT_SELECTED');
    assert.match(explained.summary, /Art.* is archived: Memory SIS no longer had it on/);
    assert.equal(explained.blockers[0]?.runId, run.id);
    assert.equal((await ask(to, record('class', 'art'))).state, 'WAITING', 'it is still there');
  });

  it('says who decided that a record is left as it is', async () => {
    rooms.classes.delete(course);
    await world.sync(to);
    const asked = await ask(to, record('class', 'bio'));
    assert.equal(asked.state, 'CONFLICT');
    const place = await ask(to, { ...record('person', 'ann'), classId: ids.bio });
    assert.deepEqual([place.state, codes(place)], ['WAITING', ['conflict_deleted_externally']]);
    const conflict = (await world.conflicts()).find(({ status }) => status === 'OPEN');
    await world.write((tx) =>
      world.api.resolveConflict(tx, {
        tenantId: world.school.tenant.id,
        conflictId: conflict?.id ?? '',
        version: conflict?.version ?? 0,
        resolution: 'ACCEPT_EXTERNAL',
        by: 'Ms Vos',
        now: world.engine.clock.now(),
      }),
    );
    const explained = await ask(to, record('class', 'bio'));

    assert.equal(explained.state, 'NOT_SELECTED');
    assert.match(explained.summary, /Ms Vos decided so on \d{4}-\d\d-\d\d/);
  });

  it('puts what is wrong with the integration first', async () => {
    await world.write(
      (tx) => tx`update integration set status = 'ERROR', status_reason = 'Sign in again.' where id = ${to}`,
    );
    const broken = await ask(to, record('class', 'new'));
    assert.deepEqual([broken.state, codes(broken)], ['BLOCKED', ['integration_error']]);
    await world.write((tx) => tx`update integration set status = 'DISCONNECTED' where id = ${to}`);
    const gone = await ask(to, record('class', 'new'));
    assert.deepEqual([gone.state, codes(gone)], ['BLOCKED', ['integration_disconnected']]);
  });

  it('answers null for what is not there and for what another school has, alike', async () => {
    const other = await world.school.tenant.school();
    const elsewhere = await other.class({ title: 'Elsewhere' });
    for (const id of [newId(), elsewhere]) {
      assert.equal(await asking(to, { record: { entity: 'class', id } }), null);
      assert.equal(await asking(to, { ...record('person', 'ann'), classId: id }), null);
    }
    assert.equal(await asking(newId(), record('class', 'bio')), null);
  });
});
