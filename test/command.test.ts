import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const homeroom = fileURLToPath(new URL('../bin/homeroom', import.meta.url));
const dir = await mkdtemp(join(tmpdir(), 'homeroom-command-'));
await chmod(dir, 0o755);
after(() => rm(dir, { recursive: true, force: true }));

/** Runs the command with nothing in its environment but what is given. */
async function run(args: string[], env: Record<string, string> = {}, command = homeroom) {
  const child = spawn(command, args, {
    cwd: dir,
    env: { PATH: process.env.PATH ?? '', HOMEROOM_DATA_DIR: dir, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, out, err };
}

test('the command explains itself, also when called through a link', async () => {
  const link = join(dir, 'link');
  await symlink(homeroom, link);
  const { exitCode, out } = await run(['--help'], {}, link);
  assert.equal(exitCode, 0);
  assert.match(out, /^Usage: homeroom/);
  assert.match(out, /^ {2}migrate /m);
});

test('wrong settings are all told, in plain words, before anything starts', async () => {
  const { exitCode, err } = await run(['migrate'], { PORT: 'many', LOG_LEVEL: 'loud' });
  assert.equal(exitCode, 1);
  assert.match(err, /^Homeroom cannot start with these settings:\n {2}- PORT: .*\n {2}- LOG_LEVEL: .*\n$/m);
  assert.doesNotMatch(err, /at .*\.ts:/);
});

test('a database that cannot be reached is told in one sentence', async () => {
  const { exitCode, err } = await run(['migrate'], { DATABASE_URL: 'postgres://homeroom@127.0.0.1:1/homeroom' });
  assert.equal(exitCode, 1);
  assert.match(err, /^The database cannot be reached: .*\n$/);
});

test('migrating starts the embedded database, brings it up to date, and leaves no process behind', async () => {
  const { exitCode, err } = await run(['migrate']);
  assert.equal(exitCode, 0, err);
  assert.match(err, /the database is up to date/);
  assert.ok((await readdir(dir)).includes('postgres'));
  await assert.rejects(readFile(join(dir, 'postgres/postmaster.pid')), { code: 'ENOENT' });
});
