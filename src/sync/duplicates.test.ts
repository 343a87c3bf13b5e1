import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination } from '../../test/harness/memory.ts';
import type { Connector, Pushed, PushRequest } from '../connectors/kit/contract.ts';

/** The destination in memory with its people declared a little differently. */
function peopleAs(connector: Connector, id: string, change: Partial<Connector['streams'][string]>): Connector {
  const { people } = connector.streams;
  assert.ok(people);

  return { ...connector, id, streams: { people: { ...people, ...change } } };
}

describe('first contact', () => {
  const rooms = memoryDestination();
  const asking = peopleAs(rooms.connector, 'asking', { match: [{ by: ['email'], adopt: 'ask' }] });
  const carrying = peopleAs(rooms.connector, 'carrying', {
    ours: (wire) => (wire as { homeroom?: string }).homeroom,
  });
  let world: TestEngine;
  let there: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: new Date() });
  const open = async () =>
    world.write(
      (tx) => tx<{ id: string; version: number; kind: string; name: string; candidates: object[]; recordId: string }[]>`
        select id, version, kind, name, candidates, record_id as "recordId" from sync_conflict
        where status <> 'RESOLVED' order by name, id`,
    );
  const links = async (recordId: string) =>
    world.write(
      (tx) => tx<{ key: string | null; state: string }[]>`select key, state from link where record_id = ${recordId}`,
    );
  const put = (id: string, values: object) => rooms.people.set(id, { id, ...values });
  const email = (name: string) => `${name.toLowerCase()}@school.example`;
  const person = (givenName: string, as = givenName) =>
    world.school.person({ givenName, familyName: 'Bos', email: email(as) });
  const answer = async (
    resolution: 'PUSH_LOCAL' | 'ACCEPT_EXTERNAL' | 'IGNORE',
    externalId?: string,
    conflict?: { id: string; version: number },
  ) => {
    const { id: conflictId, version } = conflict ?? (await open())[0] ?? assert.fail('nothing is asked');
    const request = { ...act(), conflictId, version, resolution, ...(externalId !== undefined && { externalId }) };
    const { runId } = await world.write((tx) => world.api.resolveConflict(tx, request));
    await world.runWaiting(there);
    return runId;
  };

  before(async () => {
    world = await testEngine([rooms.connector, asking, carrying]);
    there = await world.connect('memory-rooms', {}, {});
  });
  after(() => world.database.drop());

  it('asks where two could be it, refreshes what it asks, and links by itself when one is left', async () => {
    const ann = await person('Ann');
    put('a1', { givenName: 'Ann', familyName: 'Bos', email: email('Ann') });
    put('a2', { givenName: 'Anna', familyName: 'Bosch', email: email('Ann') });
    const run = await world.sync(there);
    assert.deepEqual([run.created, run.conflicts], [0, 1]);
    const [asked] = await open();
    assert.deepEqual(
      [asked?.kind, asked?.name, asked?.candidates],
      [
        'DUPLICATE_MATCH',
        'Ann Bos',
        [
          { externalId: 'a1', name: 'Ann Bos' },
          { externalId: 'a2', name: 'Anna Bosch' },
        ],
      ],
    );
    assert.deepEqual(
      (await world.log(run.id)).map(({ action, reason }) => [action, reason]),
      [['rooms.people.conflict', 'More than one in Memory Rooms could be it, alike by email: a person decides.']],
    );
    assert.deepEqual([...(await world.log((await world.sync(there)).id))], [], 'told once');
    assert.equal((await open())[0]?.version, asked?.version);

    put('a3', { givenName: 'Annie', familyName: 'Bos', email: email('Ann') });
    await world.sync(there);
    const [refreshed] = await open();
    assert.deepEqual([refreshed?.candidates.length, refreshed?.version], [3, 2]);
    await assert.rejects(answer('IGNORE', undefined, asked), { name: 'Stale' });

    rooms.people.delete('a2');
    rooms.people.delete('a3');
    await world.sync(there);
    assert.deepEqual([...(await open())], []);
    assert.deepEqual([...(await links(ann))], [{ key: 'a1', state: 'LINKED' }]);
  });

  it('refuses an answer without one of the candidates', async () => {
    await person('Ben');
    put('b1', { givenName: 'Ben', familyName: 'Bosch', email: email('Ben') });
    put('b2', { givenName: 'Benno', familyName: 'Bos', email: email('Ben') });
    await world.sync(there);
    for (const externalId of [undefined, 'a1', 'nobody'])
      await assert.rejects(answer('ACCEPT_EXTERNAL', externalId), { name: 'ValidationFailed' });
    await assert.rejects(answer('PUSH_LOCAL', 'a1'), { name: 'ValidationFailed' });
    await assert.rejects(answer('IGNORE', 'b1'), { name: 'ValidationFailed' });
  });

  it('adopts the one a person chose, with its values', async () => {
    const [asked] = await open();
    assert.equal(await answer('ACCEPT_EXTERNAL', 'b2'), null);
    const rows = await world.write(
      (tx) => tx`select given_name, family_name from person where id = ${asked?.recordId ?? ''}`,
    );
    assert.deepEqual([...rows], [{ given_name: 'Benno', family_name: 'Bos' }]);
    assert.deepEqual([...(await links(asked?.recordId ?? ''))], [{ key: 'b2', state: 'LINKED' }]);
    assert.deepEqual([...(await world.log((await world.sync(there)).id))], [], 'L2');
  });

  it('links the one a person chose and writes ours to it', async () => {
    const cas = await person('Cas');
    put('c1', { givenName: 'Casper', familyName: 'Bos', email: email('Cas') });
    put('c2', { givenName: 'Kas', familyName: 'Bosch', email: email('Cas') });
    await world.sync(there);
    assert.ok(await answer('PUSH_LOCAL', 'c2'));
    const linked = rooms.people.get('c2');
    assert.deepEqual([linked?.givenName, linked?.familyName], ['Cas', 'Bos']);
    assert.equal(rooms.people.get('c1')?.givenName, 'Casper');
    assert.deepEqual([...(await links(cas))], [{ key: 'c2', state: 'LINKED' }]);
    assert.deepEqual([...(await open())], []);
  });

  it('makes a new one there where a person says that it is none of them', async () => {
    const dan = await person('Dan');
    put('d1', { givenName: 'Dan', familyName: 'Bos', email: email('Dan') });
    put('d2', { givenName: 'Dan', familyName: 'Bos', email: email('Dan') });
    await world.sync(there);
    const before = rooms.people.size;
    assert.ok(await answer('PUSH_LOCAL'));
    assert.equal(rooms.people.size, before + 1);
    assert.deepEqual(
      (await links(dan)).map(({ state, key }) => [state, key === 'd1' || key === 'd2']),
      [['LINKED', false]],
    );
    assert.deepEqual([...(await world.log((await world.sync(there)).id))], []);
  });

  it('links and makes nothing where a person says so, until our record changes', async () => {
    const eli = await person('Eli');
    put('e1', { givenName: 'Eli', familyName: 'Bos', email: email('Eli') });
    put('e2', { givenName: 'Eli', familyName: 'Bos', email: email('Eli') });
    await world.sync(there);
    const before = rooms.journal.length;
    await answer('IGNORE');
    await world.sync(there);
    assert.equal(rooms.journal.length, before);
    assert.deepEqual([...(await links(eli))], [{ key: null, state: 'EXCLUDED' }]);
    assert.deepEqual([...(await open())], []);

    await world.write((tx) => tx`update person set family_name = 'Bosch' where id = ${eli}`);
    await world.sync(there);
    assert.deepEqual(
      (await open()).map(({ kind, recordId }) => [kind, recordId]),
      [['DUPLICATE_MATCH', eli]],
    );
    await answer('IGNORE');
  });

  it('asks about both when two of our records want the same one, and closes the other once one is linked', async () => {
    const first = await person('Fay');
    const second = await world.school.person({ givenName: 'Fee', familyName: 'Bos', email: ' FAY@school.example' });
    put('f1', { givenName: 'Fay', familyName: 'Bos', email: 'fay@school.example' });
    await world.write((tx) => tx`update person set email = 'fay@school.example' where id = ${second}`);
    const run = await world.sync(there);
    assert.deepEqual([run.created, run.conflicts], [0, 2]);
    const asked = await open();
    assert.deepEqual(asked.map(({ recordId }) => recordId).toSorted(), [first, second].toSorted());

    await answer(
      'ACCEPT_EXTERNAL',
      'f1',
      asked.find(({ recordId }) => recordId === first),
    );
    await world.sync(there);
    assert.deepEqual([...(await open())], []);
    assert.deepEqual(
      (await links(second)).map(({ key, state }) => [key === 'f1', state]),
      [[false, 'LINKED']],
      'the second has one of its own',
    );
  });

  it('asks about a single one too, where the provider may hold somebody else under the same address', async () => {
    rooms.people.clear();
    const integration = await world.connect('asking', {}, {});
    put('g1', { givenName: 'Guy', familyName: 'Bos', email: email('Guy') });
    const guy = await person('Guy');
    const run = await world.sync(integration);
    const reasons = (await world.log(run.id)).filter(({ action }) => action.endsWith('conflict'));
    assert.deepEqual(
      reasons.map(({ name, reason }) => [name, reason]),
      [['Guy Bos', 'It could be one that is in Memory Rooms already, alike by email: a person decides.']],
    );
    assert.deepEqual([...(await links(guy))], []);
  });

  it('links unasked what carries our id, whatever else it says', async () => {
    rooms.people.clear();
    const hugo = await person('Hugo');
    const other = await person('Hanna');
    put('h1', { givenName: 'Somebody', familyName: 'Else', email: email('Hanna'), homeroom: hugo });
    const integration = await world.connect('carrying', {}, {});
    const run = await world.sync(integration);
    const found = (await world.log(run.id)).filter(({ action }) => action === 'rooms.people.link');
    assert.deepEqual(
      found.map(({ name, reason }) => [name, reason]),
      [['Hugo Bos', 'Found in Memory Rooms by our id.']],
    );
    const of = async (recordId: string) =>
      (
        await world.write(
          (tx) => tx<{ key: string }[]>`
            select key from link where record_id = ${recordId} and integration_id = ${integration}`,
        )
      )[0]?.key;
    assert.equal(await of(hugo), 'h1');
    assert.notEqual(await of(other), 'h1');
  });
});

describe('what a provider promises to make', () => {
  const rooms = memoryDestination('promising-rooms');
  const requests: Pick<PushRequest, 'handle' | 'uncertain' | 'idempotencyKey'>[] = [];
  let ready = false;
  let now = new Date('2026-09-01T08:00:00Z');
  const until = new Date('2026-09-01T09:00:00Z');
  const connector = peopleAs(rooms.connector, 'promising', {
    push: {
      create: async (_client, { handle, uncertain, idempotencyKey, patch }): Promise<Pushed<unknown>> => {
        requests.push({ handle, uncertain, idempotencyKey });
        if (!ready) return { accepted: { until: new Date(now.getTime() + 3_600_000), handle: 'ticket-7' } };
        const wire = { id: 'made-1', ...patch };
        rooms.people.set('made-1', wire);
        return { wire };
      },
    },
  });
  let world: TestEngine;
  let there: string;
  const link = async () =>
    (
      await world.write(
        (tx) => tx<{ key: string | null; state: string; handle: string | null; until: Date | null }[]>`
          select key, state, handle, until from link`,
      )
    )[0];
  const queued = async () => [
    ...(await world.write(
      (tx) => tx<{ dueAt: Date }[]>`select due_at as "dueAt" from sync_run where status = 'QUEUED'`,
    )),
  ];

  before(async () => {
    world = await testEngine([connector]);
    world.engine.clock = { now: () => now };
    there = await world.connect('promising', {}, {});
    await world.school.person({ givenName: 'Ivo', familyName: 'Bos', email: 'ivo@school.example' });
  });
  after(() => world.database.drop());

  it('is in the making until then, with a handle, and a look at it is waiting', async () => {
    const run = await world.sync(there);
    assert.deepEqual([run.created, run.skipped], [0, 1]);
    assert.deepEqual(
      (await world.log(run.id)).map(({ status, details }) => [status, details?.why]),
      [['SKIPPED', 'in the making']],
    );
    assert.deepEqual(await link(), { key: null, state: 'MAKING', handle: 'ticket-7', until });
    assert.deepEqual(await queued(), [{ dueAt: until }]);
  });

  it('is not asked for again before, and the look is not lost when another run comes first', async () => {
    now = new Date('2026-09-01T08:10:00Z');
    const run = await world.sync(there);
    assert.deepEqual([...(await world.log(run.id))], []);
    assert.equal(requests.length, 1);
    assert.deepEqual(await queued(), [{ dueAt: until }]);
  });

  it('is asked for with its handle when the time has come, again and again, and made once', async () => {
    now = until;
    await world.runWaiting(there);
    now = new Date('2026-09-01T10:00:00Z');
    ready = true;
    await world.runWaiting(there);
    const [first, ...later] = requests;
    assert.deepEqual([first?.handle, first?.uncertain], [null, false]);
    assert.equal(later.length, 2);
    for (const request of later) assert.deepEqual(request, { ...first, handle: 'ticket-7', uncertain: true });
    assert.deepEqual(await link(), { key: 'made-1', state: 'LINKED', handle: null, until: null });
    assert.deepEqual(await queued(), []);
    assert.deepEqual([...(await world.log((await world.sync(there)).id))], [], 'L2');
  });
});
