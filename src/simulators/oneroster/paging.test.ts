import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { district, linkTo, startTestClient, type TestClient } from './test-client.ts';
import type { Wire } from './wire-parts.ts';

const ids = (records: readonly Wire[]) => records.map(({ sourcedId }) => sourcedId);
const sorted = (records: readonly { sourcedId: string }[]) => records.map(({ sourcedId }) => sourcedId).sort();

describe('pages of a collection', () => {
  let client: TestClient;
  beforeEach(async () => {
    client = await startTestClient();
  });
  afterEach(async () => {
    assert.deepEqual(client.simulator.problems, []);
    await client.simulator.close();
  });

  it('hold 100 records unless asked otherwise, and say how many there are', async () => {
    const { body, headers } = await client.get('/enrollments');
    assert.equal((body.enrollments as Wire[]).length, 100);
    assert.equal(headers.get('x-total-count'), String(district.enrollments.length));
  });

  it('lead to each other by absolute links until all records were seen once, in the order of their ids', async () => {
    const seen: unknown[] = [];
    let next: string | undefined = '/enrollments?limit=250&filter=status%3D%27active%27';
    while (next !== undefined) {
      const { body, headers } = await client.get(next);
      seen.push(...ids(body.enrollments as Wire[]));
      const url = linkTo(headers, 'next');
      assert.ok(url === undefined || url.includes('filter=status%3D%27active%27'));
      next = url?.replace(client.simulator.baseUrls['1.1'] ?? '', '');
    }
    assert.deepEqual(seen, sorted(district.enrollments));
  });

  it('have links to the first, the last and the page before', async () => {
    const { headers } = await client.get('/orgs?limit=1&offset=2');
    const base = `${client.simulator.baseUrls['1.1']}/orgs`;
    assert.equal(linkTo(headers, 'first'), `${base}?limit=1&offset=0`);
    assert.equal(linkTo(headers, 'prev'), `${base}?limit=1&offset=1`);
    assert.equal(linkTo(headers, 'next'), `${base}?limit=1&offset=3`);
    assert.equal(linkTo(headers, 'last'), `${base}?limit=1&offset=3`);
  });

  it('are empty beyond the end', async () => {
    const { status, body, headers } = await client.get('/orgs?offset=4000');
    assert.equal(status, 200);
    assert.deepEqual(body, { orgs: [] });
    assert.equal(linkTo(headers, 'next'), undefined);
  });

  it('refuse a limit or an offset that is none', async () => {
    for (const query of ['limit=0', 'limit=-1', 'limit=many', 'offset=-1', 'offset=1.5']) {
      const { status, body } = await client.get(`/orgs?${query}`);
      assert.equal(status, 400, query);
      assert.match(JSON.stringify(body), /invaliddata/u);
    }
  });

  it('can be sorted by any field, and forwards is the default', async () => {
    const titles = (await client.list('/courses?limit=1000&sort=title')).map(({ title }) => String(title));
    assert.deepEqual(titles, [...titles].sort());
    const backwards = await client.list('/courses?limit=1000&sort=title&orderBy=desc');
    assert.deepEqual(
      backwards.map(({ title }) => title),
      [...titles].reverse(),
    );
  });

  it('come unsorted in 1.1 and are refused in 1.2 when the sort field is unknown', async () => {
    assert.deepEqual(ids(await client.list('/orgs?sort=colour')), sorted(district.orgs));
    assert.equal((await client.get('/orgs?sort=colour', '1.2')).status, 400);
  });

  it('can be narrowed to some fields', async () => {
    const [org] = await client.list('/orgs?fields=sourcedId,name');
    assert.deepEqual(Object.keys(org ?? {}), ['sourcedId', 'name']);
    const { status, body } = await client.get('/orgs?fields=sourcedId,colour');
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /invalid_selection_field/u);
    assert.match(JSON.stringify((await client.get('/orgs?fields=')).body), /invalid_blank_selection_field/u);
  });
});

describe('a server with a page cap', () => {
  it('cuts the page without a word and leads on by its links', async () => {
    const client = await startTestClient({ pageCap: 40 });
    const { body, headers } = await client.get('/users?limit=5000');
    assert.equal((body.users as Wire[]).length, 40);
    assert.match(linkTo(headers, 'next') ?? '', /limit=40&offset=40$/u);
    await client.simulator.close();
  });

  it('tells neither total nor links where it has such quirks', async () => {
    const client = await startTestClient({ quirks: ['silent-cap', 'no-total', 'no-link'] });
    const { body, headers } = await client.get('/enrollments?limit=5000');
    assert.equal((body.enrollments as Wire[]).length, 500);
    assert.equal(headers.get('x-total-count'), null);
    assert.equal(headers.get('link'), null);
    await client.simulator.close();
  });
});

describe('prerendered pages', () => {
  it('are the bytes a client gets, until the SIS changes', async () => {
    const client = await startTestClient();
    const { simulator } = client;
    const options = { query: { filter: "status='active'" } };
    const pages = simulator.prerenderedPages('enrollments', 500, options);
    assert.equal(pages.length, Math.ceil(district.enrollments.length / 500));
    assert.equal(simulator.prerenderedPages('enrollments', 500, options)[1], pages[1]);

    const path = "/enrollments?limit=500&offset=500&sort=sourcedId&filter=status%3D'active'";
    const { body, headers } = await client.get(path);
    assert.deepEqual(body, JSON.parse(pages[1]?.toString() ?? ''));
    assert.equal(headers.get('x-total-count'), String(district.enrollments.length));

    const changed = (body.enrollments as Wire[])[0]?.sourcedId as string;
    simulator.sis.remove('enrollments', changed);
    const after = (await client.get(path)).body.enrollments as Wire[];
    assert.ok(!ids(after).includes(changed));
    assert.notEqual(simulator.prerenderedPages('enrollments', 500, options)[1], pages[1]);
    await simulator.close();
  });
});
