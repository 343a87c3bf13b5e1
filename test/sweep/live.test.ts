/** Every subscription is open for every caller while things happen at all schools: each is told of its own, and of nothing else. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { asTenant } from '../../src/db/client.ts';
import { recordActivity } from '../../src/db/queries/activity.ts';
import { newId } from '../../src/model/ids.ts';
import { splitId } from '../../src/schema/ids.ts';
import { schema } from '../../src/schema/index.ts';
import { type ApiClient, apiClient } from '../harness/client.ts';
import { within } from '../harness/within.ts';
import type { Caller } from './caller.ts';
import { fillers } from './fillers.ts';
import { type Operation, operationsOf } from './operations.ts';
import { openScene, type Scene } from './scene.ts';
import { leaksIn } from './secrets.ts';
import type { World } from './world.ts';

const subscriptions = operationsOf(schema, fillers).filter(({ kind }) => kind === 'subscription');

describe('subscriptions of several schools and tenants at one gateway', () => {
  let scene: Scene;
  const clients: ApiClient[] = [];

  before(async () => {
    scene = await openScene({ connections: 2 });
  });
  after(async () => {
    for (const client of clients) await client.close();
    await scene?.product.close();
  });

  /** Something of each kind happens at a school, told by its number. */
  async function happen({ tenantId, schoolId, mark, ids }: World, number: number): Promise<void> {
    const raw = (id: string) => splitId(id)?.id ?? '';
    const [person, log, run] = [newId(), newId(), raw(ids.SyncRun)];
    const told = `${mark}-Live-${number}`;
    await asTenant(scene.product.database.app, { tenantId, schoolIds: null, actor: 'test' }, async (tx) => {
      await tx`insert into person (tenant_id, school_id, id, sourced_id, given_name, family_name, role)
        values (${tenantId}, ${schoolId}, ${person}, ${told}, ${told}, ${told}, 'student')`;
      await tx`insert into sync_log (tenant_id, school_id, run_id, id, seq, stream, side, kind, action, status, entity, record_id, reason, at)
        values (${tenantId}, ${schoolId}, ${run}, ${log}, ${number}, 'accounts', 'there', 'create', 'a.b.add', 'SUCCESS', 'person', ${person}, ${told}, now())`;
      await tx`update sync_run set created = ${number} where id = ${run}`;
      const place = { tenantId, schoolId };
      await recordActivity(tx, [
        { ...place, kind: 'record', entity: 'person', ids: [person] },
        { ...place, kind: 'integration', parentId: raw(ids.Integration), ids: [raw(ids.Integration)] },
        { ...place, kind: 'conflict', ids: [raw(ids.SyncConflict)] },
        { ...place, kind: 'log', parentId: run, ids: [log] },
        { ...place, kind: 'run', parentId: run, ids: [run] },
      ]);
    });
    scene.product.feed.wake();
  }

  /** Listens until the number has been told. @returns all that was told. */
  function listen(
    caller: Caller,
    { document, variables }: Operation,
    number: number,
  ): { told: Promise<string>; begun: Promise<void> } {
    const client = apiClient(scene.product.server.url, caller.world.key);
    clients.push(client);
    const given = variables(caller.world, 'base');
    const begun = Promise.withResolvers<void>();
    const follow = async () => {
      const heard: string[] = [];
      const last = new RegExp(`${caller.world.mark}-Live-${number}|"created":${number}\\b`);
      for await (const event of client.follow(
        document,
        'after' in given ? { ...given, after: caller.liveCursor } : given,
      )) {
        heard.push(JSON.stringify(event));
        begun.resolve();
        if (last.test(heard.at(-1) ?? '')) break;
      }
      return heard.join('\n');
    };
    return { told: follow(), begun: begun.promise };
  }

  it('are told of their own school', async () => {
    const [first, last] = [1_001, 1_002];
    const listeners = scene.callers.flatMap((caller) =>
      subscriptions.map((operation) => ({ caller, operation, ...listen(caller, operation, last) })),
    );
    for (const { world } of scene.callers) await happen(world, first);
    await within(20_000, Promise.all(listeners.map(({ begun }) => begun)), () => `not all were told of ${first}`);
    for (const { world } of scene.callers) await happen(world, last);
    for (const { caller, operation, told } of listeners) {
      const text = await within(20_000, told, () => `${operation.name} did not tell ${caller.world.mark} of ${last}`);
      const others = scene.callers.filter((other) => other !== caller).map(({ world }) => world.mark);
      assert.deepEqual(
        [others.filter((mark) => text.includes(mark)), leaksIn(text, caller.secrets, '')],
        [[], []],
        operation.name,
      );
    }
  });
});
