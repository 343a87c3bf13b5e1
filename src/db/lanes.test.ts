import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { freshDatabase } from '../../test/harness/database.ts';
import { asLogin } from '../../test/harness/server.ts';
import { connect, type TransactionSql } from './client.ts';
import { PoolClosed, TransactionOver } from './lanes.ts';

const database = await freshDatabase();
after(() => database.drop());
await database.owner`create table note (text text primary key)`;

const pidOf = (tx: TransactionSql) =>
  tx<{ pid: number }[]>`select pg_backend_pid() as pid`.then(([row]) => row?.pid ?? 0);
const notes = () =>
  database.owner`select text from note order by 1`.then((rows) => rows.map((row) => row.text as string));

/** Ends a connection from outside, as a fail-over does, and waits until it is gone. */
async function kill(pid: number): Promise<void> {
  await asLogin(database.target, async (sql) => {
    await sql`select pg_terminate_backend(${pid}, 5000)`;
  });
}

test('a transaction commits when its function resolves and rolls back when it rejects', async () => {
  const failure = new Error('changed my mind');
  await assert.rejects(
    database.owner.begin(async (tx) => {
      await tx`insert into note values ('undone')`;
      throw failure;
    }),
    failure,
  );
  assert.equal(await database.owner.begin((tx) => tx`insert into note values ('kept')`.then(() => 'answer')), 'answer');
  assert.deepEqual(await notes(), ['kept']);
});

test('a failed statement fails the transaction even when its error is swallowed or never looked at', async () => {
  const swallowed = database.owner.begin(async (tx) => {
    await tx`insert into note values ('half')`;
    await tx`select 1 / 0`.catch(() => 'ignored');
  });
  await assert.rejects(swallowed, { code: '22012' });
  const unseen = database.owner.begin(async (tx) => {
    await tx`insert into note values ('half')`;
    void tx`select 1 / 0`.execute();
  });
  await assert.rejects(unseen);
  assert.deepEqual(await notes(), ['kept']);
});

test('a savepoint undoes its part only, also inside another', async () => {
  await database.owner.begin(async (tx) => {
    await tx.savepoint(async (inner) => {
      await inner`insert into note values ('inner')`;
      await assert.rejects(
        inner.savepoint((third) => third`insert into note values ('inner')`),
        { code: '23505' },
      );
      await inner`insert into note values ('inner too')`;
    });
    await assert.rejects(
      tx.savepoint((other) => other`insert into note values ('kept')`),
      { code: '23505' },
    );
  });
  assert.deepEqual(await notes(), ['inner', 'inner too', 'kept']);
});

test('fragments, names, rows and arrays work in a transaction as outside', async () => {
  const rows = await database.owner.begin(async (tx) => {
    await tx`insert into note ${tx([{ text: 'x' }, { text: 'y' }])}`;
    const some = tx`where text = any(${['x', 'y']})`;
    return tx`delete from ${tx('note')} ${some} returning ${tx('text')}`;
  });
  assert.deepEqual(new Set(rows.map((row) => row.text as string)), new Set(['x', 'y']));
});

test('COPY and cursors work in a transaction, and are undone with it', async () => {
  const failure = new Error('no');
  const before = await notes();
  await assert.rejects(
    database.owner.begin(async (tx) => {
      const stream = await tx`copy note from stdin`.writable();
      await pipeline(Readable.from(Array.from({ length: 5000 }, (_, n) => `copied ${n}\n`)), stream);
      let count = 0;
      for await (const rows of tx`select text from note where text like 'copied %'`.cursor(1000)) count += rows.length;
      assert.equal(count, 5000);
      throw failure;
    }),
    failure,
  );
  assert.deepEqual(await notes(), before);
});

test('a transaction kept past its end refuses to be used', async () => {
  let kept: TransactionSql | undefined;
  // A query is sent when somebody waits for it: here, too late.
  const { late } = await database.owner.begin(async (tx) => {
    kept = tx;
    return { late: tx`insert into note values ('late')` };
  });
  await assert.rejects(late, TransactionOver);
  assert.ok(kept);
  await assert.rejects(kept`select 1`, TransactionOver);
  await assert.rejects(kept.unsafe('select 1'), TransactionOver);
  await assert.rejects(
    kept.savepoint((inner) => inner`select 1`),
    TransactionOver,
  );
});

test('a reserved connection stays the same until it is released, and is of no use after', async () => {
  const one = database.connect('owner', { max: 1 });
  const reserved = await one.reserve();
  const [first] = await reserved`select pg_backend_pid() as pid`;
  const [second] = await reserved`select pg_backend_pid() as pid`;
  assert.equal(first?.pid, second?.pid);
  const next = one.begin(pidOf);
  reserved.release();
  assert.equal(await next, first?.pid);
  await assert.rejects(reserved`select 1`, TransactionOver);
});

test('whoever finds no free connection waits for one', async () => {
  const two = database.connect('owner', { max: 2 });
  const pids = await Promise.all(Array.from({ length: 20 }, () => two.begin(pidOf)));
  assert.equal(new Set(pids).size, 2);
});

for (const [when, wait] of [
  ['during a statement', (tx: TransactionSql) => tx`select pg_sleep(60)`],
  ['between two statements', () => turn()],
  [
    'with statements queued',
    (tx: TransactionSql) => Promise.all([1, 2, 3].map((n) => tx`select pg_sleep(60), ${n}::int`)),
  ],
] as const) {
  test(`a connection lost ${when} fails its transaction, spares the process and the next one`, async () => {
    const one = database.connect('owner', { max: 1 });
    const killed = Promise.withResolvers<void>();
    const afterwards = Promise.withResolvers<unknown>();
    const running = one.begin(async (tx) => {
      const pid = await pidOf(tx);
      await tx`insert into note values ('lost')`;
      const ended = kill(pid).then(killed.resolve);
      await Promise.resolve(wait(tx)).catch(() => undefined);
      await ended;
      await turn();
      // The next transaction has the pool's only connection by now; this must not end up in it.
      await tx`insert into note values ('smuggled')`.then(afterwards.resolve, afterwards.resolve);
    });
    const next = killed.promise.then(() => one.begin((tx) => tx`insert into note values (${when})`));
    await assert.rejects(running);
    await next;
    await killed.promise;
    assert.deepEqual(await notes(), ['inner', 'inner too', 'kept', when].sort());
    await database.owner`delete from note where text = ${when}`;
    assert.ok((await afterwards.promise) instanceof Error);
  });
}

test('a transaction that sits idle too long is ended by the server, and only it', async () => {
  const one = database.connect('owner', { max: 1, idleInTransactionTimeout: 250 });
  const ended = Promise.withResolvers<void>();
  const running = one.begin(async (tx) => {
    await tx`insert into note values ('idle')`;
    await ended.promise;
    await tx`insert into note values ('idle still')`;
  });
  await assert.rejects(running);
  ended.resolve();
  await one.begin((tx) => tx`select 1`);
  assert.deepEqual(await notes(), ['inner', 'inner too', 'kept']);
});

test('a server that is not there fails the transaction and not the process', async () => {
  const sql = connect({ target: 'postgres://nobody@127.0.0.1:1/none', role: 'owner', max: 1 });
  await assert.rejects(
    sql.begin((tx) => tx`select 1`),
    { code: 'ECONNREFUSED' },
  );
  await assert.rejects(
    sql.begin((tx) => tx`select 1`),
    { code: 'ECONNREFUSED' },
  );
  await sql.end({ timeout: 1 });
});

test('ending a pool waits for what is under way and turns away who waits', async () => {
  const one = database.connect('owner', { max: 1 });
  const begun = Promise.withResolvers<void>();
  const running = one.begin(async (tx) => {
    await tx`select 1`;
    begun.resolve();
    await turn();
    return tx`select 2 as two`;
  });
  await begun.promise;
  const waiting = one.begin((tx) => tx`select 3`);
  const refused = assert.rejects(waiting, PoolClosed);
  await one.end({ timeout: 5 });
  assert.equal((await running)[0]?.two, 2);
  await refused;
  await assert.rejects(
    one.begin((tx) => tx`select 4`),
    PoolClosed,
  );
});

test('ending a pool does not wait longer than asked', async () => {
  const one = database.connect('owner', { max: 1 });
  const begun = Promise.withResolvers<void>();
  const running = one.begin(async (tx) => {
    await tx`select 1`;
    begun.resolve();
    await tx`select pg_sleep(60)`;
  });
  await begun.promise;
  const failed = assert.rejects(running);
  await one.end({ timeout: 0.05 });
  await failed;
});
