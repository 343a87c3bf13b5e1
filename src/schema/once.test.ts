import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { forgetOutcomes } from '../db/queries/mutation-outcome.ts';
import { type SeededIntegration, type SeededRun, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { encodeId } from './ids.ts';
import { badUserInput } from './refusals.ts';
import { type Answer, openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const hour = 60 * 60 * 1_000;
const fields = '... on CancelSyncRunPayload { syncRun { id requestedBy } } ... on Error { __typename code message }';

describe('a mutation with an idempotency key', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let integration: SeededIntegration;
  let run: SeededRun;
  let us: TestCaller;
  let now = new Date();
  /** How often the engine was asked. */
  let done = 0;

  before(async () => {
    gateway = await openTestGateway({ clock: { now: () => now } });
    tenant = await seedTenant(gateway.database.app);
    integration = await (await tenant.school()).integration();
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());
  beforeEach(async () => {
    run = await integration.run();
    done = 0;
    // A deed that shows how often it was done, and that it was undone with its transaction.
    gateway.sync.cancelRun = async (tx, { runId }) => {
      done += 1;
      await tx`update sync_run set requested_by = coalesce(requested_by, '') || '!' where id = ${runId}`;
    };
  });

  const cancel = (
    idempotencyKey: string,
    { caller = us, of = run, selection = fields }: { caller?: TestCaller; of?: SeededRun; selection?: string } = {},
  ): Promise<Answer> =>
    caller.run(`mutation ($input: CancelSyncRunInput!) { it: cancelSyncRun(input: $input) { ${selection} } }`, {
      input: { syncRunId: encodeId('SyncRun', of.id), idempotencyKey },
    });

  const marks = async (): Promise<string | null> =>
    (await tenant.write((tx) => tx`select requested_by as marks from sync_run where id = ${run.id}`))[0]?.marks;

  /** Resolves when a statement waits for another transaction. */
  async function somebodyWaits(): Promise<void> {
    for (;;) {
      const [row] = await gateway.database.system<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_locks where not granted and locktype = 'transactionid'`;
      if (row?.waiting) return;
    }
  }

  test('is done once, and answers the same thing as it is now', async () => {
    const key = newId();
    const first = await cancel(key);
    await tenant.write((tx) => tx`update sync_run set requested_by = 'read fresh' where id = ${run.id}`);
    const second = await cancel(key);

    const id = encodeId('SyncRun', run.id);
    assert.deepEqual(first.data, { it: { syncRun: { id, requestedBy: '!' } } });
    assert.deepEqual(second.data, { it: { syncRun: { id, requestedBy: 'read fresh' } } });
    assert.equal(done, 1);
  });

  test('answers another selection the second time', async () => {
    const key = newId();
    await cancel(key, { selection: '__typename' });
    const { data } = await cancel(key, {
      selection: '... on CancelSyncRunPayload { syncRun { integration { id } status } }',
    });

    const id = encodeId('Integration', integration.id);
    assert.deepEqual(data, { it: { syncRun: { integration: { id }, status: 'SUCCEEDED' } } });
    assert.equal(done, 1);
  });

  test('remembers a refusal, whose work was undone', async () => {
    const personId = encodeId('Person', newId());
    for (const refusal of [new NotFound('None.'), new OwnedBySource('Theirs.', integration.id)]) {
      const update = () =>
        us.run(
          `mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) { __typename
             ... on Error { code message } ... on OwnedBySourceError { integration { id } } } }`,
          { input: { personId, givenName: 'Zoë', idempotencyKey: refusal.name } },
        );
      gateway.sync.updatePerson = () => Promise.reject(refusal);
      const first = await update();
      gateway.sync.updatePerson = () => Promise.reject(new Error('asked again'));
      assert.deepEqual(await update(), first);
      assert.ok(JSON.stringify(first.data).includes(refusal.message));
    }

    const key = newId();
    gateway.sync.cancelRun = async (tx) => {
      await tx`update sync_run set requested_by = 'half done' where id = ${run.id}`;
      throw new InvalidState('This run has ended already.');
    };
    const refused = await cancel(key);
    gateway.sync.cancelRun = async () => undefined;

    assert.deepEqual(await cancel(key), refused);
    assert.deepEqual(refused.data, {
      it: { __typename: 'InvalidStateError', code: 'INVALID_STATE', message: 'This run has ended already.' },
    });
    assert.equal(await marks(), null);
  });

  test('remembers every problem of a form', async () => {
    const key = newId();
    const update = (input: object) =>
      us.run(
        `mutation ($input: UpdatePersonInput!) { updatePerson(input: $input) {
          ... on ValidationError { fields { path message } } ... on Error { code } } }`,
        { input: { personId: encodeId('Person', run.id), idempotencyKey: key, ...input } },
      );
    const wrong = { email: 'nobody', givenName: '' };
    const first = await update(wrong);

    assert.match(JSON.stringify(first.data), /"path":\["email"\]/);
    assert.deepEqual(await update(wrong), first);
    assert.match(JSON.stringify((await update({ givenName: 'Zoë' })).data), /IDEMPOTENCY_KEY_REUSED/);
  });

  test('sent twice at the same moment is done once: the second waits for the first', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const deed = gateway.sync.cancelRun;
    gateway.sync.cancelRun = async (tx, request) => {
      begun.resolve();
      await release.promise;
      await deed?.(tx, request);
    };
    const key = newId();
    const first = cancel(key);
    await begun.promise;
    const second = cancel(key);
    await somebodyWaits();
    release.resolve();

    assert.deepEqual(await second, await first);
    assert.equal(done, 1);
    assert.equal(await marks(), '!');
  });

  test('that waits for one which comes to nothing does the work itself', async () => {
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const deed = gateway.sync.cancelRun;
    gateway.sync.cancelRun = async () => {
      gateway.sync.cancelRun = deed ?? assert.fail();
      begun.resolve();
      await release.promise;
      throw new Error('something nobody expected');
    };
    const key = newId();
    const first = cancel(key);
    await begun.promise;
    const second = cancel(key);
    await somebodyWaits();
    release.resolve();

    assert.deepEqual((await first).codes, ['INTERNAL']);
    assert.deepEqual((await second).codes, []);
    assert.equal(await marks(), '!');
  });

  test('whose transaction died before its commit is done by the next try, once', async () => {
    const key = newId();
    const deed = gateway.sync.cancelRun ?? assert.fail();
    gateway.sync.cancelRun = async (tx, request) => {
      await deed(tx, request);
      await tx`select pg_terminate_backend(pg_backend_pid())`;
    };
    assert.deepEqual((await cancel(key)).codes, ['INTERNAL']);
    assert.equal(await marks(), null);
    gateway.sync.cancelRun = deed;

    await cancel(key);
    await cancel(key);
    assert.equal(await marks(), '!');
  });

  test('with another input is refused, and nothing is done', async () => {
    const key = newId();
    await cancel(key);
    const { data } = await cancel(key, { of: await integration.run() });

    assert.match(JSON.stringify(data), /"IdempotencyKeyReusedError","code":"IDEMPOTENCY_KEY_REUSED"/);
    assert.equal(done, 1);
    // The order in which fields are written is no difference.
    const id = encodeId('SyncRun', run.id);
    for (const input of [`syncRunId: "${id}", planHash: "x"`, `planHash: "x", syncRunId: "${id}"`]) {
      gateway.sync.approveRun = async () => void (done += 1);
      const answer = await us.run(
        `mutation { approveSyncRun(input: { ${input}, idempotencyKey: "${key}" }) { __typename } }`,
      );
      assert.deepEqual(answer.data, { approveSyncRun: { __typename: 'ApproveSyncRunPayload' } });
    }
    assert.equal(done, 2);
  });

  test('belongs to its caller and its mutation', async () => {
    const key = newId();
    await cancel(key);
    await cancel(key, { caller: gateway.as(tenant.id) });
    const other = await seedTenant(gateway.database.app);
    const theirs = await (await (await other.school()).integration()).run();
    await cancel(key, { caller: gateway.as(other.id), of: theirs });

    assert.equal(done, 3);
    gateway.sync.retryFailed = async () => {
      done += 1;
      return run.id;
    };
    const retry = await us.run(`mutation ($input: RetryFailedInput!) { retryFailed(input: $input) { __typename } }`, {
      input: { syncRunId: encodeId('SyncRun', run.id), idempotencyKey: key },
    });
    assert.deepEqual([retry.data, done], [{ retryFailed: { __typename: 'RetryFailedPayload' } }, 4]);
  });

  test('is forgotten after a day', async () => {
    const key = newId();
    await cancel(key);
    now = new Date(now.getTime() + 24 * hour - 1);
    await cancel(key);
    assert.equal(done, 1);
    now = new Date(now.getTime() + 1);
    await cancel(key);
    await cancel(key);
    assert.equal(done, 2);
  });

  test('does not remember what no user can mend', async () => {
    const key = newId();
    const deed = gateway.sync.cancelRun ?? assert.fail();
    gateway.sync.cancelRun = () => Promise.reject(badUserInput('Too many.'));
    assert.deepEqual((await cancel(key)).codes, ['BAD_USER_INPUT']);
    gateway.sync.cancelRun = deed;
    await cancel(key);

    assert.equal(await marks(), '!');
  });

  test('is at most 128 characters, and not empty', async () => {
    for (const key of ['', 'k'.repeat(129)]) {
      assert.match(JSON.stringify((await cancel(key)).data), /"VALIDATION_FAILED"/);
    }
    await cancel('🦉'.repeat(64));
    assert.equal(done, 1);
  });

  test('asks a provider once, and answers what it said', async () => {
    const key = newId();
    gateway.sync.testConnection = async () => {
      done += 1;
      return { ok: true, checks: [{ name: 'sign-in', ok: true, message: 'It works.', remedy: null }] };
    };
    const ask = () =>
      us.run(
        `mutation ($input: TestConnectionInput!) { testConnection(input: $input) {
          ... on TestConnectionPayload { ok checks { name ok message remedy } } } }`,
        { input: { integrationId: encodeId('Integration', integration.id), idempotencyKey: key } },
      );
    const first = await ask();

    assert.deepEqual(first.data, {
      testConnection: { ok: true, checks: [{ name: 'sign-in', ok: true, message: 'It works.', remedy: null }] },
    });
    assert.deepEqual(await ask(), first);
    assert.equal(done, 1);
  });

  test('leaves neither key nor input behind, and nothing at all once it is too old', async () => {
    const key = newId();
    await cancel(key);
    const read = () => tenant.write((tx) => tx`select row_to_json(m)::text as text from mutation_outcome m`);
    const text = (await read()).map((row) => String(row.text)).join('\n');
    assert.ok(!text.includes(key) && !text.includes(encodeId('SyncRun', run.id)));

    const { system } = gateway.database;
    while ((await forgetOutcomes(system, 2)) > 0);
    const kept = (await read()).length;
    assert.ok(kept > 0);
    await tenant.write(
      (tx) => tx`update mutation_outcome set until = now() - interval '2 hours' where caller = ${us.identity.actor.id}`,
    );
    await forgetOutcomes(system, 5_000);
    assert.ok((await read()).length < kept);
  });
});
