import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { startEchoSimulator } from './echo-simulator.ts';
import { startInOwnProcess } from './own-process.ts';
import { reachSimulator } from './remote.ts';
import type { Simulator } from './server.ts';

const NOTES = ['first', 'second', 'third', 'fourth'];

describe('a simulator', () => {
  let simulator: Simulator;
  let notes: string[];

  before(async () => {
    notes = [...NOTES];
    simulator = await startEchoSimulator(notes);
  });
  afterEach(() => {
    simulator.faults.clear();
    simulator.journal.clear();
    notes.splice(0, Infinity, ...NOTES);
    assert.deepEqual(simulator.problems, []);
  });
  after(() => simulator.close());

  const get = (path: string, init: RequestInit = {}) => fetch(simulator.origin + path, init);
  const add = (note: string, signal?: AbortSignal) =>
    get('/notes', {
      method: 'POST',
      body: JSON.stringify({ note }),
      headers: { 'content-type': 'application/json' },
      ...(signal && { signal }),
    });

  it('decodes path parameters and knows a custom verb from a name', async () => {
    assert.deepEqual(await (await get('/notes/d%3Amath%2F1')).json(), { note: 'd:math/1' });
    assert.deepEqual(await (await get('/notes/7:accept', { method: 'POST' })).json(), { note: '7' });
    assert.equal((await get('/elsewhere')).status, 404);
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const response = await get('/notes', { method: 'HEAD' });
    assert.equal(response.headers.get('x-total-count'), '4');
    assert.equal(await response.text(), '');
  });

  it('journals what came in, with tokens and secrets only as hashes', async () => {
    await get('/notes?limit=2&limit=3', { headers: { authorization: 'Bearer abc', cookie: 'a=b' } });
    await get('/elsewhere', { method: 'POST', body: new URLSearchParams({ client_secret: 'hush', scope: 'all' }) });

    const [list, token] = simulator.journal.entries();
    assert.equal(list?.route, 'listNotes');
    assert.deepEqual(list.query, { limit: ['2', '3'] });
    assert.equal(list.authorization?.scheme, 'Bearer');
    assert.equal(list.status, 200);
    assert.equal(list.outcome, 'answered');
    assert.equal(token?.route, 'unknown');
    assert.doesNotMatch(JSON.stringify(simulator.journal.entries()), /abc|hush|a=b/);
    assert.match(JSON.stringify(token.body), /"scope":"all"/);
  });

  it('counts, filters and lists writes', async () => {
    await get('/notes');
    await add('fifth');
    assert.equal(simulator.journal.count(), 2);
    assert.equal(simulator.journal.count({ route: 'listNotes' }), 1);
    assert.deepEqual(
      simulator.journal.writes().map(({ body }) => body),
      [{ note: 'fifth' }],
    );
  });

  it('lets a test wait for a request that has not come yet', async () => {
    const seen = simulator.journal.waitFor({ route: 'addNote', outcome: 'answered' });
    await add('fifth');
    assert.equal((await seen).handled, 201);
    await assert.rejects(simulator.journal.waitFor({ route: 'getNote' }, { timeoutMs: 1 }), /no such request/);
  });

  it('refuses the nth call so many times with a status in the provider’s shape', async () => {
    const fault = simulator.faults.add({ kind: 'status', status: 503, route: 'listNotes', nth: 2, times: 2 });
    const statuses = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await get('/notes')).status);

    assert.deepEqual(statuses, [200, 503, 503, 200, 200]);
    assert.equal(fault.hits(), 2);
    assert.equal(simulator.journal.count({ fault: 'status' }), 2);
    assert.equal((await get('/notes/x')).status, 200);
  });

  it('says Retry-After in seconds, as a date or as nonsense', async () => {
    simulator.faults.add({ kind: 'status', status: 429, retryAfter: 7 });
    assert.equal((await get('/notes')).headers.get('retry-after'), '7');
    simulator.faults.add({ kind: 'status', status: 429, retryAfter: { dateInSeconds: 60 } });
    const date = Date.parse((await get('/notes')).headers.get('retry-after') ?? '');
    assert.ok(Math.abs(date - Date.now() - 60_000) < 2_000);
    simulator.faults.add({ kind: 'status', status: 429, retryAfter: 'soon' });
    const response = await get('/notes');
    assert.equal(response.headers.get('retry-after'), 'soon');
    assert.deepEqual(await response.json(), { refused: 429 });
  });

  it('hits by chance alike for the same seed', async () => {
    const round = async () => {
      const fault = simulator.faults.add({ kind: 'provider', name: 'tired', chance: { share: 0.5, seed: 42 } });
      const statuses = [];
      for (let call = 0; call < 12; call += 1) statuses.push((await get('/notes')).status);
      fault.remove();
      return statuses;
    };
    const first = await round();
    assert.ok(first.includes(200));
    assert.ok(first.includes(403));
    assert.deepEqual(await round(), first);
  });

  it('does the work and then loses the answer', async () => {
    simulator.faults.add({ kind: 'lost', route: 'addNote' });
    await assert.rejects(add('fifth'), TypeError);
    const [entry] = simulator.journal.writes();
    assert.deepEqual([entry?.handled, entry?.status, entry?.outcome], [201, null, 'dropped']);
    assert.equal(notes.length, 5);
  });

  it('does the work and then answers with an error', async () => {
    simulator.faults.add({ kind: 'status', status: 500, applied: true });
    assert.equal((await add('fifth')).status, 500);
    assert.equal(notes.length, 5);
    simulator.faults.add({ kind: 'status', status: 500 });
    assert.equal((await add('sixth')).status, 500);
    assert.equal(notes.length, 5);
  });

  it('resets the connection before anything is done', async () => {
    simulator.faults.add({ kind: 'reset' });
    await assert.rejects(add('fifth'), TypeError);
    assert.equal(notes.length, 4);
    assert.equal(simulator.journal.entries()[0]?.handled, null);
  });

  it('cuts a body off, loudly or quietly', async () => {
    simulator.faults.add({ kind: 'truncate', share: 0.5 });
    await assert.rejects(async () => (await get('/notes')).text(), TypeError);
    simulator.faults.add({ kind: 'truncate', share: 0.5, ends: 'quietly' });
    await assert.rejects(async () => (await get('/notes')).json(), SyntaxError);
  });

  it('announces a wrong length', async () => {
    simulator.faults.add({ kind: 'contentLength', by: 10 });
    await assert.rejects(async () => (await get('/notes')).text(), TypeError);
    simulator.faults.add({ kind: 'contentLength', by: -10 });
    await assert.rejects(async () => (await get('/notes')).json());
  });

  it('answers with a web page where data was asked for', async () => {
    simulator.faults.add({ kind: 'html' });
    const response = await get('/notes');
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /text\/html/);
    assert.match(await response.text(), /Maintenance/);
  });

  it('hangs until the switch is removed', async () => {
    for (const at of ['start', 'applied', 'middle'] as const) {
      const fault = simulator.faults.add({ kind: 'hang', at, route: 'listNotes' });
      const answer = get('/notes').then((response) => response.json());
      await simulator.journal.waitFor({ route: 'listNotes', fault: 'hang', outcome: 'open' });
      fault.remove();
      assert.deepEqual(await answer, { notes: NOTES });
      simulator.journal.clear();
    }
  });

  it('hangs with the work already done, so that a client can be killed in between', async () => {
    simulator.faults.add({ kind: 'hang', at: 'applied', route: 'addNote' });
    const leave = new AbortController();
    const answer = add('fifth', leave.signal);
    await simulator.journal.waitFor((entry) => entry.handled === 201 && entry.outcome === 'open');
    leave.abort();
    await assert.rejects(answer, { name: 'AbortError' });
    await simulator.journal.waitFor({ outcome: 'dropped' });
    assert.equal(notes.length, 5);
  });

  it('notices that the client has left a hanging call', async () => {
    simulator.faults.add({ kind: 'hang' });
    const leave = new AbortController();
    const answer = get('/notes', { signal: leave.signal });
    await simulator.journal.waitFor({ fault: 'hang' });
    leave.abort();
    await assert.rejects(answer, { name: 'AbortError' });
    const entry = await simulator.journal.waitFor({ outcome: 'dropped' });
    assert.equal(entry.handled, null);
  });

  it('drips slowly and comes late, and all of it arrives', async () => {
    simulator.faults.add({ kind: 'latency', ms: 20 });
    simulator.faults.add({ kind: 'slow', bytes: 10, everyMs: 2 });
    const started = performance.now();
    assert.deepEqual(await (await get('/notes')).json(), { notes: NOTES });
    assert.ok(performance.now() - started > 25);
  });

  it('repeats a page, shifts a page and lies about the total', async () => {
    const page = async (offset: number) => (await get(`/notes?offset=${offset}&limit=2`)).json();
    await page(0);
    simulator.faults.add({ kind: 'repeat' });
    assert.deepEqual(await page(2), { notes: ['first', 'second'] });
    simulator.faults.add({ kind: 'shift', parameter: 'offset', by: -1 });
    assert.deepEqual(await page(2), { notes: ['second', 'third'] });
    simulator.faults.add({ kind: 'header', header: 'x-total-count', value: { by: 3 } });
    assert.equal((await get('/notes')).headers.get('x-total-count'), '7');
    simulator.faults.add({ kind: 'header', header: 'x-total-count', value: null });
    assert.equal((await get('/notes')).headers.get('x-total-count'), null);
  });

  it('refuses a fault switch it does not understand', () => {
    assert.throws(() => simulator.faults.add(JSON.parse('{"kind":"status","status":503,"ruote":"listNotes"}')));
  });

  it('can be steered by another process through the control door, which is not journaled', async () => {
    const remote = reachSimulator(simulator.origin);
    await remote.faults.add({ kind: 'status', status: 500, times: 'always' });
    assert.equal((await get('/notes')).status, 500);
    await remote.faults.clear();
    await remote.act('addNote', { note: 'fifth' });
    assert.deepEqual(await remote.state(), { notes: [...NOTES, 'fifth'] });

    const before = await remote.clock.now();
    await remote.clock.advance(3_600_000);
    assert.ok(simulator.clock.now().getTime() - before.getTime() >= 3_600_000);

    assert.equal(await remote.journal.count(), 1);
    assert.equal((await remote.journal.entries({ status: 500 })).length, 1);
    const next = remote.journal.waitFor({ route: 'addNote', outcome: 'answered' });
    await add('sixth');
    assert.equal((await next).status, 201);
    assert.equal((await remote.journal.writes()).length, 1);
    await assert.rejects(remote.act('nothing'), /no act nothing/);
    await assert.rejects(remote.act('addNote', { nothing: 1 }));
  });
});

describe('a simulator in its own process', () => {
  const file = new URL('echo-simulator.ts', import.meta.url);

  it('takes its options, answers, and ends when told', async () => {
    const simulator = await startInOwnProcess(file, { notes: ['kept'] });
    assert.deepEqual(await (await fetch(`${simulator.origin}/notes`)).json(), { notes: ['kept'] });
    assert.equal(await simulator.journal.count(), 1);
    await simulator.stop();
    await assert.rejects(fetch(`${simulator.origin}/notes`));
  });

  it('says so when it cannot start', async () => {
    await assert.rejects(startInOwnProcess(new URL('no-such-file.ts', file), {}), /ended before it was ready/);
  });

  it('ends when its parent is gone', async () => {
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [file.pathname], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write('{"notes":[]}\n');
    await once(child.stdout, 'data');
    child.stdin.end();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });
});
