import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { inMemory } from '../../test/harness/memory.ts';
import { type Connector, connector, type Pages, stream } from '../connectors/kit/contract.ts';

interface Told {
  id?: string;
  [name: string]: unknown;
}
const wire = z.looseObject({ id: z.string() });
type Wire = z.output<typeof wire>;
const field = (name: string) => ({
  read: (record: Wire) => (typeof record[name] === 'string' ? record[name] : null),
  given: (record: Wire) => record[name],
  owner: 'provider' as const,
});
let told: Told[] = [];
async function* pages(): Pages {
  const half = Math.ceil(told.length / 2);
  yield { records: told.slice(0, half), next: 'more' };
  yield { records: told.slice(half), next: null };
}
const memory: Connector = connector<null, Record<string, never>, Record<string, never>>({
  id: 'memory',
  name: 'Memory',
  ...inMemory,
  streams: {
    people: stream<null, 'person', Wire>({
      entity: 'person',
      born: 'there',
      action: 'memory.person',
      wire,
      key: (record) => record.id,
      fields: {
        givenName: field('givenName'),
        familyName: field('familyName'),
        role: field('role'),
        email: field('email'),
      },
      pull: { all: pages },
    }),
    guardians: stream<null, 'guardianLink', Wire>({
      entity: 'guardianLink',
      born: 'there',
      action: 'memory.guardian',
      wire,
      key: (record) => record.id,
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
  },
});

describe('a source with bad records', () => {
  let world: TestEngine;
  let integrationId: string;
  const person = (index: number): Told => ({
    id: `p${index}`,
    givenName: 'P',
    familyName: `Q${index}`,
    role: 'student',
    email: `p${index}@school.example`,
  });
  const sync = () => world.sync(integrationId, { mode: 'FULL' });
  const active = async (table: 'person' | 'guardian_link') => {
    const [row] = await world.write((tx) =>
      tx.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table} where status = 'ACTIVE'`),
    );
    return row?.n;
  };
  const rejected = () =>
    world.write((tx) => tx<{ key: string; code: string }[]>`select key, code from rejected_record order by key`);

  before(async () => {
    world = await testEngine([memory]);
    integrationId = await world.connect('memory', {}, {});
    told = Array.from({ length: 30 }, (_, index) => person(index));
    Object.assign(told[1] ?? {}, { guardians: ['p2'] });
    await sync();
  });
  after(() => world.database.drop());

  it('keeps what it has of a record that cannot be read now, and goes on to remove what is really gone', async () => {
    const before = told;
    told = told.slice(0, -1).map((each) => (each.id === 'p1' ? { ...each, role: 7 } : each));
    const run = await sync();

    assert.equal(run.status, 'SUCCEEDED');
    assert.equal(run.skipped, 1);
    assert.equal(run.deleted, 1);
    assert.equal(await active('person'), 29);
    assert.equal(await active('guardian_link'), 1, 'what travels in an unreadable record stays too');
    assert.deepEqual([...(await rejected())], [{ key: 'p1', code: 'required_value_unreadable' }]);
    const [entry] = (await world.log(run.id)).filter(({ status }) => status === 'SKIPPED');
    assert.equal(entry?.action, 'memory.person.read');
    assert.equal(entry?.name, 'P Q1');
    const { code, field, rule } = entry?.details ?? {};
    assert.deepEqual({ code, field, rule }, { code: 'required_value_unreadable', field: 'role', rule: 'be text' });
    told = before;
  });

  it('takes the record again, and forgets the refusal, once it can be read', async () => {
    const run = await sync();

    assert.equal(run.skipped, 0);
    assert.equal(await active('person'), 30);
    assert.deepEqual([...(await rejected())], []);
  });

  it('forgets the refusal of a record that is no longer there', async () => {
    told.push({ id: 'new', role: 7 });
    await sync();
    assert.deepEqual([...(await rejected())], [{ key: 'new', code: 'required_value_unreadable' }]);
    told.pop();
    await sync();

    assert.deepEqual([...(await rejected())], []);
  });

  it('leaves a bad optional value out, keeps the one it had, and names the field', async () => {
    Object.assign(told[3] ?? {}, { email: { not: 'text' }, givenName: 'Renamed' });
    const run = await sync();

    assert.equal(run.updated, 1);
    assert.equal(run.skipped, 0);
    const entry = (await world.log(run.id)).find(({ action }) => action === 'memory.person.value_dropped');
    assert.equal(entry?.name, 'Renamed Q3');
    assert.equal(entry?.details?.field, 'email');
    const [row] = await world.write(
      (tx) => tx<{ email: string }[]>`select email from person where given_name = 'Renamed'`,
    );
    assert.equal(row?.email, 'p3@school.example');
    told[3] = person(3);
    await sync();
  });

  it('removes nobody when a record comes whose key cannot be read', async () => {
    const before = told;
    told = [...told.slice(0, -1), { role: 'student' }];
    const run = await sync();
    told = before;

    assert.equal(run.deleted, 0);
    assert.equal(await active('person'), 30);
  });

  it('removes nobody when more than a fifth of the records are bad, and says so', async () => {
    const before = told;
    told = told.slice(0, -1).map((each, index) => (index < 7 ? { ...each, role: 7 } : each));
    const run = await sync();
    told = before;

    assert.equal(run.deleted, 0);
    assert.equal(await active('person'), 30);
    const entry = (await world.log(run.id)).find(({ action }) => action === 'memory.person.too_many_unreadable');
    assert.match(entry?.reason ?? '', /^24 % of these records of Memory cannot be read/);
  });

  it('tells a thousand one by one and counts the others', async () => {
    const before = told;
    told = [...told, ...Array.from({ length: 1300 }, (_, index) => ({ id: `bad${index}`, givenName: 'B' }))];
    const run = await sync();
    told = before;
    const log = (await world.log(run.id)).filter(({ status }) => status === 'SKIPPED');

    assert.equal(run.skipped, 1300);
    assert.equal(log.filter(({ action }) => action === 'memory.person.read').length, 1000);
    const more = log.filter(({ action }) => action === 'memory.person.more_unreadable');
    assert.deepEqual(
      more.map(({ details }) => details?.count),
      [300],
    );
  });
});
