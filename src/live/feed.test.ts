import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asLogin } from '../../test/harness/server.ts';
import { readTenantActivity, recordActivity } from '../db/queries/activity.ts';
import { newId } from '../model/ids.ts';
import { type Following } from './feed.ts';
import { useFeed } from './test-feed.ts';

describe('the live feed', () => {
  const live = useFeed();
  const {
    tenantId,
    otherTenantId,
    schoolId,
    otherSchoolId,
    anotherFeed,
    inTenant,
    change,
    commit,
    follow,
    next,
    nextIds,
  } = live;

  test('begins with a place, and tells what is committed after it', async () => {
    const following = follow();
    const id = await commit();

    assert.deepEqual(await next(following), { type: 'caughtUp', cursor: following.start });
    const event = await next(following);

    assert.ok(event.type === 'activity');
    assert.deepEqual(event.row.ids, [id]);
    assert.equal(event.row.tenantId, tenantId);
    assert.equal(event.row.schoolId, schoolId);
  });

  test('tells nothing that was rolled back', async () => {
    const following = follow();
    const undone = new Error('undone');
    await assert.rejects(
      inTenant(async (tx) => {
        await recordActivity(tx, [change()]);
        throw undone;
      }),
      undone,
    );
    const id = await commit();

    assert.deepEqual(await nextIds(following, 1), [id]);
  });

  test('keeps tenants, schools, kinds and runs apart', async () => {
    const runId = newId();
    const mine = follow({ schoolIds: [schoolId], kinds: ['log'], parentId: runId });
    await commit({ tenantId: otherTenantId, parentId: runId });
    await commit({ schoolId: otherSchoolId, parentId: runId });
    await commit({ kind: 'run', parentId: runId });
    await commit({ parentId: newId() });
    const inSchool = await commit({ parentId: runId });
    const ofNoSchool = await commit({ parentId: runId, schoolId: null });

    assert.deepEqual(await nextIds(mine, 2), [inSchool, ofNoSchool]);
  });

  test('shows no school to somebody who may see none', async () => {
    const nobody = follow({ schoolIds: [] });
    await commit();
    const id = await commit({ schoolId: null });

    assert.deepEqual(await nextIds(nobody, 1), [id]);
  });

  test('splits long lists: a hundred log entries or a thousand records in a row', async () => {
    const following = follow();
    const ids = Array.from({ length: 1_001 }, () => newId());
    await inTenant((tx) => recordActivity(tx, [change({ ids: ids.slice(0, 101) }), change({ kind: 'record', ids })]));
    await inTenant((tx) => recordActivity(tx, [change({ ids: [] })]));
    live.feed.wake();

    const sizes: number[] = [];
    while (sizes.length < 4) {
      const event = await next(following);
      if (event.type === 'activity') sizes.push(event.row.ids.length);
    }
    assert.deepEqual(sizes, [100, 1, 1_000, 1]);
  });

  test('resumes behind an id within a row, also when a later change has taken others out of it', async () => {
    const ids = [newId(), newId(), newId()];
    const following = follow();
    await next(following);
    const witness = follow({ kinds: ['run'] });
    await commit({ kind: 'record', ids });
    await commit({ kind: 'record', ids: ids.slice(1, 2) });
    await commit({ kind: 'run' });
    await nextIds(witness, 1);

    const event = await next(following);
    assert.ok(event.type === 'activity');
    assert.deepEqual(event.row.ids, [ids[0], ids[2]]);
    const behindFirst = follow({ after: event.cursorBehind(ids[0] ?? ''), kinds: ['record'] });
    assert.deepEqual(await nextIds(behindFirst, 3), [...ids.slice(1), ids[1]]);
    const behindLast = follow({ after: event.cursorBehind(ids[2] ?? ''), kinds: ['record'] });
    assert.deepEqual(await nextIds(behindLast, 1), [ids[1]]);
  });

  test('resumes after a cursor on another gateway, exactly', async () => {
    const following = follow();
    const ids: string[] = [];
    for (let number = 0; number < 450; number += 1) ids.push(await commit());

    const seen: string[] = [];
    let cursor = '';
    while (seen.length < 20) {
      const event = await next(following);
      if (event.type !== 'activity') continue;
      seen.push(...event.row.ids);
      cursor = event.cursor;
    }
    await following.return();
    const elsewhere = follow({ after: cursor }, await anotherFeed());
    const later = await commit();

    assert.deepEqual([...seen, ...(await nextIds(elsewhere, 430)), ...(await nextIds(elsewhere, 1))], [...ids, later]);
  });

  test('says when a replay has caught up, with a cursor that repeats nothing', async () => {
    const cursor = await live.feed.cursor(tenantId);
    const id = await commit();
    const following = follow({ after: cursor });
    assert.deepEqual(await nextIds(following, 1), [id]);

    const event = await next(following);
    assert.ok(event.type === 'caughtUp');
    const later = await commit();

    assert.deepEqual(await nextIds(follow({ after: event.cursor }), 1), [later]);
  });

  test('says again that it has caught up after each silence, with a cursor that moves on', async () => {
    const following = follow({ caughtUpEveryMs: 10, kinds: ['run'] });
    await next(following);
    const unseen = await commit();

    // The silence of this subscription goes on, but the place in the tenant's stream moves.
    let moved = following.start;
    while (moved === following.start) {
      const event = await next(following);
      assert.equal(event.type, 'caughtUp');
      moved = event.cursor;
    }
    const id = await commit();
    const ids: string[] = [];
    for await (const event of follow({ after: moved })) {
      if (event.type === 'activity') ids.push(...event.row.ids);
      if (ids.at(-1) === id) break;
    }
    assert.ok(ids.length === 1 || ids[0] === unseen);
  });

  test('misses nothing that commits between reading the present and listening', async () => {
    const cursor = await live.feed.cursor(tenantId);
    const ids = [await commit(), await commit()];

    assert.deepEqual(await nextIds(follow({ after: cursor }), 2), ids);
  });

  test('holds nothing back for longer than an older open transaction, and loses nothing to it', async () => {
    const following = follow();
    const opened = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const slowRow = change();
    const slow = inTenant(async (tx) => {
      await recordActivity(tx, [slowRow]);
      opened.resolve();
      await release.promise;
    });
    await opened.promise;
    const fast = await commit();
    const present = await readTenantActivity(live.database.system, tenantId, { xid: 0n, seq: 0n }, 10_000);
    assert.ok(present.held);
    assert.ok(!present.rows.some((row) => row.ids.includes(fast)), 'what is committed waits for what is older');
    release.resolve();
    await slow;

    assert.deepEqual(await nextIds(following, 2), [slowRow.ids[0], fast]);
  });

  test('loses and repeats nothing with many writers, two gateways and lost connections', async () => {
    const [writers, transactions] = [8, 60];
    const second = await anotherFeed();
    const worker = live.database.connect('worker', { max: writers });
    const subscribers = [live.feed, second].flatMap((one) => [follow({}, one), follow({}, one)]);
    const foreign = follow({ tenantId: otherTenantId }, second);
    const end = newId();
    const collect = async (following: Following): Promise<string[]> => {
      const ids: string[] = [];
      for await (const event of following) {
        assert.notEqual(event.type, 'gap');
        if (event.type !== 'activity') continue;
        if (event.row.ids.includes(end)) return ids;
        ids.push(...event.row.ids);
      }
      return ids;
    };
    const collected = Promise.all([...subscribers, foreign].map(collect));

    const mine = new Set<string>();
    const theirs = new Set<string>();
    const write = async (writer: number) => {
      for (let number = 0; number < transactions; number += 1) {
        const owner = (writer + number) % 3 === 0 ? otherTenantId : tenantId;
        const ids = Array.from({ length: 3 }, () => newId());
        await inTenant(
          async (tx) => {
            await recordActivity(tx, [change({ tenantId: owner, ids: ids.slice(0, 2) })]);
            await tx`select pg_sleep(${((writer * 7 + number) % 8) / 1_000})`;
            await recordActivity(tx, [change({ tenantId: owner, ids: ids.slice(2) })]);
          },
          owner,
          worker,
        );
        (number % 2 === 0 ? live.feed : second).wake();
        for (const id of ids) (owner === tenantId ? mine : theirs).add(id);
        if (writer === 0 && number === transactions / 2) await killListeners();
      }
    };
    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
    await commit({ ids: [end] });
    await commit({ tenantId: otherTenantId, ids: [end] });

    const lists = await collected;
    const foreignIds = lists.pop();
    for (const ids of lists) {
      assert.equal(ids.length, mine.size);
      assert.deepEqual(new Set(ids), mine);
      assert.deepEqual(ids, lists[0], 'every subscriber sees the same order');
    }
    assert.equal(foreignIds?.length, theirs.size);
    assert.deepEqual(new Set(foreignIds), theirs);
  });

  async function killListeners(): Promise<void> {
    const killed = await asLogin(
      live.database.target,
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and query ilike 'listen%'`,
    );
    assert.ok(killed.length >= 2, 'both gateways were listening');
  }

  test('goes on by itself when the database has cut all its connections', async () => {
    const following = follow();
    await next(following);
    const killed = await asLogin(
      live.database.target,
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'homeroom-feed'`,
    );
    assert.ok(killed.length > 0);
    const ids = [await commit(), await commit()];

    assert.deepEqual(await nextIds(following, 2), ids);
  });

  test('tells rows that become visible together as one, where that is wanted, up to so many ids', async () => {
    const witness = follow();
    const [joined, single] = [follow({ together: 5 }), follow()];
    for (const following of [witness, joined, single]) await next(following);
    const from = await live.feed.cursor(tenantId);
    const rows = Array.from({ length: 6 }, () => live.change({ ids: [newId(), newId()] }));
    await live.inTenant((tx) => recordActivity(tx, rows));
    live.feed.wake();
    const ids = rows.flatMap((row) => row.ids);
    assert.deepEqual(await nextIds(witness, 12), ids);

    const sizes = async (following: Following, events: number) => {
      const told = [];
      while (told.length < events) {
        const event = await next(following);
        if (event.type === 'activity') told.push(event.row.ids.length);
      }
      return told;
    };
    assert.deepEqual(await sizes(joined, 3), [4, 4, 4]);
    assert.deepEqual(await sizes(single, 6), [2, 2, 2, 2, 2, 2]);
    assert.deepEqual(await sizes(follow({ after: from, together: 5 }), 3), [4, 4, 4]);
  });
});
