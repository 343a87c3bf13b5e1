import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isUnionType } from 'graphql';
import { type SeededIntegration, type SeededRun, type SeededSchool, seedTenant } from '../db/seed.ts';
import { InvalidState, NotFound, OwnedBySource, ProviderFailed, Stale, ValidationFailed } from '../model/problems.ts';
import { encodeId } from './ids.ts';
import { schema } from './index.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const providerId = encodeId('Provider', 'google-workspace');

describe('mutations', () => {
  let gateway: TestGateway;
  let school: SeededSchool;
  let integration: SeededIntegration;
  let run: SeededRun;
  let caller: TestCaller;
  let id: { school: string; integration: string; run: string };

  before(async () => {
    gateway = await openTestGateway();
    const tenant = await seedTenant(gateway.database.app);
    school = await tenant.school();
    integration = await school.integration();
    run = await integration.run({ status: 'QUEUED' });
    caller = gateway.as(tenant.id);
    id = {
      school: encodeId('School', school.id),
      integration: encodeId('Integration', integration.id),
      run: encodeId('SyncRun', run.id),
    };
  });
  after(() => gateway.close());

  /** Runs one mutation of this name and answers its result. */
  async function mutate(name: string, input: object, selection: string): Promise<Record<string, unknown>> {
    const noun = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    // Only where it can happen: GraphQL refuses a fragment that never fits.
    const result = schema.getType(`${noun}Result`);
    const canBeInvalid = isUnionType(result) && result.getTypes().some((type) => type.name === 'ValidationError');
    const document = `mutation ($input: ${noun}Input!) { ${name}(input: $input) {
      ... on ${noun}Payload { ${selection} }
      ... on Error { __typename code message }
      ${canBeInvalid ? '... on ValidationError { fields { path message } }' : ''}
    } }`;
    const data = await caller.ask<Record<string, Record<string, unknown>>>(document, { input });

    return data[name] ?? assert.fail(`no ${name}`);
  }

  test('hand the engine raw ids, who acts and when', async () => {
    const asked: object[] = [];
    gateway.sync.requestRun = async (_tx, request) => {
      asked.push(request);
      return run.id;
    };
    const [classId, personId] = [await school.class(), await school.person()];
    const answer = await mutate(
      'triggerSync',
      {
        integrationId: id.integration,
        classIds: [encodeId('Class', classId)],
        personIds: [encodeId('Person', personId)],
      },
      'syncRun { id status integration { id } }',
    );

    assert.deepEqual(answer, { syncRun: { id: id.run, status: 'QUEUED', integration: { id: id.integration } } });
    const [{ now, ...request } = { now: null }] = asked as { now: unknown }[];
    assert.ok(now instanceof Date);
    assert.deepEqual(request, {
      tenantId: school.tenant.id,
      integrationId: integration.id,
      trigger: 'MANUAL',
      mode: 'DELTA',
      classIds: [classId],
      personIds: [personId],
      requestedBy: 'Test key',
    });
  });

  test('work in a transaction of the caller’s, and answer with what is there after it', async () => {
    gateway.sync.disconnectIntegration = async (tx, { integrationId }) => {
      await tx`update integration set status = 'DISCONNECTED', status_reason = 'By a person.' where id = ${integrationId}`;
    };
    const answer = await mutate(
      'disconnectIntegration',
      { integrationId: id.integration },
      'integration { id status statusReason }',
    );

    assert.deepEqual(answer, {
      integration: { id: id.integration, status: 'DISCONNECTED', statusReason: 'By a person.' },
    });
  });

  test('read afresh after each of several in one operation', async () => {
    let runs = 0;
    gateway.sync.cancelRun = async (tx, { runId }) => {
      runs += 1;
      await tx`update sync_run set requested_by = ${`no ${runs}`} where id = ${runId}`;
    };
    const field = `cancelSyncRun(input: { syncRunId: "${id.run}" }) { ... on CancelSyncRunPayload { syncRun { requestedBy } } }`;
    const answer = await caller.ask<object>(`mutation { one: ${field} two: ${field} }`);

    assert.deepEqual(answer, { one: { syncRun: { requestedBy: 'no 1' } }, two: { syncRun: { requestedBy: 'no 2' } } });
  });

  test('undo everything when they are refused', async () => {
    gateway.sync.cancelRun = async (tx, { runId }) => {
      await tx`update sync_run set requested_by = 'half done' where id = ${runId}`;
      throw new InvalidState('This run has ended already.');
    };
    const answer = await mutate('cancelSyncRun', { syncRunId: id.run }, 'syncRun { id }');

    assert.deepEqual(answer, {
      __typename: 'InvalidStateError',
      code: 'INVALID_STATE',
      message: 'This run has ended already.',
    });
    const { node } = await caller.ask<{ node: object }>(`{ node(id: "${id.run}") { ... on SyncRun { requestedBy } } }`);
    assert.notDeepEqual(node, { requestedBy: 'half done' });
  });

  test('answer each refusal with its own type and code', async () => {
    const refusals: readonly [Error, string, string][] = [
      [new NotFound('Gone.'), 'NotFoundError', 'NOT_FOUND'],
      [new Stale('Moved.'), 'StaleError', 'STALE'],
      [new InvalidState('Over.'), 'InvalidStateError', 'INVALID_STATE'],
    ];
    for (const [refusal, __typename, code] of refusals) {
      gateway.sync.approveRun = () => Promise.reject(refusal);
      const answer = await mutate('approveSyncRun', { syncRunId: id.run, planHash: 'x' }, 'syncRun { id }');
      assert.deepEqual(answer, { __typename, code, message: refusal.message });
    }
    gateway.sync.testConnection = () => Promise.reject(new ProviderFailed('Silence.'));
    const failed = await mutate('testConnection', { integrationId: id.integration }, 'ok');
    assert.deepEqual(failed, { __typename: 'ProviderFailedError', code: 'PROVIDER_FAILED', message: 'Silence.' });

    gateway.sync.updateIntegration = () =>
      Promise.reject(new ValidationFailed([{ path: ['settings', 'domain'], message: 'Is missing.' }]));
    const invalid = await mutate(
      'updateIntegration',
      { integrationId: id.integration, settings: {} },
      'integration { id }',
    );
    assert.equal(invalid.code, 'VALIDATION_FAILED');
    assert.deepEqual(invalid.fields, [{ path: ['settings', 'domain'], message: 'Is missing.' }]);
  });

  test('name the integration that owns a value', async () => {
    const personId = encodeId('Person', await school.person());
    gateway.sync.updatePerson = () => Promise.reject(new OwnedBySource('The SIS owns it.', integration.id));
    const document = `mutation ($input: UpdatePersonInput!) {
      updatePerson(input: $input) { ... on OwnedBySourceError { code message integration { id provider { name } } } } }`;
    const { updatePerson } = await caller.ask<{ updatePerson: object }>(document, {
      input: { personId, givenName: 'Ida' },
    });

    assert.deepEqual(updatePerson, {
      code: 'OWNED_BY_SOURCE',
      message: 'The SIS owns it.',
      integration: { id: id.integration, provider: { name: 'Google Workspace' } },
    });
  });

  test('keep what nobody expected at the top, out of the payload', async () => {
    gateway.sync.cancelRun = () => Promise.reject(new Error('connection lost'));
    const { data, codes } = await caller.run(
      `mutation { cancelSyncRun(input: { syncRunId: "${id.run}" }) { __typename } }`,
    );

    assert.deepEqual([data, codes], [null, ['INTERNAL']]);
  });

  test('tell every problem of an input at once', async () => {
    const personId = encodeId('Person', await school.person());
    const input = { personId, givenName: ' ', familyName: null, email: 'nobody', grades: ['7', ''] };
    const answer = await mutate('updatePerson', input, 'person { id }');

    assert.equal(answer.__typename, 'ValidationError');
    assert.deepEqual((answer.fields as { path: string[] }[]).map(({ path }) => path.join('.')).sort(), [
      'email',
      'familyName',
      'givenName',
      'grades.1',
    ]);
  });

  test('pass on only what was given: null empties, silence leaves alone', async () => {
    const changed: unknown[] = [];
    gateway.sync.updatePerson = async (_tx, { changes }) => void changed.push(changes);
    const personId = encodeId('Person', await school.person());
    await mutate('updatePerson', { personId, givenName: ' Ida ', email: null, enabled: false }, 'person { id }');
    await mutate('updatePerson', { personId }, 'person { id }');

    assert.deepEqual(changed, [{ givenName: 'Ida', email: null, enabled: false }, {}]);
  });

  test('test a stored connection or a filled-in form, and say what is missing of either', async () => {
    const tested: unknown[] = [];
    gateway.sync.testConnection = async (connection) => {
      tested.push(connection);
      return { ok: true, checks: [{ name: 'Sign-in', ok: true, message: 'Accepted.', remedy: null }] };
    };
    const form = { schoolId: id.school, providerId, settings: { domain: 'x' }, credentials: { token: 'y' } };
    for (const input of [{ integrationId: id.integration }, form]) {
      assert.deepEqual(await mutate('testConnection', input, 'ok checks { name remedy }'), {
        ok: true,
        checks: [{ name: 'Sign-in', remedy: null }],
      });
    }
    const tenantId = school.tenant.id;
    assert.deepEqual(tested, [
      { tenantId, integrationId: integration.id },
      {
        tenantId,
        schoolId: school.id,
        provider: 'google-workspace',
        settings: { domain: 'x' },
        credentials: { token: 'y' },
      },
    ]);

    const bad: readonly [object, string][] = [
      [{}, 'schoolId'],
      [{ schoolId: id.school }, 'providerId'],
      [{ ...form, integrationId: id.integration }, 'integrationId'],
      [{ ...form, settings: 'text' }, 'settings'],
      [{ ...form, credentials: [1] }, 'credentials'],
    ];
    for (const [input, field] of bad) {
      const { fields } = (await mutate('testConnection', input, 'ok')) as { fields?: { path: string[] }[] };
      assert.deepEqual(
        fields?.map(({ path }) => path),
        [[field]],
      );
    }
    assert.equal(tested.length, 2);
  });

  test('ask a provider nothing on behalf of a school the caller cannot see', async () => {
    gateway.sync.testConnection = () => assert.fail('the provider was asked');
    const other = await school.tenant.school();
    const theirs = await other.integration();
    const narrow = gateway.as(school.tenant.id, { schoolIds: [school.id] });
    const form = { providerId, settings: {}, credentials: {} };
    const inputs = [
      { integrationId: encodeId('Integration', theirs.id) },
      { integrationId: 'garbage' },
      { schoolId: encodeId('School', other.id), ...form },
      { schoolId: 'garbage', ...form },
    ];
    const document = `mutation ($input: TestConnectionInput!) { testConnection(input: $input) { ... on Error { code } } }`;
    for (const input of inputs) {
      assert.deepEqual(await narrow.ask<object>(document, { input }), { testConnection: { code: 'NOT_FOUND' } });
    }
  });

  test('refuse a provider nobody offers like any id that leads nowhere', async () => {
    for (const unknown of ['garbage', encodeId('Provider', 'nobody'), id.school]) {
      const input = { schoolId: id.school, providerId: unknown, settings: {} };
      assert.equal((await mutate('connectIntegration', input, 'integration { id }')).code, 'NOT_FOUND');
    }
  });

  test('refuse an empty choice, which would else mean everything', async () => {
    for (const choice of [{ classIds: [] }, { personIds: [] }, { personIds: Array(201).fill('x') }]) {
      const answer = await mutate('triggerSync', { integrationId: id.integration, ...choice }, 'syncRun { id }');
      assert.equal(answer.code, 'VALIDATION_FAILED');
    }
    const conflictId = encodeId('SyncConflict', await integration.conflict());
    const decision = { conflictId, version: 1, resolution: 'IGNORE', fields: [] };
    assert.equal((await mutate('resolveConflict', decision, 'conflict { id }')).code, 'VALIDATION_FAILED');
  });

  test('wake the feed once they have committed', async () => {
    gateway.sync.cancelRun = async (tx, { tenantId, runId }) => {
      await tx`insert into activity (tenant_id, school_id, kind, parent_id, ids)
               values (${tenantId}, ${school.id}, 'run', ${runId}, array[${runId}]::uuid[])`;
      await tx`update sync_run set status = 'CANCELLED', finished_at = now() where id = ${runId}`;
    };
    const live = await integration.run({ status: 'HELD' });
    const syncRunId = encodeId('SyncRun', live.id);
    const subscription = await caller.follow(`subscription { syncRunUpdated(id: "${syncRunId}") { status } }`);
    await subscription.next();
    await mutate('cancelSyncRun', { syncRunId }, 'syncRun { id }');

    assert.deepEqual((await subscription.next())?.data, { syncRunUpdated: { status: 'CANCELLED' } });
    assert.equal(await subscription.next(), undefined);
  });
});
