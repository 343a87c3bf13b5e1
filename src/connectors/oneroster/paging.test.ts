import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { UnexpectedShape } from '../kit/errors.ts';
import { type Fetched, nextLink, type Place, start, walk } from './paging.ts';

const records = (count: number) => Array.from({ length: count }, (_, place) => ({ sourcedId: `r${place}` }));
const idsOf = (page: Fetched) => page.records.map((one) => (one as { sourcedId: string }).sourcedId);

interface Server {
  count: number;
  /** Records of each page in turn, whatever is asked for; the last one from then on. */
  caps: readonly number[];
  tellsTotal: boolean;
  links: boolean;
}

/** A server that does as it says, and counts how often it is asked. */
function serve({ count, caps, tellsTotal, links }: Server) {
  const all = records(count);
  const asked: Place[] = [];
  const fetchPage = async (place: Place): Promise<Fetched> => {
    asked.push(place);
    const offset = place.url === null ? place.offset : Number(place.url);
    const told = tellsTotal || place.url !== null || offset === 0;
    assert.equal(place.lead, told ? null : `r${offset - 1}`, 'where nothing else tells of a move');
    const page = all.slice(offset, offset + (caps[place.pages] ?? caps.at(-1) ?? 1));
    const after = offset + page.length;
    return {
      records: page,
      next: links && after < count ? String(after) : null,
      total: tellsTotal ? count : undefined,
    };
  };
  return { fetchPage, asked };
}

async function collect(fetchPage: (place: Place) => Promise<Fetched>, from = start) {
  const pages: { ids: string[]; next: Place | null }[] = [];
  for await (const { fetched, next } of walk('users', from, fetchPage)) pages.push({ ids: idsOf(fetched), next });
  return pages;
}

const server = fc.record({
  count: fc.nat({ max: 300 }),
  caps: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
  tellsTotal: fc.boolean(),
  links: fc.boolean(),
});

describe('walking through pages', () => {
  test('finds every record once and in order, whatever the server cuts, tells and links', () =>
    fc.assert(
      fc.asyncProperty(server, async (given) => {
        const { fetchPage, asked } = serve(given);
        const pages = await collect(fetchPage);
        assert.deepEqual(
          pages.flatMap(({ ids }) => ids),
          records(given.count).map(({ sourcedId }) => sourcedId),
        );
        const full = pages.filter(({ ids }) => ids.length > 0).length;
        assert.ok(asked.length <= full + 1, 'at most one page too many is asked for');
        if (given.tellsTotal && given.count > 0) assert.equal(asked.length, full);
      }),
    ));

  test('goes on after any page as if it had not been interrupted', () =>
    fc.assert(
      fc.asyncProperty(server, fc.nat(), async (given, chosen) => {
        const pages = await collect(serve(given).fetchPage);
        const place = chosen % pages.length;
        const { next } = pages[place] ?? { next: null };
        if (next === null) return;

        const kept = JSON.parse(JSON.stringify(next)) as Place;
        const rest = await collect(serve(given).fetchPage, kept);
        assert.deepEqual(rest, pages.slice(place + 1));
      }),
    ));

  test('ends with an error when the server goes in circles or never ends', async () => {
    const same = async (): Promise<Fetched> => ({ records: records(3), next: null, total: undefined });
    await assert.rejects(collect(same), UnexpectedShape);

    const linked = async (place: Place): Promise<Fetched> => ({
      records: [{ sourcedId: `r${place.pages}` }],
      next: '/page/2',
      total: undefined,
    });
    await assert.rejects(collect(linked), UnexpectedShape);

    const endless = async (place: Place): Promise<Fetched> => ({
      records: [{ sourcedId: `r${place.offset}` }],
      next: null,
      total: undefined,
    });
    await assert.rejects(collect(endless), UnexpectedShape);

    const empty = async (place: Place): Promise<Fetched> => ({
      records: [],
      next: `/${place.pages}`,
      total: undefined,
    });
    await assert.rejects(collect(empty), UnexpectedShape);
  });

  test('takes an empty page for the end, also before the total is reached', async () => {
    const short = async (place: Place): Promise<Fetched> => ({
      records: place.offset === 0 ? records(5) : [],
      next: null,
      total: 9,
    });
    assert.deepEqual(
      (await collect(short)).map(({ ids }) => ids.length),
      [5, 0],
    );
  });
});

describe('the link to the next page', () => {
  const here = 'https://sis.example/ims/users?limit=2&offset=0';
  const next = (header: string | null) => nextLink('users', header, here);

  test('is found among others, however it is written', () => {
    const there = 'https://sis.example/ims/users?limit=2&offset=2';
    for (const header of [
      `<${there}>; rel="next"`,
      `<${there}>;rel=next`,
      `<https://sis.example/a,b>; rel="prev", <${there}>; title="a, b"; rel="next", <https://sis.example/z>; rel="last"`,
      `<${there}>; REL="Next"`,
      `<${there}>; rel="next last"`,
      '</ims/users?limit=2&offset=2>; rel="next"',
      '<?limit=2&offset=2>; rel="next"',
    ]) {
      assert.equal(next(header), there, header);
    }
    for (const header of [null, '', 'nonsense', `<${there}>; rel="last"`, `<${there}>; rel="nextish"`, `<${there}>`]) {
      assert.equal(next(header), null, String(header));
    }
  });

  test('stays at our origin: inner schemes and ports are set right, other hosts refused', () => {
    assert.equal(
      next('<http://sis.example:8080/ims/users?offset=2>; rel="next"'),
      'https://sis.example/ims/users?offset=2',
    );
    assert.throws(() => next('<https://evil.example/ims/users?offset=2>; rel="next"'), UnexpectedShape);
    assert.throws(() => next('<https://[>; rel="next"'), UnexpectedShape);
  });

  test('is never a surprise, whatever the header', () =>
    fc.assert(
      fc.property(fc.string(), (header) => {
        try {
          const found = next(`<${header}>; rel="next"`);
          assert.ok(found === null || new URL(found).origin === 'https://sis.example');
        } catch (error) {
          assert.ok(error instanceof UnexpectedShape);
        }
      }),
    ));
});
