import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { edusign } from '../connectors/edusign/index.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../simulators/edusign/simulator.ts';

describe('a destination that mirrors the sessions of the days ahead', () => {
  let simulator: EdusignSimulator;
  let world: TestEngine;
  let integrationId: string;
  let now = new Date('2026-10-20T05:00:00Z');
  const people: Record<string, string> = {};

  before(async () => {
    const clock = { now: () => now, advance: () => undefined };
    simulator = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, clock);
    world = await testEngine([edusign], { previewFirst: false }, { clock });
    await world.write((tx) => tx`update school set time_zone = 'Europe/Paris' where id = ${world.school.id}`);
    integrationId = await world.connect('edusign', { apiRootUrl: simulator.origin }, { edusignToken: 'key' });
    for (const [place, name] of ['Zoe', 'Anne', 'Bo', 'Cas', 'Dan'].entries()) {
      const email = name === 'Dan' ? null : `${name.toLowerCase()}@example.org`;
      const role = name === 'Zoe' ? 'teacher' : 'student';
      const row = { givenName: name, familyName: 'Dupont', role, email, sourcedId: `p${place}` };
      people[name] = await world.school.person(row);
    }
    await meet('ethics', '2026-10-21T06:30:00Z', ['Anne', 'Bo', 'Dan']);
    await meet('law', '2026-11-03T22:30:00Z', ['Anne']);
    await meet('later', '2026-11-03T23:30:00Z', ['Cas']);
    await meet('alone', '2026-10-22T06:30:00Z', ['Anne'], []);
    await meet('empty', '2026-10-22T08:30:00Z', [], []);
    await meet('over', '2026-10-20T02:30:00Z', ['Cas']);
  });
  after(async () => {
    assert.deepEqual(simulator.problems, []);
    assert.deepEqual(simulator.hand.harmed(), []);
    await simulator.close();
    await world.database.drop();
  });

  const ids = (names: readonly string[]) => names.map((name) => people[name] ?? '');
  const meet = (title: string, start: string, learners: readonly string[], instructors: readonly string[] = ['Zoe']) =>
    world.school.meeting({
      title,
      sourcedId: title,
      startsAt: new Date(start),
      endsAt: new Date(Date.parse(start) + 7_200_000),
      learnersIds: ids(learners),
      instructorsIds: ids(instructors),
    });
  const move = (title: string, start: string) =>
    world.write(
      (tx) => tx`update meeting set starts_at = ${start}, ends_at = ${start}::timestamptz + interval '2 hours'
        where school_id = ${world.school.id} and sourced_id = ${title}`,
    );
  const archive = (title: string, status = 'ARCHIVED') =>
    world.write(
      (tx) => tx`update meeting set status = ${status} where school_id = ${world.school.id} and sourced_id = ${title}`,
    );
  const retitle = (title: string, to: string) =>
    world.write(
      (tx) => tx`update meeting set title = ${to} where school_id = ${world.school.id} and sourced_id = ${title}`,
    );
  const sheets = () =>
    simulator.hand
      .sheets()
      .map(({ API_ID }) => API_ID)
      .sort();
  const sheet = (apiId: string) => {
    const found = simulator.hand.sheets().find(({ API_ID }) => API_ID === apiId);
    assert.ok(found, `there is a sheet ${apiId}`);
    return found;
  };
  /** Syncs, and answers which routes were called and what the log says was not done. */
  const sync = async () => {
    simulator.journal.clear();
    const run = await world.sync(integrationId);
    const log = await world.log(run.id);
    const skipped = log
      .filter(({ status }) => status !== 'SUCCESS')
      .map(({ name, details }) => `${name}: ${String(details?.code)}`);
    return { run, skipped: skipped.sort(), routes: simulator.journal.entries().map(({ route }) => route) };
  };
  const lists = ['students.list', 'professors.list', 'sheets.list'];

  it('makes the sheets of fourteen days, as the school counts days, and their people only', async () => {
    const { run, skipped } = await sync();

    assert.equal(run.status, 'SUCCEEDED');
    assert.deepEqual(sheets(), ['ethics', 'law']);
    const names = simulator.hand.people('student').map(({ FIRSTNAME }) => FIRSTNAME);
    assert.deepEqual(names.sort(), ['Anne', 'Bo']);
    assert.equal(sheet('ethics').STUDENTS.length, 2, 'the sheet is written without the one who has no address');
    assert.equal(sheet('ethics').START, '2026-10-21T06:30:00.000Z');
    assert.deepEqual(skipped, ['Dan Dupont: PERSON_NO_EMAIL', 'alone: SHEET_NO_INSTRUCTOR', 'empty: SHEET_NOBODY']);
  });

  it('reads three lists and nothing else on a day on which nothing changed', async () => {
    const { run, skipped, routes } = await sync();

    assert.deepEqual([routes.sort(), skipped, run.conflicts], [lists.toSorted(), [], 0]);
  });

  it('moves a sheet in one call, also out of the window, and brings it back', async () => {
    const { ID } = sheet('ethics');
    for (const start of ['2026-10-25T07:30:00.000Z', '2026-11-09T07:30:00.000Z', '2026-10-21T06:30:00.000Z']) {
      await move('ethics', start);
      const { routes } = await sync();
      assert.deepEqual(
        routes.filter((route) => !lists.includes(route)),
        ['sheets.update'],
      );
      assert.deepEqual([sheet('ethics').ID, sheet('ethics').START], [ID, start]);
    }
    assert.deepEqual((await sync()).routes.sort(), lists.toSorted());
  });

  it('leaves a locked sheet as it is, tells so once, and goes on once it is unlocked', async () => {
    const { ID } = sheet('ethics');
    simulator.hand.lock(ID);
    await retitle('ethics', 'Ethics II');
    assert.deepEqual((await sync()).skipped, ['Ethics II: SHEET_LOCKED']);
    assert.deepEqual((await sync()).skipped, []);
    assert.equal(sheet('ethics').NAME, 'ethics');
    simulator.hand.lock(ID, false);
    await sync();
    assert.equal(sheet('ethics').NAME, 'Ethics II');
  });

  it('asks about what was changed there by hand', async () => {
    simulator.hand.changeSheet(sheet('law').ID, { CLASSROOM: 'Salle 7' });
    const { run, routes } = await sync();
    assert.deepEqual([run.conflicts, routes.includes('sheets.update')], [1, false]);
    simulator.hand.changeSheet(sheet('law').ID, { CLASSROOM: '' });
    assert.equal((await sync()).run.conflicts, 0);
  });

  it('writes a family name that has changed here and keeps the given name that a hand has changed there, and asks', async () => {
    const anne = () => simulator.hand.people('student').find(({ API_ID }) => API_ID === 'p1');
    const rename = (name: string) =>
      world.write((tx) => tx`update person set family_name = ${name} where id = ${people.Anne ?? ''}`);
    simulator.hand.changePerson('student', anne()?.ID ?? '', { FIRSTNAME: 'Nan' });
    await rename('Durand');
    assert.equal((await sync()).run.conflicts, 1);
    assert.deepEqual([anne()?.FIRSTNAME, anne()?.LASTNAME], ['Nan', 'Durand']);
    simulator.hand.changePerson('student', anne()?.ID ?? '', { FIRSTNAME: 'Anne' });
    await rename('Dupont');
    assert.equal((await sync()).run.conflicts, 0);
  });

  it('deletes the sheet of a session that is cancelled ahead, but none that is in use', async () => {
    await meet('cancelled', '2026-10-23T06:30:00Z', ['Bo']);
    await meet('signed', '2026-10-23T08:30:00Z', ['Bo']);
    for (let hour = 10; hour < 20; hour += 1) await meet(`filler ${hour}`, `2026-10-23T${hour}:00:00Z`, ['Bo']);
    await sync();
    simulator.hand.sign(sheet('signed').ID, sheet('signed').STUDENTS[0]?.studentId);
    for (const title of ['cancelled', 'signed']) await archive(title);
    const { skipped } = await sync();
    assert.deepEqual(
      sheets().filter((apiId) => !apiId.startsWith('filler')),
      ['ethics', 'law', 'signed'],
    );
    assert.deepEqual(skipped, ['signed: VANISHED_BUT_USED']);
    assert.deepEqual((await sync()).skipped, []);
  });

  it('leaves yesterday’s sheets for good, whatever becomes of their sessions', async () => {
    const { ID } = sheet('ethics');
    simulator.hand.sign(ID, sheet('ethics').STUDENTS[0]?.studentId);
    now = new Date('2026-10-22T05:00:00Z');
    await archive('ethics');
    await sync();
    now = new Date('2026-11-22T05:00:00Z');
    const { run, routes } = await sync();
    assert.equal(sheet('ethics').ID, ID);
    assert.deepEqual([run.conflicts, routes.sort()], [0, lists.toSorted()]);
  });

  it('takes yesterday’s session that is held again tomorrow for the one it was, and looks before it writes', async () => {
    await archive('law', 'ACTIVE');
    await move('law', '2026-11-24T07:30:00Z');
    const { routes } = await sync();
    assert.deepEqual(
      routes.filter((route) => !lists.includes(route)),
      ['sheets.get', 'sheets.update'],
    );
    assert.equal(sheets().filter((apiId) => apiId === 'law').length, 1);
  });

  it('leaves alone for good the signed sheet of a session that is over and held again: told once, asked once', async () => {
    const of = await world.write(
      (tx) =>
        tx<{ id: string }[]>`select id from meeting where school_id = ${world.school.id} and sourced_id = 'ethics'`,
    );
    const record = { entity: 'meeting' as const, id: of[0]?.id ?? '' };
    const explain = () =>
      world.write((tx) => world.api.explain(tx, { tenantId: world.school.tenant.id, integrationId, record }));
    const before = structuredClone(sheet('ethics'));
    await archive('ethics', 'ACTIVE');
    await move('ethics', '2026-11-25T10:30:00Z');
    const first = await sync();
    assert.deepEqual(
      [first.run.status, first.skipped],
      ['SUCCEEDED', ['Dan Dupont: PERSON_NO_EMAIL', 'Ethics II: SHEET_SIGNED']],
      'the log names it, and nothing failed',
    );
    assert.equal(first.routes.filter((route) => route === 'sheets.get').length, 1);
    assert.deepEqual(
      (await explain())?.blockers.map(({ code }) => code),
      ['SHEET_SIGNED'],
    );

    const next = await sync();
    assert.deepEqual([next.run.status, next.skipped, next.routes.sort()], ['SUCCEEDED', [], lists.toSorted()]);
    assert.equal((await explain())?.state, 'BLOCKED');

    await move('ethics', '2026-11-26T10:30:00Z');
    assert.deepEqual((await sync()).skipped, ['Ethics II: SHEET_SIGNED'], 'another time is another question');
    assert.deepEqual((await sync()).skipped, []);
    assert.deepEqual(sheet('ethics'), before);
    await archive('ethics');
    await sync();
  });

  it('finds by its mark what another connector of the two has made before', async () => {
    const professor = simulator.hand.people('professor')[0]?.ID ?? '';
    const anne = simulator.hand.people('student').find(({ FIRSTNAME }) => FIRSTNAME === 'Anne');
    const STUDENTS = [{ studentId: anne?.ID ?? '' }];
    const when = { START: '2026-11-25T07:30:00Z', END: '2026-11-25T09:30:00Z', PROFESSOR: professor, STUDENTS };
    simulator.hand.addSheet({ NAME: 'before', ...when, API_ID: 'before', API_TYPE: 'aurion' });
    await meet('before', '2026-11-25T07:30:00Z', ['Anne']);
    const { routes } = await sync();
    assert.ok(!routes.includes('sheets.create'));
    assert.equal(sheets().filter((apiId) => apiId === 'before').length, 1);
  });

  it('puts somebody who is new in Edusign on a sheet that is there, in a run of that sheet right afterwards', async () => {
    const row = { givenName: 'Fay', familyName: 'Dupont', email: 'fay@example.org', sourcedId: 'p8' };
    const fay = await world.school.person(row);
    await world.write(
      (tx) => tx`update meeting set learners_ids = learners_ids || ${fay}::uuid
      where school_id = ${world.school.id} and sourced_id = 'law'`,
    );
    const { routes } = await sync();
    assert.deepEqual(
      routes.filter((route) => !lists.includes(route)),
      ['students.create', 'sheets.get', 'sheets.update'],
    );
    assert.equal(sheet('law').STUDENTS.length, 2);
    assert.deepEqual((await sync()).routes.sort(), lists.toSorted());
  });

  it('asks who somebody made by hand is, and links and marks the one a person chooses', async () => {
    const row = { givenName: 'Eve', familyName: 'Dupont', email: 'eve@example.org', sourcedId: 'p9' };
    people.Eve = await world.school.person(row);
    const made = { FIRSTNAME: 'Eva', LASTNAME: 'Dupont', EMAIL: 'eve@example.org' };
    const { ID } = simulator.hand.addPerson('student', made);
    await meet('with Eve', '2026-11-26T07:30:00Z', ['Eve', 'Anne']);
    const { run } = await sync();
    const [conflict] = (await world.conflicts()).filter(({ status }) => status === 'OPEN');
    assert.deepEqual([run.conflicts, conflict?.kind, conflict?.name], [1, 'DUPLICATE_MATCH', 'Eve Dupont']);
    assert.equal(sheet('with Eve').STUDENTS.length, 1, 'the sheet does not wait for the answer');

    await world.write((tx) =>
      world.api.resolveConflict(tx, {
        tenantId: world.school.tenant.id,
        conflictId: conflict?.id ?? '',
        version: conflict?.version ?? 0,
        resolution: 'PUSH_LOCAL',
        externalId: ID,
        by: 'a person',
        now,
      }),
    );
    await world.runWaiting(integrationId);
    await sync();
    const adopted = simulator.hand.people('student').filter(({ EMAIL }) => EMAIL === 'eve@example.org');
    assert.deepEqual(
      adopted.map(({ FIRSTNAME, API_ID }) => [FIRSTNAME, API_ID]),
      [['Eve', 'p9']],
    );
    assert.equal(sheet('with Eve').STUDENTS.length, 2);
    assert.deepEqual((await sync()).routes.sort(), lists.toSorted());
  });

  it('names whom a sheet has no room for, when it is written and not again', async () => {
    const more = ['Gil', 'Hal', 'Ida'];
    for (const name of more) {
      const row = {
        givenName: name,
        familyName: 'Dupont',
        role: 'teacher',
        email: `${name.toLowerCase()}@example.org`,
      };
      people[name] = await world.school.person(row);
    }
    await meet('crowded', '2026-11-27T06:30:00Z', ['Anne'], ['Zoe', ...more]);
    const { run, skipped } = await sync();
    const told = (await world.log(run.id)).filter(({ details }) => details?.code === 'TOO_MANY_INSTRUCTORS');
    assert.deepEqual(
      told.map(({ name, status, details }) => [name, status, details?.left]),
      [['crowded', 'SUCCESS', ['Ida Dupont']]],
    );
    assert.ok(!skipped.some((each) => each.startsWith('crowded')));
    assert.notEqual(sheet('crowded').PROFESSOR_3, '');
    assert.deepEqual((await sync()).routes.sort(), lists.toSorted());
  });

  it('leaves the signed sheet of a session that was put off and then called off, and asks nobody', async () => {
    await meet('put off', '2026-11-29T07:30:00Z', ['Anne']);
    await sync();
    const { ID, STUDENTS } = sheet('put off');
    simulator.hand.sign(ID, STUDENTS[0]?.studentId);
    now = new Date('2026-11-29T08:00:00Z');
    await move('put off', '2026-12-02T07:30:00Z');
    assert.ok((await sync()).skipped.includes('put off: SHEET_SIGNED'));
    await archive('put off');
    const { run, skipped } = await sync();
    assert.deepEqual([run.status, skipped.filter((each) => each.startsWith('put off'))], ['SUCCEEDED', []]);
    assert.equal(sheet('put off').START, '2026-11-29T07:30:00.000Z');
  });
});
