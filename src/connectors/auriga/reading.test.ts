import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { AurigaSession } from '../../simulators/auriga/world.ts';
import { ProviderProblem } from '../kit/errors.ts';
import type { PersonRecord } from './gather-people.ts';
import type { GroupRecord } from './read-groups.ts';
import type { MeetingRecord } from './read-interventions.ts';
import { smallWorld, startTestAuriga, type TestAuriga, type TestAurigaOptions } from './test-auriga.ts';

const open: TestAuriga[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function start(options?: TestAurigaOptions): Promise<TestAuriga> {
  const started = await startTestAuriga(options);
  open.push(started);
  return started;
}

async function read<Each>(auriga: TestAuriga, stream: string): Promise<Each[]> {
  return (await auriga.pages(stream)).flatMap(({ records }) => records) as Each[];
}

const meetingsOf = (auriga: TestAuriga) => read<MeetingRecord>(auriga, 'meetings');
const peopleOf = (auriga: TestAuriga) => read<PersonRecord>(auriga, 'people');
const codes = ({ findings }: { findings: readonly { code: string }[] }) => findings.map(({ code }) => code);

function firstSession(auriga: TestAuriga): AurigaSession {
  return [...auriga.simulator.world.sessions.values()][0] ?? assert.fail('no session');
}

function change(auriga: TestAuriga, session: AurigaSession, more: Partial<AurigaSession>): void {
  auriga.simulator.world.sessions.set(session.id, { ...session, ...more });
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => assert.fail('it was read'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProviderProblem, String(error));
  return `${error.name} ${error.code}`;
}

describe('the interventions favourite', () => {
  test('becomes sessions with name, room, UTC times, people and groups', async () => {
    const auriga = await start();
    const session = firstSession(auriga);
    const meeting = (await meetingsOf(auriga)).find(({ id }) => id === session.id);
    assert.deepEqual(meeting, {
      id: session.id,
      title: 'Cours § Éthique numérique - ETHIX',
      description: `Séance ${session.id}`,
      startsAt: '2026-10-19T06:30:00.000Z',
      endsAt: '2026-10-19T08:00:00.000Z',
      location: 'Salle 201',
      instructors: ['900'],
      learners: ['160000', '160001', '160002', '160003', '160004'],
      groups: ['546'],
      findings: [],
    });
  });

  test('is read the same from rows by heading, labels as text, other headings, an order of columns and small pages', async () => {
    const plain = await meetingsOf(await start());
    const headings = { 'Learner(s)': ' apprénant(S) ', Start: 'DÉBUT', 'Instructor(s)': 'instructor(s)' };
    const columnAliases = [
      { heading: 'Apprenant(s)', column: 'Learner(s)' },
      { heading: 'Début', column: 'Start' },
    ];
    for (const rows of ['keyed', 'positional'] as const) {
      const auriga = await start({
        style: { rows, labels: 'text', headings },
        pageCap: 3,
        settings: { columnAliases },
      });
      assert.deepEqual(await meetingsOf(auriga), plain);
    }
  });

  test('is read once for people and meetings together, a page a call, counted from 1', async () => {
    const auriga = await start({ settings: { pageSize: 3 } });
    const { client, context, simulator } = auriga;
    const { auriga: connector } = await import('./index.ts');
    const from = {
      client,
      settings: {},
      signal: context.signal,
      clock: context.clock,
      checkpoint: null,
      async *keys() {},
    };
    for (const stream of Object.values(connector.streams)) await Array.fromAsync(stream.pull.all?.(from) ?? []);
    const asked = simulator.journal
      .entries()
      .map(({ params, query }) => `${params.favorite} ${query.page} ${query.size}`);
    assert.deepEqual(asked, ['4711 1 3', '4711 2 3', '4711 3 3', '4712 1 3']);
    assert.equal(simulator.keycloak.journal.count(), 1);
  });

  test('without a needed column stops with one error that names it', async () => {
    const auriga = await start({ style: { headings: { End: null } } });
    assert.equal(await codeOf(auriga.pages('meetings')), 'SetupProblem FAVORITE_SHAPE');
    const checks = await (await import('./probe.ts')).probe(auriga.client, auriga.context);
    assert.match(checks[1]?.message ?? '', /lacks the column “End”/);
  });

  test('that lists nothing is an empty list, not an error', async () => {
    const auriga = await start();
    auriga.simulator.switches.empty = true;
    assert.deepEqual(await meetingsOf(auriga), []);
  });

  test('whose length changes once is read anew; twice, it is taken with a doubt', async () => {
    const auriga = await start({ pageCap: 3 });
    auriga.simulator.switches.totalsToChange = 1;
    assert.equal((await auriga.pages('meetings')).at(-1)?.doubt, undefined);
    assert.equal(auriga.simulator.journal.count({ path: '/api/favoriteQueries/4711/searchResult' }), 6);

    auriga.simulator.switches.totalsToChange = 4;
    const last = (await auriga.pages('meetings')).at(-1);
    assert.equal(last?.doubt?.code, 'FAVORITE_UNSTEADY');
    assert.equal(last?.records.length, 8);
  });

  test('goes on with another token when one is refused in mid-paging, or a log-in page comes', async () => {
    const auriga = await start({ pageCap: 3 });
    const { faults, keycloak } = auriga.simulator;
    faults.add({ kind: 'status', status: 401, nth: 2 });
    assert.equal((await meetingsOf(auriga)).length, 8);
    faults.add({ kind: 'html', nth: 2 });
    assert.equal((await meetingsOf(auriga)).length, 8);
    const grants = keycloak.journal.entries().map(({ body }) => (body as { grant_type?: string }).grant_type);
    assert.deepEqual(grants, ['password', 'refresh_token', 'password', 'refresh_token']);
  });

  test('is tried four times while Auriga has trouble', async () => {
    const auriga = await start();
    auriga.simulator.faults.add({ kind: 'status', status: 502, times: 3 });
    assert.equal((await meetingsOf(auriga)).length, 8);
    auriga.simulator.faults.add({ kind: 'status', status: 502, times: 4 });
    assert.equal(await codeOf(auriga.pages('meetings')), 'Unwell auriga_unwell');
  });

  test('that the user may not read, or that is not there, is said so and not tried again', async () => {
    const auriga = await start();
    auriga.simulator.switches.forbidden.add('4711');
    assert.equal(await codeOf(auriga.pages('meetings')), 'NotPermitted auriga_not_permitted');
    assert.equal(auriga.simulator.journal.count(), 1);

    const other = await start({ settings: { interventionsDetailFavoriteQueryId: '99' } });
    assert.equal(await codeOf(other.pages('meetings')), 'SetupProblem auriga_favorite_unknown');
    assert.equal(other.simulator.journal.count(), 1);
  });
});

describe('rows that are not as they should be', () => {
  test('are refused with their code and do not touch the others', async () => {
    const auriga = await start();
    const [first, second, third] = [...auriga.simulator.world.sessions.values()];
    assert.ok(first && second && third);
    change(auriga, first, { cells: { ID: '' } });
    change(auriga, second, { cells: { Start: '2026-10-19' } });
    change(auriga, third, { end: third.start });
    const meetings = await meetingsOf(auriga);
    const refused = meetings.filter(({ findings }) => findings.some(({ refuses }) => refuses));
    assert.deepEqual(
      refused.map((each) => [each.id, ...codes(each)]),
      [
        ['', 'ROW_NO_ID'],
        [second.id, 'ROW_BAD_TIME'],
        [third.id, 'ROW_BAD_TIME'],
      ],
    );
    assert.equal(meetings.length, 8);
  });

  test('that repeat a session are put together, and the last times stand', async () => {
    const auriga = await start();
    const session = firstSession(auriga);
    auriga.simulator.world.sessions.set('twin', {
      ...session,
      id: 'twin',
      start: '2026-10-19T09:00:00',
      learners: ['160009'],
      instructors: ['901'],
      groups: ['547'],
      cells: { ID: `${session.id}.0` },
    });
    const meeting = (await meetingsOf(auriga)).find(({ id }) => id === session.id);
    assert.ok(meeting);
    assert.deepEqual(codes(meeting), ['ROW_REPEATED']);
    assert.deepEqual(meeting.instructors, ['900', '901']);
    assert.equal(meeting.learners.length, 6);
    assert.deepEqual(meeting.groups, ['546', '547']);
    assert.equal(meeting.startsAt, '2026-10-19T07:00:00.000Z');
  });

  test('that name a group nobody knows keep the session and say so', async () => {
    const auriga = await start();
    const session = firstSession(auriga);
    change(auriga, session, { groups: ['546', '9999'] });
    const meeting = (await meetingsOf(auriga)).find(({ id }) => id === session.id);
    assert.deepEqual([meeting?.groups, meeting && codes(meeting)], [['546'], ['GROUP_UNKNOWN']]);
  });
});

describe('people, out of all sessions', () => {
  test('are each there once, whoever leads a session as a teacher', async () => {
    const people = await peopleOf(await start());
    assert.equal(people.length, 12);
    assert.deepEqual(
      people.filter(({ role }) => role === 'teacher').map(({ id }) => id),
      ['900', '901'],
    );
    assert.ok(people.every(({ findings }) => findings.length === 0));
  });

  test('who cannot be read are told once, and stay off their sessions while the others are on', async () => {
    const auriga = await start();
    const cell = '7/Dupont/a@x.fr|160000/GRIMAUD/Karole/etu.160000@ecole.example|/Nobody/Ann/x@y.fr';
    for (const session of auriga.simulator.world.sessions.values())
      if (session.learners.includes('160000')) change(auriga, session, { cells: { 'Learner(s)': cell } });
    const people = await peopleOf(auriga);
    const refused = people.filter(({ findings }) => findings.some(({ refuses }) => refuses));
    assert.deepEqual(
      refused.map((each) => [each.id, ...codes(each)]),
      [
        ['', 'PERSON_NO_ID'],
        ['7', 'PERSON_NO_FIRST_NAME'],
      ],
    );
    assert.deepEqual((await meetingsOf(auriga))[0]?.learners, ['160000']);
  });

  test('are what the session that starts last says, with a word when sessions differ', async () => {
    const auriga = await start();
    const [first] = [...auriga.simulator.world.sessions.values()];
    assert.ok(first);
    change(auriga, first, { cells: { 'Learner(s)': '160000/OLD/Name/old@ecole.example' } });
    const one = (await peopleOf(auriga)).find(({ id }) => id === '160000');
    assert.deepEqual(
      [one?.familyName, one?.email, one && codes(one)],
      ['GRIMAUD', 'etu.160000@ecole.example', ['PERSON_DATA_VARIES']],
    );
  });

  test('with a slash in their name are spelled as a row by the book spells them', async () => {
    const world = smallWorld();
    const sessions = [...world.sessions.values()].filter(({ learners }) => learners.includes('160000'));
    const slashed = { 'Learner(s)': '160000/GRIMAUD/LEROY/Karole/k@x.fr' };
    for (const session of sessions) world.sessions.set(session.id, { ...session, cells: slashed });
    const without = (await peopleOf(await start({ world }))).find(({ id }) => id === '160000');
    assert.deepEqual([without?.familyName, without && codes(without)], ['GRIMAUD/LEROY', ['NAME_HAS_SLASH']]);

    const [first] = sessions;
    assert.ok(first);
    world.sessions.set(first.id, { ...first, cells: { 'Learner(s)': '160000/GRIMAUD-LEROY/Karole/k@x.fr' } });
    const settled = (await peopleOf(await start({ world }))).find(({ id }) => id === '160000');
    assert.equal(settled?.familyName, 'GRIMAUD-LEROY');
    assert.ok(settled && !codes(settled).includes('NAME_HAS_SLASH'));
  });

  test('with one e-mail address under two ids are kept apart and told', async () => {
    const auriga = await start();
    const twin = auriga.simulator.world.people.get('160001');
    assert.ok(twin);
    auriga.simulator.world.people.set('160001', { ...twin, email: 'ETU.160000@ecole.example' });
    const shared = (await peopleOf(auriga)).filter((each) => codes(each).includes('DUPLICATE_EMAIL'));
    assert.deepEqual(
      shared.map(({ id }) => id),
      ['160000', '160001'],
    );
  });
});

describe('the groups favourite', () => {
  test('becomes groups with code and members; a label that is missing gives way to the code, then to the id', async () => {
    const auriga = await start();
    const { groups } = auriga.simulator.world;
    groups.set('1', { id: '1', label: null, code: 'ING1', learners: [] });
    groups.set('2', { id: '2', label: { fr: ' ' }, code: null, learners: ['160001', '160000'] });
    const read546 = await read<GroupRecord>(auriga, 'groups');
    assert.deepEqual(
      read546.map(({ id, title, code, members }) => [id, title, code, members.length]),
      [
        ['1', 'ING1', 'ING1', 0],
        ['2', '2', null, 2],
        ['546', 'Groupe TD 1', '2526_ING1_S5_TD1', 5],
        ['547', 'Groupe TD 2', '2526_ING1_S5_TD2', 5],
      ],
    );
  });

  test('is not asked for where none is set, and then no session has a group', async () => {
    const auriga = await start({ settings: { GroupesDetailFavoriteQueryId: ' ' } });
    assert.deepEqual(await read(auriga, 'groups'), []);
    assert.ok((await meetingsOf(auriga)).every(({ groups, findings }) => groups.length + findings.length === 0));
    assert.equal(auriga.simulator.journal.count({ path: '/api/favoriteQueries/4712/searchResult' }), 0);
  });
});
