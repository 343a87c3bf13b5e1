import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createClock } from '../../simulators/kit/clock.ts';
import { accounts } from './accounts.ts';
import { courses } from './courses.ts';
import { students, teachers } from './rosters.ts';
import {
  addressOf,
  admin,
  collect,
  complaints,
  from,
  records,
  type School,
  sought,
  startSchool,
  withoutDiscovery,
} from './test-school.ts';

void describe('reading Google Workspace', () => {
  let school: School;
  /** What Google’s own description has against our requests. */
  const said: string[] = [];

  before(async () => {
    school = await startSchool();
  });
  afterEach(() => {
    assert.deepEqual(school.simulator.problems, []);
    said.push(...complaints(school));
    school.simulator.faults.clear();
    school.simulator.journal.clear();
    for (const { id } of school.hand.courses()) school.hand.deleteCourse(id);
  });
  after(() => school.close());

  const makeCourses = (count: number) =>
    Array.from({ length: count }, (_, number) =>
      school.hand.createCourse({ name: `Course ${number}`, owner: addressOf('Ann'), state: 'ACTIVE' }),
    );
  const calls = (route: string) => school.simulator.journal.count({ route });

  void it('reads all accounts of the customer, with no more than it uses', async () => {
    const found = await records(accounts.pull.all?.(from(school)));
    const keys = new Set(found.map((raw) => accounts.key(accounts.wire.parse(raw))));
    assert.equal(keys.size, 6);
    assert.ok(keys.has(school.id('Zoë')));
    assert.ok(found.every((raw) => !JSON.stringify(raw).includes('isAdmin')));
  });

  void it('reads courses of every state, also those that nobody has accepted yet', async () => {
    const [first = '', second = '', third = ''] = makeCourses(3);
    school.hand.setCourseState(second, 'ARCHIVED');
    school.hand.createCourse({ name: 'By hand', owner: admin, state: 'PROVISIONED' });
    school.simulator.journal.clear();

    const keys = (await records(courses.pull.all?.(from(school)))).map((raw) => courses.key(courses.wire.parse(raw)));
    assert.equal(keys.length, 4);
    assert.deepEqual(keys.slice(1), [third, second, first]);
    assert.equal(calls('classroom.courses.list'), 1);
  });

  void it('starts a list anew when its page token is no longer good', async () => {
    makeCourses(2);
    const found = await records(courses.pull.all?.(from(school, { checkpoint: 'long gone' })));
    assert.equal(found.length, 2);
  });

  void it('looks up accounts by id, and by address while they are not linked; a stranger is not answered', async () => {
    const found = await records(
      accounts.pull.some?.(from(school), [
        sought({ key: school.id('Ann') }),
        sought({ row: { email: addressOf('Zoë') } }),
        sought({ row: { email: 'nobody@school.example' } }),
        sought({ row: { email: null } }),
        sought({ key: '999' }),
      ]),
    );
    assert.deepEqual(
      found.map((raw) => accounts.key(accounts.wire.parse(raw))),
      [school.id('Ann'), school.id('Zoë')],
    );
  });

  void it('takes an address that Google does not let us look at for a stranger, but not a known account', async () => {
    school.simulator.faults.add({ kind: 'status', status: 403, times: 2, route: 'directory.users.get' });
    const foreign = sought({ row: { email: 'ann@elsewhere.example' } });
    assert.deepEqual(await records(accounts.pull.some?.(from(school), [foreign])), []);
    await assert.rejects(records(accounts.pull.some?.(from(school), [sought({ key: school.id('Ann') })])), {
      name: 'NotPermitted',
    });
  });

  void it('looks up named courses; one that is gone or not linked is not answered', async () => {
    const [id = ''] = makeCourses(1);
    const asked = [sought({ key: id }), sought({ key: '1' }), sought({})];
    const found = await records(courses.pull.some?.(from(school), asked));
    assert.deepEqual(
      found.map((raw) => courses.key(courses.wire.parse(raw))),
      [id],
    );
  });

  void it('reads the members of every mirrored course and leaves out those of a course that is gone', async () => {
    const [first = '', second = ''] = makeCourses(2);
    school.hand.addStudent(first, addressOf('Cas'));
    school.hand.addStudent(second, addressOf('Dana'));
    const mirrored = [first, '12345', second];

    const read = async (stream: typeof students) =>
      (await records(stream.pull.all?.(from(school, { mirrored })))).map((raw) => stream.key(stream.wire.parse(raw)));
    assert.deepEqual(await read(students), [`${first}/${school.id('Cas')}`, `${second}/${school.id('Dana')}`]);
    assert.deepEqual(await read(teachers), [`${first}/${school.id('Ann')}`, `${second}/${school.id('Ann')}`]);
  });

  void it('has an end also where nothing is mirrored', async () => {
    assert.deepEqual(await collect(students.pull.all?.(from(school))), [{ records: [], next: null }]);
  });

  void it('goes on with the courses after the checkpoint, and with all when that course is no longer there', async () => {
    const mirrored = makeCourses(12);
    const pages = await collect(teachers.pull.all?.(from(school, { mirrored })));
    assert.equal(pages.flatMap((page) => page.records).length, 12);
    assert.equal(pages.at(-1)?.next, null);

    const checkpoint = pages[0]?.next ?? null;
    assert.equal(checkpoint, mirrored[4]);
    assert.equal((await records(teachers.pull.all?.(from(school, { mirrored, checkpoint })))).length, 7);
    const unlinked = { mirrored: mirrored.filter((key) => key !== checkpoint), checkpoint };
    assert.equal((await records(teachers.pull.all?.(from(school, unlinked)))).length, 11);
  });

  void it('looks up one member, lists the course of several, and answers only those asked for', async () => {
    const [one = '', several = ''] = makeCourses(2);
    for (const who of ['Cas', 'Dana', 'Eli']) school.hand.addStudent(several, addressOf(who));
    school.hand.addStudent(one, addressOf('Cas'));
    const asked = [
      sought({ key: `${one}/${school.id('Cas')}` }),
      sought({ refs: { class: [several], person: [school.id('Cas')] } }),
      sought({ refs: { class: [several], person: [school.id('Dana')] } }),
      sought({ refs: { class: [several], person: [] } }),
    ];
    const found = await records(students.pull.some?.(from(school), asked));
    assert.deepEqual(
      found.map((raw) => students.key(students.wire.parse(raw))),
      [`${one}/${school.id('Cas')}`, `${several}/${school.id('Cas')}`, `${several}/${school.id('Dana')}`],
    );
    assert.equal(calls('classroom.courses.students.get'), 1);
    assert.equal(calls('classroom.courses.students.list'), 1);
  });

  void it('reads on when Google was unwell or asked us to wait', async () => {
    makeCourses(1);
    for (const fault of [
      { kind: 'status', status: 503 },
      { kind: 'reset' },
      { kind: 'truncate' },
      { kind: 'status', status: 429, retryAfter: 3 },
      { kind: 'provider', name: 'rateLimitExceeded' },
    ] as const) {
      school.pauses.length = 0;
      school.simulator.faults.add({ ...fault, route: 'classroom.courses.list' });
      assert.equal((await records(courses.pull.all?.(from(school)))).length, 1);
      assert.equal(school.pauses.length, 1);
    }
  });

  void it('gives up after a few tries, and at once where trying again is no use', async () => {
    for (const [fault, name, tries] of [
      [{ kind: 'status', status: 503 }, 'Unwell', 4],
      [{ kind: 'status', status: 429, retryAfter: 3 }, 'Wait', 4],
      [{ kind: 'status', status: 429, retryAfter: 600 }, 'Wait', 1],
      [{ kind: 'truncate', ends: 'quietly' }, 'UnexpectedShape', 1],
      [{ kind: 'html' }, 'UnexpectedShape', 1],
      [{ kind: 'status', status: 403 }, 'NotPermitted', 1],
    ] as const) {
      school.simulator.journal.clear();
      const set = school.simulator.faults.add({ ...fault, route: 'classroom.courses.list', times: 'always' });
      await assert.rejects(records(courses.pull.all?.(from(school))), { name });
      assert.equal(calls('classroom.courses.list'), tries, fault.kind);
      set.remove();
    }
  });

  void it('signs in again once when a token is refused, and gives up when the next one is', async () => {
    const signedOut = { kind: 'status', status: 401, route: 'classroom.courses.list' } as const;
    school.simulator.faults.add(signedOut);
    await records(courses.pull.all?.(from(school)));
    assert.equal(calls('oauth.token'), 1);

    school.simulator.faults.add({ ...signedOut, times: 'always' });
    await assert.rejects(records(courses.pull.all?.(from(school))), { name: 'SignInNeeded' });
    assert.equal(calls('classroom.courses.list'), 4);
  });

  void it('stops at once when told', async () => {
    school.simulator.faults.add({ kind: 'hang', route: 'classroom.courses.list' });
    const stop = new AbortController();
    const reading = records(courses.pull.all?.(from(school, { signal: stop.signal })));
    await school.simulator.journal.waitFor({ fault: 'hang' });
    stop.abort(new Error('enough'));
    await assert.rejects(reading, { message: 'enough' });
    await school.simulator.journal.waitFor({ fault: 'hang', outcome: 'dropped' });
  });

  void it('asks for nothing that Google’s own description does not know', { skip: withoutDiscovery }, () => {
    assert.deepEqual(said, []);
  });
});

void describe('reading long lists', () => {
  void it('follows the page tokens of lists longer than a page', async () => {
    const school = await startSchool({
      rules: { rosterPage: { usual: 1, most: 2 }, coursePage: { usual: 1, most: 2 } },
    });
    try {
      const ids = Array.from({ length: 5 }, (_, number) =>
        school.hand.createCourse({ name: `Course ${number}`, owner: addressOf('Ann'), state: 'ACTIVE' }),
      );
      const pages = await collect(courses.pull.all?.(from(school)));
      assert.deepEqual(
        pages.map((page) => page.records.length),
        [2, 2, 1],
      );
      const rest = await records(courses.pull.all?.(from(school, { checkpoint: pages[0]?.next ?? null })));
      assert.equal(rest.length, 3);

      const [id = ''] = ids;
      for (const who of ['Cas', 'Dana', 'Eli', 'Zoë']) school.hand.addStudent(id, addressOf(who));
      const [page, ...more] = await collect(students.pull.all?.(from(school, { mirrored: [id] })));
      assert.deepEqual([page?.records.length, page?.next, more.length], [4, null, 0]);
      assert.deepEqual(complaints(school), []);
    } finally {
      await school.close();
    }
  });

  void it('asks for a new token before the old one ends', async () => {
    const clock = createClock();
    const school = await startSchool({}, clock);
    try {
      await records(accounts.pull.all?.(from(school)));
      clock.advance(58 * 60_000);
      await records(accounts.pull.all?.(from(school)));
      assert.equal(school.simulator.journal.count({ route: 'oauth.token' }), 1);
      clock.advance(2 * 60_000);
      await records(accounts.pull.all?.(from(school)));
      assert.equal(school.simulator.journal.count({ route: 'oauth.token' }), 2);
      assert.equal(school.simulator.journal.count({ status: 401 }), 0);
    } finally {
      await school.close();
    }
  });
});
