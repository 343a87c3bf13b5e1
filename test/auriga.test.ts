/** A week of a school that plans in Auriga, as it arrives in Homeroom: sync by sync, with what planners do in between. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { auriga } from '../src/connectors/auriga/index.ts';
import {
  type AurigaSimulator,
  demoClient,
  demoUser,
  startAurigaSimulator,
} from '../src/simulators/auriga/simulator.ts';
import { type AurigaSession, makeAurigaWorld } from '../src/simulators/auriga/world.ts';
import { createClock } from '../src/simulators/kit/clock.ts';
import { type TestEngine, testEngine } from './harness/engine.ts';

const hour = 3_600_000;

/** Monday, an hour before the first session. */
const monday = new Date('2026-10-19T05:30:00Z');

interface Seen {
  sourcedId: string;
  title: string;
  location: string | null;
  startsAt: Date;
  status: string;
  learners: number;
  instructors: number;
  groups: number;
}

describe('a week of Auriga in Homeroom', () => {
  let simulator: AurigaSimulator;
  let test: TestEngine;
  let integration: string;
  let sessions: Map<string, AurigaSession>;

  const meetings = () =>
    test.write(
      (tx) => tx<Seen[]>`
        select sourced_id as "sourcedId", title, location, starts_at as "startsAt", status,
          cardinality(learners_ids) as learners, cardinality(instructors_ids) as instructors, cardinality(groups_ids) as groups
        from meeting order by sourced_id`,
    );
  const meeting = async (id: string) => (await meetings()).find(({ sourcedId }) => sourcedId === id) ?? assert.fail(id);
  const count = (table: 'person' | 'group') =>
    test.write(async (tx) => {
      const [row] = await tx<{ n: number }[]>`select count(*)::int as n from ${tx(table)} where status = 'ACTIVE'`;
      return row?.n;
    });
  const explain = (externalId: string) =>
    test.write((tx) =>
      test.api.explain(tx, { tenantId: test.school.tenant.id, integrationId: integration, externalId }),
    );
  const change = (id: string, more: Partial<AurigaSession>) => {
    const session = sessions.get(id);
    assert.ok(session);
    sessions.set(id, { ...session, ...more });
  };
  /** Sessions of one day, `2026-10-21`. */
  const on = (day: string) => [...sessions.values()].filter(({ start }) => start.startsWith(day)).map(({ id }) => id);

  before(async () => {
    const clock = createClock(monday);
    // Five days, four groups, three sessions a day: sixty.
    const world = makeAurigaWorld({ from: '2026-10-19', days: 7, learners: 40, groupSize: 10, sessionsADay: 3 });
    simulator = await startAurigaSimulator({ world, clock, pageCap: 25, keycloak: { prefixes: ['/auth'] } });
    sessions = world.sessions;
    test = await testEngine([auriga]);
    test.engine.clock = clock;
    integration = await test.connect(
      'auriga',
      {
        url: simulator.origin,
        keycloakUrl: simulator.keycloak.origin,
        realm: 'your-company',
        interventionsDetailFavoriteQueryId: simulator.favorites.interventions,
        GroupesDetailFavoriteQueryId: simulator.favorites.groups,
      },
      { clientId: demoClient.id, clientSecret: demoClient.secret, ...demoUser },
    );
  });

  after(async () => {
    assert.deepEqual([simulator?.problems, simulator?.keycloak.problems], [[], []]);
    await test?.database.drop();
    await simulator?.close();
  });

  it('arrives as meetings, people and groups', async () => {
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.error], ['SUCCEEDED', null]);
    assert.equal(run.created, 60 + 44 + 4);
    assert.deepEqual([await count('person'), await count('group'), (await meetings()).length], [44, 4, 60]);
    const [first] = await meetings();
    assert.deepEqual(first, {
      sourcedId: '115849',
      title: 'Cours § Éthique numérique - ETHIX',
      location: 'Salle 201',
      startsAt: new Date('2026-10-19T06:30:00Z'),
      status: 'ACTIVE',
      learners: 10,
      instructors: 1,
      groups: 1,
    });
  });

  it('comes again unchanged without a single write, at the price of its pages', async () => {
    simulator.journal.clear();
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.created, run.updated, run.deleted], ['SUCCEEDED', 0, 0, 0]);
    assert.equal(run.unchanged, 108);
    assert.equal(simulator.journal.count(), 3 + 1);
  });

  it('takes a session that is moved, also far ahead, as one update of the same meeting', async () => {
    const [near = '', far = ''] = on('2026-10-21');
    const before = await test.write((tx) => tx`select id from meeting where sourced_id = ${far}`);
    change(near, { roomLabel: 'Amphi A' });
    change(far, { start: '2026-11-08T14:00:00', end: '2026-11-08T15:30:00' });
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.created, run.updated, run.deleted], ['SUCCEEDED', 0, 2, 0]);
    assert.equal((await meeting(near)).location, 'Amphi A');
    assert.deepEqual((await meeting(far)).startsAt, new Date('2026-11-08T13:00:00Z'), 'winter time by then');
    assert.deepEqual(await test.write((tx) => tx`select id from meeting where sourced_id = ${far}`), before);
  });

  it('names a row and a person that cannot be read, keeps what it had of them, and goes on', async () => {
    const [broken = '', crowded = ''] = on('2026-10-22');
    const { start } = sessions.get(broken) ?? assert.fail(broken);
    change(broken, { start: '2026-10-22' });
    sessions.set('new', { ...(sessions.get(broken) ?? assert.fail(broken)), id: 'new' });
    change(crowded, {
      cells: { 'Learner(s)': '7/Dupont/Anne|8/Sans/b@x.fr|160000/GRIMAUD/Karole/etu.160000@ecole.example' },
    });
    const run = await test.sync(integration);
    assert.equal(run.deleted, 0);
    const told = (await test.log(run.id)).filter(({ status }) => status === 'SKIPPED');
    assert.deepEqual(
      told.map(({ name, details }) => [details?.code, name]),
      [
        ['PERSON_NO_FIRST_NAME', 'Sans'],
        ['PERSON_NO_EMAIL', 'Anne Dupont'],
        ['ROW_BAD_TIME', 'Cours § Éthique numérique - ETHIX'],
        ['ROW_BAD_TIME', 'Cours § Éthique numérique - ETHIX'],
      ],
    );
    assert.equal((await meeting(broken)).status, 'ACTIVE');
    for (const externalId of [broken, 'new']) {
      const why = await explain(externalId);
      assert.equal(why?.state, 'BLOCKED');
      assert.deepEqual(
        why.blockers.map(({ code }) => code),
        ['ROW_BAD_TIME'],
      );
      assert.match(why.summary, /is skipped since \d{4}-\d\d-\d\d: The session’s start or end is not a date/);
    }
    sessions.delete('new');
    assert.equal((await meeting(crowded)).learners, 2, 'with the one who has no e-mail address, without the other');
    change(broken, { start });
    change(crowded, { cells: {} });
    await test.sync(integration);
  });

  it('archives a session that was called off', async () => {
    const [gone = ''] = on('2026-10-23');
    sessions.delete(gone);
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.deleted], ['SUCCEEDED', 1]);
    assert.equal((await meeting(gone)).status, 'ARCHIVED');
  });

  it('lets what is over drop off the favourite without calling it gone', async () => {
    simulator.clock.advance(36 * hour);
    for (const id of [...on('2026-10-19')]) sessions.delete(id);
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.deleted, run.heldReason], ['SUCCEEDED', 0, null]);
    assert.equal((await meetings()).filter(({ status }) => status === 'ACTIVE').length, 59);
    assert.equal(await count('person'), 45, 'people stay too');
  });

  it('holds when a tenth of the sessions is left, and when none is, until somebody says yes', async () => {
    const all = [...sessions];
    for (const [id] of all.filter((_, place) => place % 10 !== 0)) sessions.delete(id);
    const few = await test.sync(integration);
    assert.equal(few.status, 'HELD');
    assert.match(few.heldReason ?? '', /meetings would be removed/);
    simulator.switches.empty = true;
    const none = await test.sync(integration);
    assert.equal(none.status, 'HELD');
    assert.match(none.heldReason ?? '', /meetings came back empty/);
    assert.equal((await meetings()).filter(({ status }) => status === 'ACTIVE').length, 59);

    simulator.switches.empty = false;
    for (const [id, session] of all) sessions.set(id, session);
    const back = await test.sync(integration);
    assert.deepEqual([back.status, back.created, back.deleted], ['SUCCEEDED', 0, 0]);
  });

  it('removes what is gone once somebody has looked at the plan and approved it', async () => {
    const friday = on('2026-10-23').map((id) => [id, sessions.get(id) ?? assert.fail(id)] as const);
    for (const [id] of friday) sessions.delete(id);
    const held = await test.sync(integration);
    assert.equal(held.status, 'HELD');
    const act = { tenantId: test.school.tenant.id, by: 'a person', now: test.engine.clock.now() };
    await test.write((tx) => test.api.approveRun(tx, { ...act, runId: held.id, planHash: held.planHash ?? '' }));
    const approved = await test.runWaiting(integration);
    assert.deepEqual([approved?.status, approved?.deleted], ['SUCCEEDED', friday.length]);
    const [id, session] = friday[0] ?? assert.fail('no Friday');
    const before = await test.write((tx) => tx`select id from meeting where sourced_id = ${id}`);
    for (const [each, again] of friday) sessions.set(each, again);
    sessions.set(id, session);
    await test.sync(integration);
    assert.equal((await meeting(id)).status, 'ACTIVE');
    assert.deepEqual(await test.write((tx) => tx`select id from meeting where sourced_id = ${id}`), before);
  });

  it('removes nobody on the evidence of a list that moves while it is read', async () => {
    const [gone = ''] = on('2026-10-23');
    const session = sessions.get(gone) ?? assert.fail(gone);
    sessions.delete(gone);
    simulator.switches.totalsToChange = 4;
    const run = await test.sync(integration);
    assert.equal(run.deleted, 0);
    const told = (await test.log(run.id)).map(({ details }) => details?.code);
    assert.deepEqual(told, ['FAVORITE_UNSTEADY']);
    sessions.set(gone, session);
  });

  it('fails with the column’s name when somebody takes it off the favourite, and loses nothing', async () => {
    simulator.style.headings = { End: null };
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.error?.code], ['FAILED', 'FAVORITE_SHAPE']);
    assert.match(run.error?.message ?? '', /“End”/);
    simulator.style.headings = {};
    assert.equal((await test.sync(integration)).status, 'SUCCEEDED');
  });

  it('asks for the password once when it was changed, and says that it is refused', async () => {
    simulator.keycloak.setPassword(demoUser.username, 'new');
    simulator.keycloak.endSessions();
    simulator.keycloak.journal.clear();
    const run = await test.sync(integration);
    assert.deepEqual([run.status, run.error?.code], ['FAILED', 'auriga_password_refused']);
    assert.equal(simulator.keycloak.journal.count({ status: 401 }), 1);
  });
});
