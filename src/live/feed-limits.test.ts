import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freshDatabase } from '../../test/harness/database.ts';
import { forgetActivity } from '../db/queries/activity.ts';
import { newId } from '../model/ids.ts';
import { InvalidCursor } from './cursor.ts';
import { createFeed } from './feed.ts';
import { log, useFeed } from './test-feed.ts';

describe('the limits of the live feed', () => {
  const live = useFeed();
  const { tenantId, otherTenantId, anotherFeed, commit, follow, next, nextIds } = live;

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
    const theirs = await live.feed.cursor(otherTenantId);
    assert.throws(() => follow({ after: theirs }), InvalidCursor);
    assert.throws(() => follow({ after: 'made up' }), InvalidCursor);
    assert.equal(live.feed.size(), 0);

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
      const [row] = await live.database.system<{ count: number }[]>`select count(*)::int as count from activity`;
      return row?.count ?? 0;
    };
    const all = await count();

    assert.equal(await forgetActivity(live.database.system, 60 * 60 * 1_000, 10), 0);
    assert.equal(await forgetActivity(live.database.system, -1_000, 1), 1);
    assert.equal(await count(), all - 1);
  });

  test('releases a subscription however it ends', async () => {
    const aborted = new AbortController();
    const byAbort = follow({ signal: aborted.signal });
    const byReturn = follow();
    const unstarted = follow();
    const byBreak = follow();
    const waiting = byAbort.next().then(() => byAbort.next());
    assert.equal(live.feed.size(), 4);

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
    assert.equal(live.feed.size(), 0);

    const byClose = follow();
    await byClose.next();
    const last = byClose.next();
    await live.feed.close();
    assert.equal((await last).done, true);
    assert.equal(live.feed.size(), 0);
  });

  test('ends at once for a signal that was given before', async () => {
    const following = follow({ signal: AbortSignal.abort() });

    assert.equal((await following.next()).done, true);
    assert.equal(live.feed.size(), 0);
  });
});
