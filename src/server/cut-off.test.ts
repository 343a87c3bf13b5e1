import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asLogin } from '../../test/harness/server.ts';
import { recordActivity } from '../db/queries/activity.ts';
import { encodeId } from '../schema/ids.ts';
import { openTestProduct, type TestProduct } from './test-product.ts';
import { openAccepted, type TestSocket } from './test-socket.ts';

describe('a subscription whose connection to the database is cut', () => {
  let product: TestProduct;

  before(async () => {
    product = await openTestProduct({ name: 'cut-off' });
  });
  after(() => product.close());

  const next = async (socket: TestSocket) => (await socket.next()).payload;

  /** Whoever reads the table while something happens waits for it to be free, and is cut off instead. */
  async function cutOff(table: 'person' | 'integration', happens: () => Promise<void>): Promise<void> {
    const { owner, target } = product.database;
    await owner.unsafe(`
      create or replace function wait_for_me() returns boolean language plpgsql as $$ begin
        perform pg_advisory_xact_lock_shared(42);
        return true;
      end $$;
      create policy wait_for_me on ${table} as restrictive for select using (wait_for_me())`);
    await asLogin(target, (login) =>
      login.begin(async (tx) => {
        await tx`select pg_advisory_xact_lock(42)`;
        await happens();
        for (;;) {
          const cut = await tx`
            select pg_terminate_backend(pid, 5000) from pg_stat_activity
             where application_name = 'homeroom-cut-off' and wait_event = 'advisory'`;
          if (cut.length > 0) break;
          await tx`select pg_sleep(0.01), pg_stat_clear_snapshot()`;
        }
      }),
    );
  }

  async function tell(row: {
    kind: 'run' | 'record';
    entity?: string;
    parentId?: string;
    ids: string[];
  }): Promise<void> {
    const { id: schoolId, tenant } = product.school;
    await tenant.write((tx) => recordActivity(tx, [{ tenantId: tenant.id, schoolId, ...row }]));
    product.feed.wake();
  }

  test('tells of what it was about to read, once, and goes on', async () => {
    const personId = await product.school.person();
    const { data } = (await (await product.post({ query: '{ liveCursor }' })).json()) as {
      data: { liveCursor: string };
    };
    const socket = await openAccepted(product.server.url, product.key);
    const query = `subscription ($after: String!) { rosterChanged(after: $after) {
      __typename ... on RecordChanged { record { id } } } }`;
    socket.subscribe('1', query, { after: data.liveCursor });
    assert.deepEqual(await next(socket), { data: { rosterChanged: { __typename: 'CaughtUp' } } });

    await cutOff('person', () => tell({ kind: 'record', entity: 'person', ids: [personId] }));
    const changed = { __typename: 'RecordChanged', record: { id: encodeId('Person', personId) } };
    assert.deepEqual(await next(socket), { data: { rosterChanged: changed } });

    const another = await product.school.person();
    await tell({ kind: 'record', entity: 'person', ids: [another] });
    for (let payload = await next(socket); ; payload = await next(socket)) {
      // It may say again that it has caught up.
      if (JSON.stringify(payload).includes('CaughtUp')) continue;
      assert.deepEqual(payload?.data, {
        rosterChanged: { __typename: 'RecordChanged', record: { id: encodeId('Person', another) } },
      });
      break;
    }
    socket.socket.terminate();
  });

  test('tells of what was half read, whole', async () => {
    const integration = await product.school.integration();
    const socket = await openAccepted(product.server.url, product.key);
    const query = `subscription { schoolActivity {
      __typename ... on SyncRunChanged { run { id integration { id } } } } }`;
    socket.subscribe('1', query);
    while (!JSON.stringify(await next(socket)).includes('CaughtUp'));
    const run = await integration.run();

    await cutOff('integration', () => tell({ kind: 'run', parentId: run.id, ids: [run.id] }));
    const whole = { id: encodeId('SyncRun', run.id), integration: { id: encodeId('Integration', integration.id) } };
    assert.deepEqual(await next(socket), { data: { schoolActivity: { __typename: 'SyncRunChanged', run: whole } } });
    socket.socket.terminate();
  });
});
