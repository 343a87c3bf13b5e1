import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';
import type { Connector, From, Page, Pages, Stream } from '../connectors/kit/contract.ts';
import { Unwell } from '../connectors/kit/errors.ts';

type Name = 'people' | 'classes' | 'enrollments';

const pageSize = 10;

/** The source in memory, in pages of ten that can be known again, with a note of those whose records were wanted. */
function rememberingSource() {
  const source = memorySource();
  const parsed: string[] = [];
  const state = { changes: null as Partial<Record<Name, object[]>> | null, failsAt: null as string | null };
  async function* all(name: Name, from: From<unknown>): Pages {
    const records = source[name];
    const count = Math.max(1, Math.ceil(records.length / pageSize));
    for (let number = Number(from.checkpoint ?? 0); number < count; number += 1) {
      const place = String(number);
      if (state.failsAt === `${name} ${place}`) throw new Unwell({ code: 'down', message: 'Down.', remedy: 'Wait.' });
      const part = structuredClone(records.slice(number * pageSize, (number + 1) * pageSize));
      const digest = hash('sha256', JSON.stringify(part), 'hex');
      const note = (await from.recall?.(place, digest)) ?? null;
      if (note === null) parsed.push(`${name} ${place}`);
      const page: Page = {
        records: note === null ? part : [],
        ...(note !== null && { recalled: true as const }),
        sight: { place, digest, note: note ?? `note of ${place}` },
        next: number + 1 < count ? String(number + 1) : null,
        ...(number + 1 === count && { mark: 'mark' }),
      };
      yield page;
    }
  }
  async function* since(name: Name): Pages {
    yield { records: state.changes?.[name] ?? [], next: null, mark: 'later' };
  }
  const remembers = (connector: Connector): Connector => ({
    ...connector,
    streams: Object.fromEntries(
      Object.entries(connector.streams).map(([name, stream]): [string, Stream] => [
        name,
        {
          ...stream,
          pull: {
            all: (from) => all(name as Name, from),
            ...(state.changes && { since: () => since(name as Name) }),
          },
        },
      ]),
    ),
  });

  return { source, parsed, state, connector: () => remembers(source.connector) };
}

describe('a page that comes back as it was', () => {
  let world: TestEngine;
  let remembering: ReturnType<typeof rememberingSource>;
  let source: MemorySource;
  let integrationId: string;
  /** Runs, and answers what came of it and which pages were parsed. */
  const sync = async (mode: 'FULL' | 'DELTA' = 'FULL') => {
    world.engine.connectors = [remembering.connector()];
    remembering.parsed.length = 0;
    const run = await world.sync(integrationId, { mode });
    return { run, parsed: [...remembering.parsed] };
  };
  const count = async (table: string, where = "status = 'ACTIVE'") => {
    const rows = await world.write((tx) => tx.unsafe(`select 1 from ${table} where ${where}`));
    return rows.length;
  };

  beforeEach(async () => {
    remembering = rememberingSource();
    source = remembering.source;
    world = await testEngine([remembering.connector()]);
    integrationId = await world.connect(source.connector.id, {}, {});
    source.people = Array.from({ length: 30 }, (_, index) => ({
      id: `p${String(index).padStart(2, '0')}`,
      givenName: 'P',
      familyName: String(index),
      role: 'student',
    }));
    source.classes = [{ id: 'c0', title: 'Art' }];
    source.enrollments = source.people.map(({ id }) => ({ id: `e-${id}`, class: 'c0', person: id, role: 'student' }));
    const first = await sync();
    assert.equal(first.run.created, 61);
    assert.equal(first.parsed.length, 7);
  });
  // One at a time: each has connections of its own.
  afterEach(() => world.database.drop());

  it('is not parsed, and its records count as unchanged (L1)', async () => {
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, []);
    assert.equal(run.status, 'SUCCEEDED');
    assert.deepEqual([run.unchanged, run.created, run.deleted], [61, 0, 0]);
    assert.deepEqual((await sync()).parsed, []);
  });

  it('leaves the others to be parsed: one change is found beside it', async () => {
    source.people[12] = { ...source.people[12], id: 'p12', familyName: 'Renamed' };
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, ['people 1']);
    assert.deepEqual([run.updated, run.unchanged], [1, 60]);
    assert.equal(await count('person', "family_name = 'Renamed'"), 1);
    assert.deepEqual((await sync()).parsed, []);
  });

  it('is parsed all the same once the mapping is another', async () => {
    const people = source.connector.streams.people;
    assert.ok(people);
    Object.assign(people, { fields: { ...people.fields, phone: (people.fields as Record<string, unknown>).email } });
    world.engine.connectors = [];
    const { parsed } = await sync();
    assert.deepEqual(parsed, ['people 0', 'people 1', 'people 2']);
  });

  it('keeps its records when other pages vanish, whose records are gone (L4)', async () => {
    source.enrollments.length = 20;
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, []);
    assert.equal(run.status, 'HELD', 'a third at once waits for a person');
    assert.match(run.heldReason ?? '', /10 of 30 enrollments/);
    assert.equal(await count('enrollment'), 30);

    source.enrollments.push(
      ...source.people.slice(20, 28).map(({ id }) => ({ id: `e-${id}`, class: 'c0', person: id, role: 'student' })),
    );
    const { run: next } = await sync();
    assert.deepEqual([next.status, next.deleted], ['SUCCEEDED', 2]);
    assert.equal(await count('enrollment'), 28);
    assert.deepEqual((await sync()).run.unchanged, 59);
  });

  it('is no proof of emptiness: a stream that is known whole is not taken for an empty one', async () => {
    const { run } = await sync();
    assert.equal(run.heldReason, null);
    source.enrollments = [];
    assert.equal((await sync()).run.status, 'HELD');
  });

  it('is parsed while a record of it was archived here, and brings it back', async () => {
    await world.write((tx) => tx`update person set status = 'ARCHIVED' where sourced_id = 'p25'`);
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, ['people 2']);
    assert.equal(run.updated, 1);
    assert.deepEqual((await sync()).parsed, []);
  });

  it('need not be parsed for a record that waits: what it waits with is tried in each run', async () => {
    source.enrollments[29] = { id: 'e-p29', class: 'c0', person: 'late', role: 'student' };
    source.enrollments.push({ id: 'e-q', class: 'c0', person: 'later', role: 'student' });
    await sync();
    assert.deepEqual((await sync()).parsed, []);
    source.people.push({ id: 'later', givenName: 'L', familyName: 'L', role: 'student' });
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, ['people 3']);
    assert.equal(run.created, 2);
  });

  it('is parsed while a person keeps a value of it against the source', async () => {
    await world.write(
      (tx) => tx`
      insert into override (tenant_id, school_id, entity, record_id, field, value, source_value)
      select tenant_id, school_id, 'person', id, 'familyName', '"Mine"', '"3"' from person where sourced_id = 'p03'`,
    );
    assert.deepEqual((await sync()).parsed, ['people 0']);
    assert.deepEqual((await sync()).parsed, ['people 0']);
  });

  it('is parsed when changes told something else of it in between', async () => {
    const before = source.people[3];
    assert.ok(before);
    remembering.state.changes = { people: [{ ...before, familyName: 'Changed' }] };
    const delta = await sync('DELTA');
    assert.deepEqual([delta.run.updated, delta.parsed], [1, []]);
    // The source takes it back without a word, and its page is as it was.
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, ['people 0', 'people 1', 'people 2']);
    assert.equal(run.updated, 1);
    assert.equal(await count('person', "family_name = '3'"), 1);
  });

  it('is not known after a run that died on the way: what it had read was never compared', async () => {
    for (const person of source.people) person.familyName = `${person.familyName} new`;
    remembering.state.failsAt = 'people 2';
    assert.equal((await sync()).run.status, 'FAILED');
    assert.equal(await count('person', "family_name like '% new'"), 0);
    remembering.state.failsAt = null;
    const { run, parsed } = await sync();
    assert.deepEqual(parsed, ['people 0', 'people 1', 'people 2']);
    assert.equal(run.status, 'HELD', 'all have changed at once');
    assert.deepEqual((await sync()).parsed.length, 3, 'what waits for a person is not settled');
  });

  it('is read again in full after a crash of the database, which empties what was staged and known', async () => {
    source.people[12] = { ...source.people[12], id: 'p12', familyName: 'Renamed' };
    await world.write((tx) => tx`delete from known_page`);
    const { run, parsed } = await sync();
    assert.equal(parsed.length, 7);
    assert.deepEqual([run.updated, run.unchanged, run.deleted], [1, 60, 0]);
  });
});
