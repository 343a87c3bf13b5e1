import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { asLogin } from '../../test/harness/server.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { type ActivityRow, forgetActivity, readTenantActivity, recordActivity } from '../db/queries/activity.ts';
import { newId } from '../model/ids.ts';
import { InvalidCursor } from './cursor.ts';
import { createFeed, type Feed, type FeedDeps, type FeedEvent, type Following, type FollowOptions } from './feed.ts';

const log = { info: () => undefined, warn: () => undefined };

describe('the live feed', () => {
  let database: TestDatabase;
  let feed: Feed;
  let stop: AbortController;
  const feeds: Feed[] = [];
  const tenantId = newId();
  const otherTenantId = newId();
  const schoolId = newId();
  const otherSchoolId = newId();

  before(async () => {
    database = await freshDatabase();
    for (const id of [tenantId, otherTenantId]) {
      await inTenant((tx) => tx`insert into tenant (id, name) values (${id}, 'Test')`, id);
    }
  });
  after(() => database.drop());

  beforeEach(async () => {
    stop = new AbortController();
    feed = await anotherFeed();
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(feeds.splice(0).map((one) => one.close()));
  });

  async function anotherFeed(options: Partial<FeedDeps> = {}): Promise<Feed> {
    // Pools of its own, as another process has: else both would share one connection that listens.
    const pool = database.connect('system', { max: 3, name: 'feed' });
    const made = await createFeed({ system: pool, listen: pool, log, ...options });
    feeds.push(made);
    return made;
  }

  function inTenant<T>(fn: (tx: TransactionSql) => Promise<T>, id = tenantId, sql: Sql = database.app): Promise<T> {
    return asTenant(sql, { tenantId: id, schoolIds: null, actor: 'test' }, fn);
  }

  function change(row: Partial<ActivityRow> = {}): ActivityRow {
    return { tenantId, schoolId, kind: 'log', parentId: null, ids: [newId()], ...row };
  }

  /** Commits one row and answers its first id. */
  async function commit(row: Partial<ActivityRow> = {}): Promise<string> {
    const made = change(row);
    await inTenant((tx) => recordActivity(tx, [made]), made.tenantId);
    feed.wake();
    return made.ids[0] ?? '';
  }

  function follow(options: Partial<FollowOptions> = {}, from = feed): Following {
    return from.follow({ tenantId, schoolIds: null, signal: stop.signal, ...options });
  }

  async function next(following: Following): Promise<FeedEvent> {
    const { value, done } = await following.next();
    assert.ok(!done, 'the subscription has ended');
    return value;
  }

  /** The first ids of the next rows, whatever else comes between. */
  async function nextIds(following: Following, count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const event = await next(following);
      assert.notEqual(event.type, 'gap');
      if (event.type === 'activity') ids.push(...event.row.ids);
    }
    return ids;
  }

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
    feed.wake();

    const sizes: number[] = [];
    while (sizes.length < 4) {
      const event = await next(following);
      if (event.type === 'activity') sizes.push(event.row.ids.length);
    }
    assert.deepEqual(sizes, [100, 1, 1_000, 1]);
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
    const cursor = await feed.cursor(tenantId);
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
    const cursor = await feed.cursor(tenantId);
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
    const present = await readTenantActivity(database.system, tenantId, { xid: 0n, seq: 0n }, 10_000);
    assert.ok(present.held);
    assert.ok(!present.rows.some((row) => row.ids.includes(fast)), 'what is committed waits for what is older');
    release.resolve();
    await slow;

    assert.deepEqual(await nextIds(following, 2), [slowRow.ids[0], fast]);
  });

  test('loses and repeats nothing with many writers, two gateways and lost connections', async () => {
    const [writers, transactions] = [8, 60];
    const second = await anotherFeed();
    const worker = database.connect('worker', { max: writers });
    const subscribers = [feed, second].flatMap((one) => [follow({}, one), follow({}, one)]);
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
        (number % 2 === 0 ? feed : second).wake();
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
      database.target,
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
      database.target,
      (sql) => sql`
        select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'homeroom-feed'`,
    );
    assert.ok(killed.length > 0);
    const ids = [await commit(), await commit()];

    assert.deepEqual(await nextIds(following, 2), ids);
  });

  test('tells a reader that stops reading of one gap, and goes on behind it; others miss nothing', async () => {
    const slow = follow({ limit: 10, patienceMs: 0 });
    const other = follow({ limit: 10 });
    await next(slow);
    const ids: string[] = [];
    const seen: string[] = [];
    for (let number = 0; number < 35; number += 1) {
      ids.push(await commit());
      seen.push(...(await nextIds(other, 1)));
    }
    assert.deepEqual(seen, ids);

    const gap = await next(slow);
    assert.ok(gap.type === 'gap');
    assert.equal(gap.reason, 'SLOW_CLIENT');
    assert.equal(gap.from, slow.start);
    const rest = await nextIds(slow, 2);
    assert.deepEqual(rest, ids.slice(-2));

    // What the gap spans can still be fetched by its own cursors.
    const missed: string[] = [];
    for await (const event of follow({ after: gap.from })) {
      if (event.type !== 'activity') continue;
      missed.push(...event.row.ids);
      if (event.cursor === gap.to) break;
    }
    assert.deepEqual([...missed, ...rest], ids);
  });

  test('serves a burst from the table when the reader comes back in time', async () => {
    const following = follow({ limit: 10, patienceMs: 60_000 });
    const witness = follow();
    await next(following);
    const ids: string[] = [];
    for (let number = 0; number < 35; number += 1) ids.push(await commit());
    await nextIds(witness, 35);

    assert.deepEqual(await nextIds(following, 35), ids);
  });

  test('lets the changes of one record that wait become one, the newest', async () => {
    const [record, witnessed] = [newId(), newId()];
    const slow = follow();
    const witness = follow({ kinds: ['run'] });
    await next(slow);
    for (let number = 0; number < 5; number += 1) await commit({ kind: 'record', ids: [record] });
    await commit({ kind: 'run', ids: [witnessed] });
    await nextIds(witness, 1);

    assert.deepEqual(await nextIds(slow, 2), [record, witnessed]);
  });

  test('refuses a cursor that is made up, of another tenant, of another database, or ahead of its time', async () => {
    const theirs = await feed.cursor(otherTenantId);
    assert.throws(() => follow({ after: theirs }), InvalidCursor);
    assert.throws(() => follow({ after: 'made up' }), InvalidCursor);
    assert.equal(feed.size(), 0);

    const elsewhere = await freshDatabase();
    const foreign = await createFeed({ system: elsewhere.system, listen: elsewhere.system, log });
    try {
      const cursor = await foreign.cursor(tenantId);
      assert.throws(() => follow({ after: cursor }), InvalidCursor);
    } finally {
      await foreign.close();
      await elsewhere.drop();
    }
  });

  test('tells a gap for a cursor that is older than what is kept, and goes on with the present', async () => {
    const young = await anotherFeed({ keptMs: 0 });
    const cursor = await young.cursor(tenantId);
    const skipped = await commit();
    const following = follow({ after: cursor }, young);

    const gap = await next(following);
    assert.ok(gap.type === 'gap');
    assert.equal(gap.reason, 'EXPIRED');
    assert.equal(gap.from, cursor);
    assert.equal((await next(following)).type, 'caughtUp');
    const id = await commit();
    const ids = await nextIds(following, 1);
    // Where another database of the server holds the horizon back, what it held comes too.
    if (ids[0] === skipped) ids.splice(0, 1, ...(await nextIds(following, 1)));
    assert.deepEqual(ids, [id]);
  });

  test('forgets activity when its time is over, the oldest first, and nothing younger', async () => {
    await commit();
    await commit();
    const count = async () => {
      const [row] = await database.system<{ count: number }[]>`select count(*)::int as count from activity`;
      return row?.count ?? 0;
    };
    const all = await count();

    assert.equal(await forgetActivity(database.system, 60 * 60 * 1_000, 10), 0);
    assert.equal(await forgetActivity(database.system, -1_000, 1), 1);
    assert.equal(await count(), all - 1);
  });

  test('releases a subscription however it ends', async () => {
    const aborted = new AbortController();
    const byAbort = follow({ signal: aborted.signal });
    const byReturn = follow();
    const unstarted = follow();
    const byBreak = follow();
    const waiting = byAbort.next().then(() => byAbort.next());
    assert.equal(feed.size(), 4);

    aborted.abort();
    assert.deepEqual(await waiting, { value: undefined, done: true });
    await byReturn.next();
    const pending = byReturn.next();
    await byReturn.return();
    assert.equal((await pending).done, true);
    await unstarted.return();
    for await (const event of byBreak) {
      assert.equal(event.type, 'caughtUp');
      break;
    }
    assert.equal(feed.size(), 0);

    const byClose = follow();
    await byClose.next();
    const last = byClose.next();
    await feed.close();
    assert.equal((await last).done, true);
    assert.equal(feed.size(), 0);
  });

  test('ends at once for a signal that was given before', async () => {
    const following = follow({ signal: AbortSignal.abort() });

    assert.equal((await following.next()).done, true);
    assert.equal(feed.size(), 0);
  });
});
