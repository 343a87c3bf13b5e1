import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from '../kit/contract.ts';
import { pagesOf, type Sis, startSis, streamOf } from './test-sis.ts';

describe('pages of a SIS', () => {
  let sis: Sis;
  let asked = 0;
  /** Reads a collection; what is in `known` by place and digest is recalled with its note. */
  const read = async (name: string, known: ReadonlyMap<string, string> = new Map(), mark?: string) => {
    const { client, context } = sis;
    const from = {
      client,
      settings: {},
      signal: context.signal,
      clock: context.clock,
      checkpoint: null,
      keys: async function* () {},
      recall: async (place: string, digest: string) => {
        asked += 1;
        return known.get(`${place} ${digest}`) ?? null;
      },
    };
    const { pull } = streamOf(name);
    return Array.fromAsync((mark === undefined ? pull.all?.(from) : pull.since?.(from, mark)) ?? []);
  };
  const idsOf = (page: Page | undefined) =>
    (page?.records ?? []).map((record) => (record as { sourcedId: string }).sourcedId);
  const knownOf = (pages: readonly Page[]) =>
    new Map(pages.flatMap(({ sight }) => (sight ? [[`${sight.place} ${sight.digest}`, sight.note] as const] : [])));

  before(async () => {
    sis = await startSis({ settings: { pageSize: 100 } });
  });
  after(() => sis.close());

  test('are known by their bytes, and not parsed then: totals, mark and order come out as before', async () => {
    const first = await read('users');
    const again = await read('users', knownOf(first));
    assert.ok(first.length > 2 && first.every(({ sight }) => sight));
    assert.deepEqual(
      again.map(({ records, recalled }) => [records.length, recalled]),
      first.map(() => [0, true]),
    );
    assert.deepEqual(
      again.map(({ next, total, mark, sight }) => ({ next, total, mark, sight })),
      first.map(({ next, total, mark, sight }) => ({ next, total, mark, sight })),
    );
  });

  test('are parsed where their bytes are others', async () => {
    const first = await read('users');
    const [sourcedId] = idsOf(first[1]);
    assert.ok(sourcedId);
    const record = sis.simulator.sis.find('users', sourcedId);
    assert.ok(record);
    sis.simulator.sis.change('users', sourcedId, { ...record, familyName: 'Changed' });
    const again = await read('users', knownOf(first));
    assert.deepEqual(
      again.flatMap(({ recalled }, place) => (recalled ? [] : [place])),
      [1],
    );
    assert.equal(again[1]?.records.length, first[1]?.records.length);
    assert.notEqual(again.at(-1)?.mark, undefined);
  });

  test('that are all the same one are noticed without parsing them', async () => {
    const first = await read('users');
    const note = first[0]?.sight?.note ?? '';
    const everyPageIsTheFirst = { get: () => note } as unknown as ReadonlyMap<string, string>;
    await assert.rejects(read('users', everyPageIsTheFirst), /the same page again/);
  });

  test('that do not add up to the total are read again, all of them, and not remembered', async () => {
    const first = await read('users');
    const known = knownOf(first);
    const [second] = [...known.keys()].slice(1);
    assert.ok(second);
    // The note of a page with the ids of another one: two pages that overlap.
    const overlapping = { ...JSON.parse(known.get(second) ?? ''), ids: JSON.parse(first[0]?.sight?.note ?? '').ids };
    const again = await read('users', new Map([...known, [second, JSON.stringify(overlapping)]]));
    assert.equal(again.length, first.length * 2);
    assert.ok(again.slice(first.length).every(({ records, sight }) => records.length > 0 && !sight));
  });

  test('are all parsed where nobody remembers them, and of changes nobody is asked', async () => {
    const plain = await pagesOf(sis, 'users');
    assert.ok(plain.every(({ sight, recalled }) => !sight && !recalled));
    asked = 0;
    const changes = await read('users', new Map(), '2020-01-01T00:00:00.000Z');
    assert.ok(changes.length > 0 && changes.every(({ sight }) => !sight));
    assert.equal(asked, 0);
  });
});
