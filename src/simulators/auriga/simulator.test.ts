import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AurigaSimulator, demoClient, demoUser, startAurigaSimulator } from './simulator.ts';
import { makeAurigaWorld } from './world.ts';

interface Answer {
  status: number;
  body: {
    totalElements: number;
    totalPages: number;
    page: number;
    size: number;
    content: { columns: { label: string }[]; lines: unknown[][] };
  };
}

describe('the simulated Auriga', () => {
  let simulator: AurigaSimulator;
  let token: string;
  before(async () => {
    const world = makeAurigaWorld({ from: '2026-10-23', days: 4, learners: 50 });
    simulator = await startAurigaSimulator({ world, style: { labels: 'text' }, keycloak: { prefixes: ['/auth'] } });
    const response = await fetch(`${simulator.keycloak.bases[0]}/realms/your-company/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: demoClient.id,
        client_secret: demoClient.secret,
        ...demoUser,
      }),
    });
    token = ((await response.json()) as { access_token: string }).access_token;
  });
  after(async () => {
    assert.deepEqual(simulator.problems, []);
    await simulator.close();
  });

  async function ask(favorite: string, query: string, bearer = token): Promise<Answer> {
    const response = await fetch(`${simulator.origin}/api/favoriteQueries/${favorite}/searchResult?${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: '{}',
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }

  test('plans no lessons at the weekend, and pages from 1', async () => {
    const { body } = await ask('4711', 'size=5&page=2');
    assert.deepEqual([body.totalElements, body.totalPages, body.page, body.size], [8, 2, 2, 5]);
    assert.equal(body.content.lines.length, 3);
    const days = [...simulator.world.sessions.values()].map(({ start }) => start.slice(0, 10));
    assert.deepEqual([...new Set(days)], ['2026-10-23', '2026-10-26']);
  });

  test('sends the exact headings, rows in their order, people packed and labels as JSON text', async () => {
    const { body } = await ask('4711', 'size=1&page=1');
    const labels = body.content.columns.map(({ label }) => label);
    assert.deepEqual(
      [labels[0], labels[3], labels[8], labels[10]],
      ['ID', 'Educational Unit.Label', 'Learner(s)', 'Group ID(s)'],
    );
    const [row = []] = body.content.lines;
    assert.deepEqual(
      [row[0], row[1], row[4], row[10]],
      [115849, '2026-10-23T08:30:00', '{"en":"Lecture","fr":"Cours"}', '546'],
    );
    assert.match(String(row[8]), /^160000\/GRIMAUD\/Karole\/etu\.160000@ecole\.example\|160001\//);
    const groups = await ask('4712', 'size=1&page=1');
    assert.match(String(groups.body.content.lines[0]?.[3]), /^160000\|160001\|/);
  });

  test('cuts a page at 500 rows, and has none past the end', async () => {
    assert.equal((await ask('4711', 'size=9999&page=1')).body.size, 500);
    assert.deepEqual((await ask('4711', 'size=500&page=2')).body.content.lines, []);
  });

  test('refuses a strange token, an unknown favourite and one the user may not read', async () => {
    assert.equal((await ask('4711', 'size=1&page=1', 'made-up')).status, 401);
    assert.equal((await ask('1', 'size=1&page=1')).status, 404);
    simulator.switches.forbidden.add('4712');
    assert.equal((await ask('4712', 'size=1&page=1')).status, 403);
  });
});
