import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probe } from './probe.ts';
import { id, type SisOptions, secret, startSis } from './test-sis.ts';

async function look(
  options: SisOptions = {},
  prepare: (sis: Awaited<ReturnType<typeof startSis>>) => void = () => undefined,
) {
  const sis = await startSis(options);
  prepare(sis);
  const checks = await probe(sis.client, sis.context);
  await sis.close();
  return { checks, asked: sis.simulator.journal, sis };
}

const results = (checks: Awaited<ReturnType<typeof look>>['checks']) =>
  checks.map(({ name, ok }) => `${name} ${ok ? 'ok' : 'bad'}`);

describe('the probe', () => {
  test('asks for one record of each kind, with either way to sign in', async () => {
    for (const kind of ['oauth2', 'oauth1'] as const) {
      const { checks, asked } = await look({ clients: [{ id, secret, kind }] });
      assert.deepEqual(results(checks), ['sign-in ok', 'orgs ok', 'classes ok', 'users ok']);
      assert.ok(asked.entries().every(({ route, query }) => route === 'token' || query.limit?.[0] === '1'));
    }
  });

  test('finds the chosen school, or names the schools there are', async () => {
    const { schools } = await startSis().then(async (sis) => {
      await sis.close();
      return sis;
    });
    const found = await look({ settings: { schoolSourcedId: schools[1] } });
    assert.deepEqual(results(found.checks), ['sign-in ok', 'orgs ok', 'school ok', 'classes ok', 'users ok']);

    const missing = await look({ settings: { schoolSourcedId: 'nowhere' } });
    const school = missing.checks.find(({ name }) => name === 'school');
    assert.equal(school?.ok, false);
    assert.match(school.message, /3 schools/);
    assert.ok(school.remedy?.includes(`(${schools[0]})`));
  });

  test('stops where going on makes no sense', async () => {
    const stranger = await look({ clients: [{ id, secret: 'other' }] });
    assert.deepEqual(results(stranger.checks), ['sign-in bad']);
    assert.match(stranger.checks[0]?.remedy ?? '', /Enter both again/);

    const nowhere = await look(
      {},
      ({ simulator }) => void simulator.faults.add({ kind: 'status', status: 404, route: 'getAllOrgs' }),
    );
    assert.deepEqual(results(nowhere.checks), ['sign-in ok', 'orgs bad']);
    assert.match(nowhere.checks[1]?.remedy ?? '', /licensed/);
  });

  test('tells each thing that cannot be read by itself, and asks only once', async () => {
    const { checks, sis } = await look({}, ({ simulator }) => {
      simulator.faults.add({ kind: 'status', status: 403, route: 'getAllUsers' });
      simulator.faults.add({ kind: 'status', status: 503, route: 'getAllClasses' });
    });
    assert.deepEqual(results(checks), ['sign-in ok', 'orgs ok', 'classes bad', 'users bad']);
    assert.deepEqual(sis.pauses, []);
  });

  test('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const sis = await startSis({ signal: stop.signal });
    stop.abort(new Error('Enough.'));
    await assert.rejects(probe(sis.client, sis.context), /Enough/);
    await sis.close();
  });
});
