import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LifeChange } from '../district/life.ts';
import { startOneRosterProcess } from './own-process.ts';
import { answered, asOf, district, startTestClient } from './test-client.ts';
import type { Wire } from './wire-parts.ts';

describe('fault switches', () => {
  it('answer for the SIS in its own words: too many requests with Retry-After, and errors in its shape', async () => {
    const { simulator, get } = await startTestClient();
    simulator.faults.add({ kind: 'status', route: 'getAllEnrollments', status: 429, retryAfter: 7 });
    simulator.faults.add({ kind: 'status', route: 'getAllEnrollments', status: 500 });
    const limited = await get('/enrollments');
    assert.equal(limited.status, 429);
    assert.equal(limited.headers.get('retry-after'), '7');
    assert.match(JSON.stringify(limited.body), /server_busy/u);
    const failed = await get('/enrollments');
    assert.equal(failed.status, 500);
    assert.match(JSON.stringify(failed.body), /internal_server_error/u);
    assert.equal((await get('/enrollments')).status, 200);
    assert.deepEqual(
      simulator.journal.entries({ route: 'getAllEnrollments' }).map(({ status }) => status),
      [429, 500, 200],
    );
    await simulator.close();
  });

  it('hit one page of one collection: HTML, a cut body, a shifted page', async () => {
    const { simulator, get, list } = await startTestClient();
    simulator.faults.add({ kind: 'html', route: 'getAllUsers' });
    assert.match((await get('/users')).headers.get('content-type') ?? '', /^text\/html/u);
    simulator.faults.add({ kind: 'provider', name: 'too-many-in-html', route: 'getAllUsers' });
    const limited = await get('/users');
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '58']);
    simulator.faults.add({ kind: 'truncate', route: 'getAllUsers', ends: 'quietly' });
    await assert.rejects(get('/users'), SyntaxError);
    simulator.faults.add({ kind: 'shift', route: 'getAllOrgs', parameter: 'offset', by: 1 });
    const ids = district.orgs.map(({ sourcedId }) => sourcedId).sort();
    assert.equal((await list('/orgs?limit=1&offset=1'))[0]?.sourcedId, ids[2]);
    await simulator.close();
  });

  it('hit the token endpoint, in the words of OAuth', async () => {
    const { simulator } = await startTestClient();
    simulator.faults.add({ kind: 'status', route: 'token', status: 503 });
    const answer = await answered(await fetch(simulator.tokenUrl, { method: 'POST' }));
    assert.deepEqual([answer.status, answer.body], [503, { error: 'server_error' }]);
    await simulator.close();
  });

  it('are not needed to show a collection as empty for a while', async () => {
    const { simulator, list } = await startTestClient();
    simulator.sis.hide('classes');
    assert.deepEqual(await list('/classes'), []);
    simulator.sis.show('classes');
    assert.equal((await list('/classes')).length, 100);
    await simulator.close();
  });
});

describe('a simulator in its own process', () => {
  it('is changed through the control door, and the change is what clients read next', async () => {
    const remote = await startOneRosterProcess({
      district: { generate: { seed: 'simulator', asOf } },
      startAt: asOf,
      clients: [{ id: 'demo', secret: 'secret' }],
      versions: ['1.1'],
    });
    try {
      const body = new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'demo',
        client_secret: 'secret',
      });
      const token = (await (await fetch(remote.tokenUrl, { method: 'POST', body })).json()) as { access_token: string };
      const list = async (path: string) => {
        const headers = { authorization: `Bearer ${token.access_token}` };
        const answer = await answered(await fetch(`${remote.baseUrls['1.1']}${path}`, { headers }));
        assert.equal(answer.status, 200);
        return Object.values(answer.body)[0] as Wire[];
      };
      assert.deepEqual(
        (await list('/orgs')).map(({ sourcedId }) => sourcedId),
        district.orgs.map(({ sourcedId }) => sourcedId).sort(),
      );

      await remote.clock.advance(60_000);
      const { changed } = (await remote.act('life', { event: 'studentMoves' })) as LifeChange;
      const since = encodeURIComponent(`dateLastModified>'${asOf.toISOString()}'`);
      const moved = await list(`/enrollments?filter=${since}`);
      assert.deepEqual(
        moved.map(({ sourcedId }) => String(sourcedId)).sort(),
        changed.map(({ sourcedId }) => sourcedId).sort(),
      );

      const [record, other] = district.classes;
      assert.ok(record && other);
      await remote.act('change', { collection: 'classes', sourcedId: record.sourcedId, changes: { title: 'Renamed' } });
      await remote.act('remove', { collection: 'classes', sourcedId: other.sourcedId });
      await remote.act('put', { collection: 'classes', record: { ...record, sourcedId: 'new', title: 'New' } });
      const classes = await list(`/classes?filter=${since}&sort=title`);
      assert.deepEqual(
        classes.map(({ title, status }) => `${String(title)} ${String(status)}`).sort(),
        ['New active', 'Renamed active', `${other.title} tobedeleted`].sort(),
      );

      const prerendered = await remote.act('prerender', { collection: 'enrollments', pageSize: 1000 });
      assert.deepEqual(prerendered, { pages: Math.ceil((district.enrollments.length + 1) / 1000) });

      await remote.act('vanish', { collection: 'classes', sourcedId: 'new' });
      assert.equal(await remote.act('find', { collection: 'classes', sourcedId: 'new' }), null);
      await remote.act('hide', { collection: 'classes' });
      assert.deepEqual(await list('/classes'), []);
      await assert.rejects(remote.act('vanish', { collection: 'classes', sourcedId: 'new' }), /has no new in classes/u);
      await assert.rejects(remote.act('put', { collection: 'classes', record: { sourcedId: 'x' } }), /title/u);
    } finally {
      await remote.stop();
    }
  });
});
