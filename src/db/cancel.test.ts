import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { freshDatabase } from '../../test/harness/database.ts';
import { openSilenceable } from '../../test/harness/silenceable.ts';
import { connect, connectAsLogin, type Sql, type TransactionSql } from './client.ts';
import type { Lanes } from './lanes.ts';

const database = await freshDatabase();
after(() => database.drop());
/** Sees what every connection does, which the roles do not. */
const onlooker = connectAsLogin(database.target);
after(() => onlooker.end({ timeout: 1 }));
await database.owner`create table note (text text primary key)`;

const reason = new Error('nobody wants it');

/** One connection, whose statements may take as long as they like: nothing but a request to cancel ends them. */
function single(target = database.target): { sql: Sql; begin: Lanes['begin'] } {
  const sql = connect({ target, role: 'owner', name: 'cancel', max: 1, statementTimeout: 0, lockTimeout: 0 });
  after(() => sql.end({ timeout: 0 }));

  return { sql, begin: sql.begin as Lanes['begin'] };
}

const pidOf = (tx: TransactionSql) => tx`select pg_backend_pid() as pid`.then(([row]) => Number(row?.pid));
const notes = () => database.owner`select text from note order by 1`.then((rows) => rows.map(({ text }) => text));

async function stateOf(pid: number): Promise<unknown> {
  const [row] = await onlooker`select state from pg_stat_activity where pid = ${pid}`;
  return row?.state;
}

/** Resolves when the connection runs a statement that holds the text. */
async function untilRunning(pid: number, text: string): Promise<void> {
  for (let running = false; !running; ) {
    const [row] = await onlooker`
      select state = 'active' and position(${text} in query) > 0 as running from pg_stat_activity where pid = ${pid}`;
    running = row?.running === true;
  }
}

describe('a transaction that nobody wants any more', () => {
  const moments: [string, string, (tx: TransactionSql) => Promise<unknown>][] = [
    ['during a statement', 'pg_sleep', async (tx) => tx`select pg_sleep(600)`],
    ['with parameters', 'pg_sleep', async (tx) => tx`select pg_sleep(${600}), ${'x'}::text`],
    [
      'with statements queued behind it',
      'pg_sleep',
      async (tx) => Promise.all([1, 2, 3].map((n) => tx`select pg_sleep(600), ${n}::int`)),
    ],
    ['in a savepoint', 'pg_sleep', async (tx) => tx.savepoint((inner) => inner`select pg_sleep(600)`)],
  ];

  for (const [when, text, wait] of moments) {
    test(`stops ${when}, undoes all, and leaves its connection to the next one`, async () => {
      const { begin } = single();
      const unwanted = new AbortController();
      const began = Promise.withResolvers<number>();
      const running = begin(
        '',
        async (tx) => {
          await tx`insert into note values ('undone')`;
          began.resolve(await pidOf(tx));
          await wait(tx);
        },
        unwanted.signal,
      );
      const pid = await began.promise;
      await untilRunning(pid, text);
      unwanted.abort(reason);

      await assert.rejects(running, reason);
      assert.equal(await stateOf(pid), 'idle');
      assert.equal(await begin('', pidOf), pid);
      assert.deepEqual(await notes(), []);
    });
  }

  test('stops while it begins, gives no statement the rows of another, and leaves its connection to the next one', async () => {
    const { begin } = single();
    const names = ['one', 'two', 'three'];
    const told: Promise<PromiseSettledResult<string | undefined>[]>[] = [];
    const ask = (tx: TransactionSql) => {
      const name = (each: string) => tx<{ name: string }[]>`select ${each}::text as name`.then(([row]) => row?.name);
      const answers = Promise.allSettled(names.map(name));
      told.push(answers);
      return answers;
    };
    await begin('', ask);
    const pid = await begin('', pidOf);
    // Around the moment when the statements have been sent behind a `begin` that is not answered yet.
    for (let turns = 0; turns < 12; turns += 1) {
      const unwanted = new AbortController();
      const running = begin('', ask, unwanted.signal);
      for (let round = 0; round < turns; round += 1) await Promise.resolve();
      unwanted.abort(reason);
      await assert.rejects(running, reason);
    }

    for (const answers of await Promise.all(told)) {
      for (const [at, answer] of answers.entries()) {
        if (answer.status === 'fulfilled') assert.equal(answer.value, names[at]);
      }
    }
    assert.equal(await begin('', pidOf), pid);
  });

  test('stops between two statements, and sends no other', async () => {
    const { begin } = single();
    const unwanted = new AbortController();
    const afterwards = Promise.withResolvers<unknown>();
    const pid = await begin('', pidOf);
    const running = begin(
      '',
      async (tx) => {
        await tx`insert into note values ('undone')`;
        unwanted.abort(reason);
        await turn();
        await tx`insert into note values ('smuggled')`.then(afterwards.resolve, afterwards.resolve);
      },
      unwanted.signal,
    );

    await assert.rejects(running, reason);
    assert.equal(await afterwards.promise, reason);
    assert.equal(await begin('', pidOf), pid);
    assert.deepEqual(await notes(), []);
  });

  test('leaves the line for a connection, and does not begin when it is too late already', async () => {
    const { begin } = single();
    const [unwanted, release] = [new AbortController(), Promise.withResolvers<void>()];
    const begun = Promise.withResolvers<void>();
    const holding = begin('', async (tx) => {
      await tx`select 1`;
      begun.resolve();
      await release.promise;
    });
    await begun.promise;
    const never = () => assert.fail('It is not to be run.');
    const waiting = assert.rejects(begin('', never, unwanted.signal), reason);
    const next = begin('', pidOf);
    unwanted.abort(reason);
    await waiting;
    await assert.rejects(begin('', never, unwanted.signal), reason);
    release.resolve();
    await holding;
    assert.ok(await next);
  });

  test('is done all the same when its commit is on its way', async () => {
    await database.owner.unsafe(`
      create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return new; end $$;
      create table slow (n int);
      create constraint trigger slowly after insert on slow deferrable initially deferred
        for each row execute function dawdle()`);
    const { begin } = single();
    const unwanted = new AbortController();
    const began = Promise.withResolvers<number>();
    const running = begin(
      '',
      async (tx) => {
        const pid = await pidOf(tx);
        await tx`insert into slow values (1)`;
        began.resolve(pid);
      },
      unwanted.signal,
    );
    await untilRunning(await began.promise, 'commit');
    unwanted.abort(reason);

    await running;
    assert.equal((await database.owner`select from slow`).length, 1);
  });

  test('gives its connection up when the server takes no request', async () => {
    const server = await openSilenceable(database.url);
    after(() => server.close());
    const { begin } = single(server.url);
    const unwanted = new AbortController();
    const began = Promise.withResolvers<number>();
    const running = begin(
      '',
      async (tx) => {
        began.resolve(await pidOf(tx));
        await tx`select pg_sleep(600)`;
      },
      unwanted.signal,
    );
    const pid = await began.promise;
    await untilRunning(pid, 'pg_sleep');
    server.silence();
    unwanted.abort(reason);

    await assert.rejects(running, reason);
    server.speak();
    assert.notEqual(await begin('', pidOf), pid);
    await onlooker`select pg_terminate_backend(${pid})`;
  });

  test('never takes the next one’s statement for its own, however the moments fall', async () => {
    const { begin } = single();
    for (let round = 0; round < 60; round += 1) {
      const unwanted = new AbortController();
      const cut = begin(
        '',
        async (tx) => {
          await tx`select pg_sleep(0.001)`;
          await tx`select 1`;
        },
        unwanted.signal,
      ).catch((error: unknown) => assert.equal(error, reason));
      const next = begin('', (tx) => tx`select pg_sleep(0.002), 'mine' as whose`);
      for (let turns = 0; turns < round % 20; turns += 1) await turn();
      unwanted.abort(reason);

      assert.equal((await next)[0]?.whose, 'mine');
      await cut;
    }
  });
});
