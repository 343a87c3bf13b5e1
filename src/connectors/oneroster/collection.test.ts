import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Page } from '../kit/contract.ts';
import { UnexpectedShape } from '../kit/errors.ts';
import type { OneRosterClient } from './client.ts';
import { readCollection } from './collection.ts';
import { settings } from './settings.ts';
import { createTally, hashesOf } from './tally.ts';

interface Served {
  records: readonly object[];
  total?: number;
  link?: string;
  revision?: string;
}

/** A client of a SIS that answers each request as `serve` says; `offset` and `filter` are what it was asked. */
function sisOf(serve: (asked: { offset: number; limit: number; number: number }) => Served, pageSize = 10) {
  const asked: URL[] = [];
  const client: OneRosterClient = {
    settings: settings.parse({ baseUrl: 'https://sis.example', tokenUrl: 'https://sis.example/token', pageSize }),
    base: 'https://sis.example/ims/oneroster/v1p1',
    get: async (given) => {
      const url = new URL(given);
      asked.push(url);
      const { records, total, link, revision } = serve({
        offset: Number(url.searchParams.get('offset')),
        limit: Number(url.searchParams.get('limit')),
        number: asked.length,
      });
      return new Response(JSON.stringify({ users: records }), {
        headers: {
          'content-type': 'application/json',
          ...(total !== undefined && { 'x-total-count': String(total) }),
          ...(link !== undefined && { link }),
          ...(revision !== undefined && { 'x-perm-rev': revision }),
        },
      });
    },
    signIn: async () => undefined,
    remembered: {},
  };
  return { client, asked };
}

const collection = { name: 'users', words: ['users'] };
const users = (count: number) =>
  Array.from({ length: count }, (_, place) => ({ sourcedId: `u${String(place).padStart(4, '0')}` }));

async function read(client: OneRosterClient, mark: string | null = null, checkpoint: string | null = null) {
  const pages: Page[] = [];
  const signal = new AbortController().signal;
  const wanted = { mark, belongs: null };
  for await (const page of readCollection(collection, { client, signal, checkpoint }, wanted)) pages.push(page);
  return pages;
}

const idsOf = (pages: readonly Page[]) =>
  pages.flatMap(({ records }) => records.map((one) => (one as { sourcedId: string }).sourcedId));

describe('a collection', () => {
  test('is asked for as the standard writes it, quotes and spaces encoded', async () => {
    const { client, asked } = sisOf(() => ({ records: [] }));
    await read(client);
    await read(client, '2026-01-15T08:30:00.000+02:00');
    assert.deepEqual(
      asked.map(({ href }) => href),
      [
        'https://sis.example/ims/oneroster/v1p1/users?limit=10&offset=0&filter=status%3D%27active%27&sort=sourcedId',
        'https://sis.example/ims/oneroster/v1p1/users?limit=10&offset=0&filter=dateLastModified%3E%3D%272026-01-15T08%3A30%3A00.000%2B02%3A00%27&sort=sourcedId',
      ],
    );
  });

  test('is read again from its beginning when a record slipped away between two pages', async () => {
    let all = users(25);
    const { client, asked } = sisOf(({ offset, limit, number }) => {
      if (number === 2) all = all.slice(1);
      return { records: all.slice(offset, offset + limit), total: all.length };
    });
    const pages = await read(client);
    assert.equal(asked.length, 6);
    assert.deepEqual(
      new Set(idsOf(pages)),
      new Set(users(25).map(({ sourcedId }) => sourcedId)),
      'also the one that slipped',
    );
    assert.equal(pages.at(-1)?.next, null);
  });

  test('is read again when one came in between, so that none is missed', async () => {
    let all = users(25);
    const { client, asked } = sisOf(({ offset, limit, number }) => {
      if (number === 2) all = [{ sourcedId: 'a0' }, ...all];
      return { records: all.slice(offset, offset + limit), total: all.length };
    });
    const pages = await read(client);
    assert.equal(asked.length, 6);
    assert.ok(idsOf(pages).includes('a0'));
  });

  test('is read by counting the second time, where links skip records', async () => {
    const all = users(35);
    const { client } = sisOf(({ offset }) => ({
      records: all.slice(offset, offset + 5),
      total: all.length,
      ...(offset + 10 < 35 && {
        link: `<https://sis.example/ims/oneroster/v1p1/users?offset=${offset + 10}>; rel="next"`,
      }),
    }));
    const pages = await read(client);
    assert.deepEqual(new Set(idsOf(pages)), new Set(all.map(({ sourcedId }) => sourcedId)));
  });

  test('is read again when the server says that its data changed meanwhile', async () => {
    const all = users(15);
    const { client, asked } = sisOf(({ offset, limit, number }) => ({
      records: all.slice(offset, offset + limit),
      revision: number === 1 ? '41' : '42',
    }));
    await read(client);
    assert.equal(asked.length, 8, 'two pages, one that only begins and an empty one, twice');
  });

  test('that tells no total and links nothing is asked for from the last record on, and read again when it moved', async () => {
    for (const change of [
      { what: 'one slips away', by: (all: object[]) => all.slice(1) },
      { what: 'one goes and one comes', by: (all: object[]) => [...all.slice(1), { sourcedId: 'z' }] },
      { what: 'it is cut short', by: (all: object[]) => all.slice(0, 5) },
    ]) {
      let all: object[] = users(25);
      const { client, asked } = sisOf(({ offset, limit, number }) => {
        if (number === 2) all = change.by(all);
        return { records: all.slice(offset, offset + limit) };
      });
      const pages = await read(client);
      const came = new Set(idsOf(pages));
      for (const one of all) assert.ok(came.has((one as { sourcedId: string }).sourcedId), change.what);
      assert.deepEqual(
        asked.slice(0, 2).map(({ searchParams }) => searchParams.get('offset')),
        ['0', '9'],
      );
      assert.ok(asked.filter(({ searchParams }) => searchParams.get('offset') === '0').length > 1, change.what);
    }
  });

  test('that gives one record at a time is read to its end', async () => {
    const all = users(4);
    const pages = await read(sisOf(({ offset }) => ({ records: all.slice(offset, offset + 1) })).client);
    assert.deepEqual(
      idsOf(pages),
      all.map(({ sourcedId }) => sourcedId),
    );
  });

  test('gives each record once where nothing moves, whatever the server cuts', () =>
    fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 }),
        async (count, caps) => {
          const all = users(count);
          const cap = (number: number) => caps[number % caps.length] ?? 1;
          const { client } = sisOf(({ offset, number }) => ({ records: all.slice(offset, offset + cap(number)) }));
          assert.deepEqual(
            idsOf(await read(client)),
            all.map(({ sourcedId }) => sourcedId),
          );
        },
      ),
      { numRuns: 60 },
    ));

  test('is complete with records that have no id, which are for others to refuse', async () => {
    const all = [{}, null, { sourcedId: '' }, ...users(9), {}];
    const { client, asked } = sisOf(({ offset, limit }) => ({
      records: all.slice(offset, offset + limit) as object[],
      total: 13,
    }));
    assert.equal((await read(client)).flatMap(({ records }) => records).length, 13);
    assert.equal(asked.length, 2);
  });

  test('that never adds up is an error, and its last page is never given', async () => {
    const all = users(15);
    const { client, asked } = sisOf(({ offset, limit }) => ({ records: all.slice(offset, offset + limit), total: 16 }));
    const pages: Page[] = [];
    const wanted = { mark: null, belongs: null };
    const reading = readCollection(
      collection,
      { client, signal: new AbortController().signal, checkpoint: null },
      wanted,
    );
    await assert.rejects(
      async () => {
        for await (const page of reading) pages.push(page);
      },
      (error: UnexpectedShape) => {
        assert.ok(error instanceof UnexpectedShape);
        assert.deepEqual(error.details, { received: 15, total: 16, moved: false });
        return true;
      },
    );
    assert.equal(asked.length, 9);
    assert.ok(pages.every(({ next }) => next !== null));
  });

  test('goes on after any of its pages, in any round, to the same end', async () => {
    const serve = () => {
      let all = users(25);
      return sisOf(({ offset, limit, number }) => {
        if (number === 2) all = all.slice(1);
        return { records: all.slice(offset, offset + limit), total: all.length };
      });
    };
    const pages = await read(serve().client);
    for (const { next } of pages.slice(0, -1)) {
      const rest = await read(
        sisOf(({ offset, limit }) => ({
          records: users(25)
            .slice(1)
            .slice(offset, offset + limit),
          total: 24,
        })).client,
        null,
        next,
      );
      assert.equal(rest.at(-1)?.next, null);
    }
  });

  test('begins anew where a checkpoint makes no sense to us', async () => {
    const { client, asked } = sisOf(() => ({ records: [] }));
    await read(client, null, '{"version":7}');
    assert.equal(asked[0]?.searchParams.get('offset'), '0');
  });

  test('ends with a mark before its newest change, and keeps the old one where nothing changed', async () => {
    const changed = [
      { sourcedId: 'a', dateLastModified: '2026-01-15T08:30:00.000Z' },
      { sourcedId: 'b', dateLastModified: '2026-01-14T08:30:00.000Z' },
    ];
    const markOf = async (records: object[], mark: string | null) =>
      (await read(sisOf(({ offset }) => ({ records: records.slice(offset) })).client, mark)).at(-1)?.mark;
    assert.equal(await markOf(changed, null), '2026-01-15T08:25:00.000Z');
    assert.equal(await markOf([], '2026-01-01T00:00:00.000Z'), '2026-01-01T00:00:00.000Z');
    assert.equal(await markOf([{ sourcedId: 'a' }], null), undefined);
  });
});

describe('the tally', () => {
  test('counts each record once', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 8 }), { maxLength: 3_000, size: 'max' }), fc.nat(), (ids, seed) => {
        const tally = createTally();
        tally.add(hashesOf(ids.slice(0, 100), seed));
        tally.add(hashesOf(ids.slice(100), seed));
        assert.equal(tally.distinct(), new Set(ids).size);
      }),
      { numRuns: 30 },
    ));

  test('tells a million ids apart that differ in one place', () => {
    const tally = createTally();
    const ids = Array.from({ length: 300_000 }, (_, place) => `0199-enrollment-${place}`);
    tally.add(hashesOf(ids, 1));
    assert.equal(tally.distinct(), 300_000);
  });
});
