import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { freshDatabase } from '../../test/harness/database.ts';
import { DatabaseUnreachable } from './error.ts';
import { migrationsPending } from './migrate.ts';
import { type OpenOptions, openDatabase } from './open.ts';

const dir = await mkdtemp(join(tmpdir(), 'homeroom-open-'));
// As root the embedded server runs as another user, who must be able to enter.
await chmod(dir, 0o755);
after(() => rm(dir, { recursive: true, force: true }));

const options: OpenOptions = {
  url: null,
  appUrl: null,
  workerUrl: null,
  systemUrl: null,
  dataDir: dir,
  log: { info: () => undefined, error: () => undefined },
  onLost: (error) => assert.fail(error),
};

test('four processes that set up an empty server at once all succeed', async () => {
  const databases = await Promise.all(Array.from({ length: 4 }, () => openDatabase(options)));
  await Promise.all(databases.map((database) => database.migrate()));
  for (const database of databases) {
    for (const role of ['app', 'worker', 'system'] as const) {
      assert.equal(await migrationsPending(await database.pool(role, { max: 1 })), 0);
    }
  }
  await Promise.all(databases.map((database) => database.close()));
});

test('a login of its own is used for the role it is given for, and for no other', async () => {
  const { url } = await freshDatabase();
  const appUrl = `${url}${url.includes('?') ? '&' : '?'}options=-cgeqo_threshold%3D7`;
  const database = await openDatabase({ ...options, url, appUrl });
  const seen = async (role: 'app' | 'worker') =>
    (await (await database.pool(role))`show geqo_threshold`)[0]?.geqo_threshold;
  assert.equal(await seen('app'), '7');
  assert.equal(await seen('worker'), '12');
  await database.close();
});

test('an address that leads nowhere is told as such', async () => {
  await assert.rejects(openDatabase({ ...options, url: 'postgres://homeroom@127.0.0.1:1/homeroom' }), (error) => {
    assert.ok(error instanceof DatabaseUnreachable);
    assert.match(error.message, /cannot be reached: .*ECONNREFUSED.* Check DATABASE_URL/);
    return true;
  });
  const { url, name } = await freshDatabase();
  await assert.rejects(openDatabase({ ...options, url: url.replace(name, 'no_such') }), /"no_such" does not exist/);
});
