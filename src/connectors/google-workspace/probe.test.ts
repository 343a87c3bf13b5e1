import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Check } from '../kit/contract.ts';
import { connect } from './client.ts';
import { probe } from './probe.ts';
import { scopes } from './settings.ts';
import { addressOf, admin, complaints, contextFor, type School, startSchool, withoutDiscovery } from './test-school.ts';

void describe('the look at Google Workspace', () => {
  let school: School;
  /** What Google’s own description has against our requests. */
  const said: string[] = [];

  before(async () => {
    school = await startSchool();
  });
  afterEach(() => {
    said.push(...complaints(school));
    assert.deepEqual(school.simulator.journal.writes(), []);
    school.simulator.faults.clear();
  });
  after(() => school.close());

  const look = async (credentials: object, settings: object = {}) => {
    const context = contextFor(school.simulator, credentials);
    const changed = { ...context, settings: { ...context.settings, ...settings } };
    return probe(await connect(changed), changed);
  };
  const account = async (about: { scopes?: readonly string[]; adminEmail?: string } = {}) => ({
    serviceAccountKey: JSON.stringify(
      await school.simulator.makeServiceAccount({
        scopes: about.scopes ?? scopes,
        name: `a${Math.random()}`.replace('.', ''),
      }),
    ),
    adminEmail: about.adminEmail ?? admin,
  });
  const failed = (checks: readonly Check[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

  void it('finds everything well with a service account and with a token', async () => {
    school.hand.createCourse({ name: 'Maths', owner: addressOf('Ann'), state: 'ACTIVE' });
    const refreshToken = school.simulator.grantRefreshToken({ clientId: 'client', email: admin, scopes });
    for (const given of [await account(), { clientId: 'client', clientSecret: 'hush', refreshToken }]) {
      const checks = await look(given);
      assert.deepEqual(
        checks.map(({ name, ok, remedy }) => [name, ok, remedy]),
        ['Sign in', 'Read courses', 'Read rosters', 'Read accounts', 'Domain'].map((name) => [name, true, null]),
      );
    }
  });

  void it('says who has to authorise what when the sign-in is refused', async () => {
    const [check, ...others] = await look(await account({ scopes: scopes.slice(1) }));
    assert.deepEqual([check?.name, check?.ok, others], ['Sign in', false, []]);
    assert.match(check?.remedy ?? '', /domain-wide delegation/);

    const wrong = await look({ clientId: 'client', clientSecret: 'hush', refreshToken: 'revoked' });
    assert.deepEqual(failed(wrong), ['Sign in']);
    assert.doesNotMatch(JSON.stringify(wrong), /revoked"|hush/);
  });

  void it('sees that somebody is no administrator', async () => {
    assert.deepEqual(failed(await look(await account({ adminEmail: addressOf('Ann') }))), ['Read accounts', 'Domain']);
  });

  void it('sees that the domain is another customer’s', async () => {
    const checks = await look(await account(), { domain: 'elsewhere.example' });
    assert.deepEqual(failed(checks), ['Domain']);
    assert.match(checks.at(-1)?.remedy ?? '', /domain/);
  });

  void it('sees that the customer is not known', async () => {
    const checks = await look(await account(), { customer: 'C0' });
    assert.deepEqual(failed(checks), ['Read accounts']);
    assert.match(checks[3]?.remedy ?? '', /my_customer/);
  });

  void it('tells of a Google that is unwell instead of failing', async () => {
    school.simulator.faults.add({ kind: 'status', status: 503, times: 'always', route: 'classroom.courses.list' });
    assert.deepEqual(failed(await look(await account())), ['Read courses', 'Read rosters']);
  });

  void it('asks for nothing that Google’s own description does not know', { skip: withoutDiscovery }, () => {
    assert.deepEqual(said, []);
  });
});
