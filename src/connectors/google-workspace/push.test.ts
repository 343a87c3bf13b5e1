import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Closed, Pushed } from '../kit/contract.ts';
import { accounts } from './accounts.ts';
import { courses } from './courses.ts';
import { students, teachers } from './rosters.ts';
import {
  addressOf,
  admin,
  complaints,
  patchOf,
  request,
  type School,
  startSchool,
  withoutDiscovery,
} from './test-school.ts';

const elsewhere = 'pat@elsewhere.example';

void describe('writing to Google Workspace', () => {
  let school: School;
  /** What Google’s own description has against our requests. */
  const said: string[] = [];

  before(async () => {
    school = await startSchool();
    const users = [{ primaryEmail: elsewhere, givenName: 'Pat', familyName: 'Far' }];
    school.simulator.addDomain({ name: 'elsewhere.example', admins: ['admin@elsewhere.example'], users });
  });
  afterEach(() => {
    assert.deepEqual(school.simulator.problems, []);
    said.push(...complaints(school));
    school.simulator.faults.clear();
    school.simulator.journal.clear();
    school.pauses.length = 0;
    for (const { id } of school.hand.courses()) school.hand.deleteCourse(id);
  });
  after(() => school.close());

  const writes = () =>
    school.simulator.journal.writes().map(({ route, status }) => `${route.replace('classroom.', '')} ${status}`);
  const push = <Stream extends { push?: object }>(stream: Stream) =>
    stream.push as Required<NonNullable<Stream['push']>>;
  const wireOf = <Wire>(pushed: Pushed<Wire> | Closed) => {
    assert.ok('wire' in pushed);
    return pushed;
  };
  const byHand = (owner = addressOf('Ann')) => school.hand.createCourse({ name: 'Maths', owner, state: 'ACTIVE' });
  const patch = (title: string, ...owners: string[]) =>
    patchOf(courses, { title, classCode: '5B', location: '' }, { teachers: owners.map((who) => school.id(who)) });
  const toAdd = (course: string, userId: string, uncertain = false) =>
    request({ refs: { class: [course], person: [userId] }, uncertain });

  void describe('a course', () => {
    const create = (parts = {}) =>
      push(courses).create(school.client, request({ patch: patch('Maths', 'Ann'), ...parts }));

    void it('is made active, with its first teacher as the owner and an alias of ours', async () => {
      const { wire } = wireOf(await create());
      const made = school.hand.course(courses.key(wire));
      assert.deepEqual(
        [made.name, made.section, made.room, made.state, made.ownerEmail, made.aliases],
        ['Maths', '5B', undefined, 'ACTIVE', addressOf('Ann'), ['p:homeroom-i1-courses-r1-1']],
      );
      assert.deepEqual(courses.refs?.teachers?.read(wire), [school.id('Ann')]);
      assert.deepEqual(writes(), ['courses.create 200']);
    });

    void it('without a teacher belongs to the administrator we act as', async () => {
      const { wire } = wireOf(await create({ patch: patchOf(courses, { title: 'Maths' }, { teachers: [] }) }));
      assert.equal(school.hand.course(courses.key(wire)).ownerEmail, admin);
    });

    void it('whose answer was lost is found again and not made twice', async () => {
      school.simulator.faults.add({ kind: 'lost', route: 'classroom.courses.create' });
      await assert.rejects(create(), { name: 'Unwell' });
      const { note } = wireOf(await create({ uncertain: true }));
      assert.match(note ?? '', /already/);
      assert.deepEqual(writes(), ['courses.create null']);
      assert.equal(school.hand.counts().courses, 1);
    });

    void it('that is there already under its alias is adopted, and a foreign double is not', async () => {
      const first = wireOf(await create());
      const second = wireOf(await create());
      assert.equal(courses.key(second.wire), courses.key(first.wire));
      assert.match(second.note ?? '', /already/);

      school.simulator.faults.add({ kind: 'status', status: 409, route: 'classroom.courses.create' });
      await assert.rejects(create({ idempotencyKey: 'other' }), { name: 'Refused', code: 'google_already_exists' });
      assert.equal(school.hand.counts().courses, 1);
    });

    void it('that could not be looked up is not made', async () => {
      school.simulator.faults.add({ kind: 'status', status: 503, route: 'classroom.courses.get' });
      await assert.rejects(create({ uncertain: true }), { name: 'Unwell' });
      assert.deepEqual(writes(), []);
    });

    void it('is changed in what changed only, and an empty text clears', async () => {
      const id = byHand();
      school.hand.changeCourse(id, { section: '5B', room: 'Room 2' });
      const change = request({ patch: patchOf(courses, { title: 'Algebra', classCode: null }) });
      const { wire } = wireOf(await push(courses).update(school.client, id, change));
      assert.deepEqual(wire, { id, name: 'Algebra', room: 'Room 2', ownerId: school.id('Ann'), courseState: 'ACTIVE' });
      const [entry] = school.simulator.journal.writes();
      assert.deepEqual(entry?.query.updateMask, ['name,section']);
      assert.equal(school.simulator.journal.writes().length, 1);
    });

    void it('is handed to a new teacher, who is made a teacher of it first', async () => {
      const id = byHand();
      const change = () => request({ patch: patchOf(courses, {}, { teachers: [school.id('Zoë')] }) });
      await push(courses).update(school.client, id, change());
      assert.deepEqual(school.hand.course(id).ownerEmail, addressOf('Zoë'));
      assert.deepEqual(writes(), ['courses.teachers.create 200', 'courses.patch 200']);

      await push(courses).update(school.client, id, change());
      assert.deepEqual(writes().slice(2), ['courses.teachers.create 409', 'courses.patch 200']);
    });

    void it('keeps its owner when its class has no teacher any more', async () => {
      const id = byHand();
      const change = request({ patch: patchOf(courses, {}, { teachers: [] }), changed: ['teachers'] });
      const { wire } = wireOf(await push(courses).update(school.client, id, change));
      assert.deepEqual(courses.refs?.teachers?.read(wire), [school.id('Ann')]);
      assert.deepEqual(writes(), []);
    });

    void it('is archived instead of deleted, and one that is gone is as wanted', async () => {
      const id = byHand();
      await push(courses).remove(school.client, id, request());
      await push(courses).remove(school.client, id, request());
      assert.equal(school.hand.course(id).state, 'ARCHIVED');
      await push(courses).remove(school.client, '12345', request());
      assert.deepEqual(writes(), ['courses.patch 200', 'courses.patch 200', 'courses.patch 404']);
    });

    void it('that Google does not let be changed is refused with what helps', async () => {
      const id = byHand();
      school.hand.setCourseState(id, 'ARCHIVED');
      const change = request({ patch: patchOf(courses, { title: 'Algebra' }) });
      await assert.rejects(push(courses).update(school.client, id, change), {
        name: 'Refused',
        code: 'google_course_not_modifiable',
        remedy: /Restore/,
      });
    });
  });

  void describe('a member', () => {
    void it('is added once, in either role', async () => {
      const id = byHand();
      const { wire } = wireOf(await push(students).create(school.client, toAdd(id, school.id('Cas'))));
      assert.equal(students.key(wire), `${id}/${school.id('Cas')}`);
      await push(teachers).create(school.client, toAdd(id, school.id('Zoë')));
      const { teachers: taught, students: attended } = school.hand.course(id);
      assert.deepEqual([taught, attended], [[addressOf('Ann'), addressOf('Zoë')], [addressOf('Cas')]]);
      assert.deepEqual(writes(), ['courses.students.create 200', 'courses.teachers.create 200']);
    });

    void it('who is there already is as wanted', async () => {
      const id = byHand();
      const { wire, note } = wireOf(await push(teachers).create(school.client, toAdd(id, school.id('Ann'))));
      assert.equal(teachers.key(wire), `${id}/${school.id('Ann')}`);
      assert.match(note ?? '', /already/);
    });

    void it('whose answer was lost is looked up first', async () => {
      const id = byHand();
      school.simulator.faults.add({ kind: 'lost', route: 'classroom.courses.students.create' });
      await assert.rejects(push(students).create(school.client, toAdd(id, school.id('Cas'))), { name: 'Unwell' });
      await push(students).create(school.client, toAdd(id, school.id('Cas'), true));
      await push(students).create(school.client, toAdd(id, school.id('Dana'), true));
      assert.deepEqual(writes(), ['courses.students.create null', 'courses.students.create 200']);
      assert.equal(school.hand.counts().students, 2);
    });

    void it('in the other role is refused', async () => {
      const id = byHand();
      await assert.rejects(push(students).create(school.client, toAdd(id, school.id('Ann'))), {
        name: 'Refused',
        code: 'google_in_other_role',
        message: /as a teacher/,
      });
    });

    void it('of another domain is refused with what helps', async () => {
      const id = byHand();
      const stranger = school.simulator.domain('elsewhere.example').user(elsewhere).id;
      await assert.rejects(push(students).create(school.client, toAdd(id, stranger)), {
        name: 'Refused',
        code: 'google_cannot_direct_add_user',
        remedy: /invite/,
      });
    });

    void it('whom Google does not find is tried once more after a moment', async () => {
      const id = byHand();
      const route = 'classroom.courses.students.create';
      school.simulator.faults.add({ kind: 'status', status: 404, route });
      await push(students).create(school.client, toAdd(id, school.id('Cas')));
      assert.equal(school.pauses.length, 1);

      school.simulator.faults.add({ kind: 'status', status: 404, route, times: 'always' });
      const add = push(students).create(school.client, toAdd(id, school.id('Dana')));
      await assert.rejects(add, { name: 'Refused', code: 'google_not_found' });
      assert.equal(school.simulator.journal.count({ route }), 4);
    });

    void it('is taken out, and one who is not there is as wanted', async () => {
      const id = byHand();
      school.hand.addStudent(id, addressOf('Cas'));
      const key = `${id}/${school.id('Cas')}`;
      await push(students).remove(school.client, key, request());
      await push(students).remove(school.client, key, request());
      assert.deepEqual(writes(), ['courses.students.delete 200', 'courses.students.delete 404']);
      assert.equal(school.hand.counts().students, 0);
    });

    void it('who owns the course stays, with a word on what helps', async () => {
      const key = `${byHand()}/${school.id('Ann')}`;
      const owner = { name: 'Refused', code: 'google_cannot_remove_course_owner', remedy: /owner/ };
      await assert.rejects(push(teachers).remove(school.client, key, request()), owner);

      const route = 'classroom.courses.teachers.delete';
      school.simulator.faults.add({ kind: 'status', status: 403, route });
      await assert.rejects(push(teachers).remove(school.client, key, request()), owner);
    });

    void it('who may not be taken out for another reason stops the run', async () => {
      const id = byHand();
      school.hand.addTeacher(id, addressOf('Zoë'));
      school.simulator.faults.add({ kind: 'status', status: 403, route: 'classroom.courses.teachers.delete' });
      await assert.rejects(push(teachers).remove(school.client, `${id}/${school.id('Zoë')}`, request()), {
        name: 'NotPermitted',
      });
    });
  });

  void it('makes one attempt a call, whatever Google answers', async () => {
    const id = byHand();
    for (const [fault, name] of [
      [{ kind: 'provider', name: 'rateLimitExceeded' }, 'Wait'],
      [{ kind: 'status', status: 429, retryAfter: 3 }, 'Wait'],
      [{ kind: 'status', status: 503 }, 'Unwell'],
      [{ kind: 'lost' }, 'Unwell'],
      [{ kind: 'html' }, 'UnexpectedShape'],
    ] as const) {
      school.simulator.journal.clear();
      const set = school.simulator.faults.add({ ...fault, times: 'always', route: 'classroom.courses.patch' });
      const change = request({ patch: patchOf(courses, { title: 'Algebra' }) });
      await assert.rejects(push(courses).update(school.client, id, change), { name });
      assert.equal(school.simulator.journal.writes().length, 1, fault.kind);
      set.remove();
    }
  });

  void it('renames an account in the part that changed', async () => {
    const change = request({ patch: patchOf(accounts, { familyName: 'Smit' }) });
    const { wire } = wireOf(await push(accounts).update(school.client, school.id('Dana'), change));
    assert.equal(accounts.key(wire), school.id('Dana'));
    const { givenName, familyName } = school.hand.user(addressOf('Dana'));
    assert.deepEqual([givenName, familyName], ['Dana', 'Smit']);
    assert.deepEqual(school.simulator.journal.writes()[0]?.body, { name: { familyName: 'Smit' } });
  });

  void it('stops waiting when told', async () => {
    const id = byHand();
    school.simulator.faults.add({ kind: 'hang', route: 'classroom.courses.students.create' });
    const stop = new AbortController();
    const adding = push(students).create(school.client, { ...toAdd(id, school.id('Cas')), signal: stop.signal });
    await school.simulator.journal.waitFor({ fault: 'hang' });
    stop.abort(new Error('enough'));
    await assert.rejects(adding, { message: 'enough' });
  });

  void it('asks for nothing that Google’s own description does not know', { skip: withoutDiscovery }, () => {
    assert.deepEqual(said, []);
  });
});
