/** A feed on a database of its own for a test file, with the words its tests are written in. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { type ActivityRow, recordActivity } from '../db/queries/activity.ts';
import { newId } from '../model/ids.ts';
import { createFeed, type Feed, type FeedDeps, type FeedEvent, type Following, type FollowOptions } from './feed.ts';

/** Says nothing. */
export const log = { info: () => undefined, warn: () => undefined };

/** Call inside a `describe`: each of its tests gets a new feed, closed behind it. */
export function useFeed() {
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

  return {
    get database() {
      return database;
    },
    get feed() {
      return feed;
    },
    get stop() {
      return stop;
    },
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
  };
}
