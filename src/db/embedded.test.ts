import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsLogin } from './client.ts';
import { findPostmaster, isAlive, type Postmaster } from './embedded/postmaster.ts';
import { type EmbeddedDatabase, type EmbeddedOptions, startEmbedded } from './embedded.ts';
import { EmbeddedDatabaseError } from './error.ts';

const isRoot = process.getuid?.() === 0;
const log = { info: () => undefined, error: () => undefined };
const home = await mkdtemp(join(tmpdir(), 'homeroom-embedded-'));
// As root the server runs as another user, who must be able to enter.
await chmod(home, 0o755);

/** Used by most tests, so that only the first has to make it. */
const dataDir = join(home, 'postgres');
const opened: EmbeddedDatabase[] = [];
const children: ChildProcess[] = [];

// Where two leave at once, neither may have waited for the end.
beforeEach(() => until('the server before is gone', async () => (await findPostmaster(dataDir)) === null));
afterEach(async () => {
  for (const database of opened.splice(0)) await database.stop();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
after(() => rm(home, { recursive: true, force: true }));

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded({ dataDir, log, durable: false, ...options });
  opened.push(database);
  return database;
}

/** Another process that uses the server until it is told to stop on its stdin, or is killed. */
async function startElsewhere(dir = dataDir): Promise<{ child: ChildProcess; adopted: boolean }> {
  const script = `
    import { startEmbedded } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))};
    const log = { info() {}, error() {} };
    const database = await startEmbedded({ dataDir: ${JSON.stringify(dir)}, log, durable: false });
    process.stdout.write(database.adopted ? 'adopted' : 'started');
    process.stdin.once('data', () => database.stop().then(() => process.exit(0)));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, adopted: said.toString() === 'adopted' };
}

async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  if (signal) child.kill(signal);
  else child.stdin?.write('stop');
  await exited;
}

async function query(database: EmbeddedDatabase, statement: string): Promise<readonly Record<string, unknown>[]> {
  const sql = connectAsLogin(database.options);
  try {
    return await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    assert.ok(performance.now() - began < 20_000, `waited in vain: ${what}`);
    await delay(5);
  }
}

async function running(dir = dataDir): Promise<Postmaster> {
  const server = await findPostmaster(dir);
  assert.ok(server, 'no server is running');
  return server;
}

test('a database starts from nothing, answers, stops, and leaves nothing but its data', async () => {
  const database = await start();
  assert.equal(database.adopted, false);
  const server = await running();
  const [row] = await query(
    database,
    "select current_user as name, current_setting('server_version_num')::int / 10000 as v",
  );
  assert.deepEqual({ ...row }, { name: 'homeroom', v: 18 });

  await database.stop();
  assert.equal(isAlive(server.pid), false);
  await until('the socket directory is removed', () =>
    stat(server.socketDir).then(
      () => false,
      () => true,
    ),
  );
  assert.deepEqual(await readdir(home), ['postgres']);
});

test('what was written is there at the next start', async () => {
  const first = await start();
  await query(first, 'create table kept as select 42 as answer');
  await first.stop();
  assert.deepEqual([...(await query(await start(), 'select answer from kept'))], [{ answer: 42 }]);
});

test('data is flushed to disk, except where a test asks not to', async () => {
  const fast = await start();
  assert.equal((await query(fast, 'show fsync'))[0]?.fsync, 'off');
  await fast.stop();
  const safe = await start({ durable: true });
  assert.equal((await query(safe, 'show fsync'))[0]?.fsync, 'on');
  assert.equal((await query(safe, 'show synchronous_commit'))[0]?.synchronous_commit, 'on');
});

test('only its owner can open the socket, and there is no port', async () => {
  await start();
  const server = await running();
  assert.equal((await stat(server.socketDir)).mode & 0o777, 0o700);
  assert.equal((await stat(dataDir)).mode & 0o777, 0o700);
  const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
  assert.equal(lines[5], '');
});

test('a second process joins the running server, which lives until the last one is done', async () => {
  const database = await start();
  const { pid } = await running();
  const { child, adopted } = await startElsewhere();
  assert.equal(adopted, true);
  await database.stop();
  assert.equal(isAlive(pid), true);
  await end(child);
  assert.equal(isAlive(pid), false);
});

test('one process may start it several times over', async () => {
  const [first, second] = [await start(), await start()];
  assert.deepEqual([first.adopted, second.adopted], [false, true]);
  await first.stop();
  await query(second, 'select 1');
});

test('when the process that started it is killed, the server stays for who joined', async () => {
  const { child } = await startElsewhere();
  const database = await start();
  assert.equal(database.adopted, true);
  const { pid } = await running();
  await end(child, 'SIGKILL');
  await query(database, 'select 1');
  await database.stop();
  assert.equal(isAlive(pid), false);
});

test('when its only process is killed, the server ends within moments and loses nothing', async () => {
  const { child } = await startElsewhere();
  const database = await start();
  await query(database, 'create table survives as select 1 as one');
  const server = await running();
  await database.stop();

  await end(child, 'SIGKILL');
  const began = performance.now();
  await until('the server ends', () => !isAlive(server.pid));
  assert.ok(performance.now() - began < 5_000);
  await until('the socket directory is removed', () =>
    stat(server.socketDir).then(
      () => false,
      () => true,
    ),
  );
  assert.equal((await query(await start(), 'select one from survives')).length, 1);
});

test('processes that start at the same moment on nothing share one server', async () => {
  const dir = join(home, 'crowd', 'postgres');
  const started = await Promise.all([startElsewhere(dir), startElsewhere(dir), startElsewhere(dir)]);
  assert.equal(started.filter(({ adopted }) => !adopted).length, 1);
  const { pid } = await running(dir);
  for (const { child } of started) await end(child);
  assert.equal(isAlive(pid), false);
  assert.deepEqual(await readdir(dirname(dir)), ['postgres']);
});

test('a start right after a stop, again and again, always ends in a server that answers', async () => {
  for (let round = 0; round < 5; round += 1) {
    const first = await start();
    const [, second] = await Promise.all([first.stop(), start()]);
    await query(second, 'select 1');
    await second.stop();
  }
});

test('whoever uses it is told when it ends by itself', async () => {
  const lost = Promise.withResolvers<EmbeddedDatabaseError>();
  const database = await start({ onLost: lost.resolve });
  process.kill((await running()).pid, 'SIGKILL');
  assert.match((await lost.promise).message, /has ended\. See .*homeroom-postgres\.log/);
  await database.stop();
  // And after such an end it starts again.
  await query(await start(), 'select 1');
});

test('a server that was killed is followed by another, however long one of its processes takes to notice', async () => {
  const lost = Promise.withResolvers<EmbeddedDatabaseError>();
  const database = await start({ onLost: lost.resolve });
  const sql = connectAsLogin(database.options);
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const dozing = row?.pid ?? 0;
  process.kill(dozing, 'SIGSTOP');
  const { size } = await stat(join(dataDir, 'homeroom-postgres.log'));
  process.kill((await running()).pid, 'SIGKILL');
  await lost.promise;
  await database.stop();
  const next = start();
  const said = async () => (await readFile(join(dataDir, 'homeroom-postgres.log'), 'utf8')).slice(size);
  await until('it is kept from starting', async () => (await said()).includes('shared memory block'));
  process.kill(dozing, 'SIGCONT');
  await query(await next, 'select 1');
  await sql.end({ timeout: 0 });
});

test('a lost connection alone is no alarm', async () => {
  let alarms = 0;
  const database = await start({ onLost: () => void (alarms += 1) });
  const sql = connectAsLogin({ ...database.options, user: 'postgres', database: 'postgres' });
  const watching = () =>
    sql<{ pid: number }[]>`select pid from pg_stat_activity where application_name = 'homeroom-embedded'`;
  const [before] = await watching();
  await sql`select pg_terminate_backend(${before?.pid ?? 0}, 5000)`;
  await until('it watches again', async () => (await watching()).some(({ pid }) => pid !== before?.pid));
  await sql.end();
  await database.stop();
  assert.equal(alarms, 0);
});

test('data of another PostgreSQL is refused politely and left alone', async () => {
  const dir = join(home, 'older');
  await mkdir(dir);
  await writeFile(join(dir, 'PG_VERSION'), '17\n');
  await assert.rejects(start({ dataDir: dir }), (error) => {
    assert.ok(error instanceof EmbeddedDatabaseError);
    assert.match(error.message, /written by PostgreSQL 17; this Homeroom brings PostgreSQL 18/);
    return true;
  });
  assert.deepEqual(await readdir(dir), ['PG_VERSION']);
});

test('a directory that holds something else is refused and left alone', async () => {
  const dir = join(home, 'photos');
  await mkdir(dir);
  await writeFile(join(dir, 'beach.jpg'), '');
  await assert.rejects(start({ dataDir: dir }), /holds something else/);
  assert.deepEqual(await readdir(dir), ['beach.jpg']);
  assert.ok(!(await readdir(home)).some((name) => name.startsWith('photos.')));
});

test('what a start that was killed left behind is cleared away', async () => {
  const dir = join(home, 'again');
  // No process can have this number.
  await mkdir(`${dir}.new-99999999`);
  await (await start({ dataDir: dir })).stop();
  assert.deepEqual(
    (await readdir(home)).filter((name) => name.startsWith('again')),
    ['again'],
  );
});

test('a stale note of a server that died with the machine does not keep it from starting', async () => {
  const database = await start();
  const note = await readFile(join(dataDir, 'postmaster.pid'), 'utf8');
  await database.stop();
  await writeFile(join(dataDir, 'postmaster.pid'), note.replace(/^\d+/, '99999999'));
  await query(await start(), 'select 1');
});

test('a socket directory that is not ours is not used: its name can be guessed', async () => {
  const dir = join(home, 'squatted');
  const first = await start({ dataDir: dir });
  const { socketDir } = await running(dir);
  await first.stop();
  await rm(socketDir, { recursive: true, force: true });
  await mkdir(socketDir);
  await chmod(socketDir, 0o777);
  try {
    await assert.rejects(start({ dataDir: dir }), /is not the directory Homeroom would make there/);
  } finally {
    await rm(socketDir, { recursive: true });
  }
});

test('a server somebody else runs on the data is not taken over', { skip: !isRoot && 'needs root' }, async () => {
  const dir = join(home, 'foreign');
  await mkdir(dir, { mode: 0o700 });
  await writeFile(join(dir, 'PG_VERSION'), '18\n');
  const script = `
    import { startEmbedded } from ${JSON.stringify(import.meta.resolve('./embedded.ts'))};
    await startEmbedded({ dataDir: ${JSON.stringify(dir)}, log: {} }).catch((error) => process.stdout.write(error.message));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { uid: 65_534, gid: 65_534, cwd: '/' });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  await once(child, 'close');
  assert.match(said, /belongs to another user/);
});

test('root can use it beneath a directory that is closed to others', { skip: !isRoot && 'needs root' }, async () => {
  const closed = join(home, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const dir = join(closed, 'postgres');
  const database = await start({ dataDir: dir });
  const { pid } = await running(dir);
  await query(database, 'create table t (id int)');
  await database.stop();
  assert.equal(isAlive(pid), false);

  // And when the directory is opened, by the user nobody from then on.
  await chmod(closed, 0o755);
  assert.equal((await query(await start({ dataDir: dir }), 'select from t')).length, 0);
});
