import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freshDatabase } from '../../test/harness/database.ts';
import { migrate, migrationsPending } from './migrate.ts';

const database = await freshDatabase();
after(() => database.drop());

/** Newer than any migration of the product, which the database has already. */
const when = Date.UTC(2100, 0, 1);
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'homeroom-migrations-'));
  await mkdir(join(folder, 'meta'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Writes a folder as drizzle-kit does, with these migrations in it. */
async function write(...migrations: string[]): Promise<void> {
  const entries = migrations.map((_, idx) => ({
    idx,
    version: '7',
    when: when + idx,
    tag: `000${idx}_x`,
    breakpoints: true,
  }));
  await writeFile(join(folder, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries }));
  for (const [idx, text] of migrations.entries()) await writeFile(join(folder, `000${idx}_x.sql`), text);
}

const first = `create type colour as enum ('red');--> statement-breakpoint
create table paint (colour colour not null);--> statement-breakpoint
insert into paint values ('red');`;
const second = "insert into paint values ('red');";

test('a database that has every migration has none pending', async () => {
  assert.equal(await migrationsPending(database.app), 0);
  await migrate(database.owner);
});

test('four processes that migrate at once apply each migration once', async () => {
  await write(first, second);
  assert.equal(await migrationsPending(database.app, { folder }), 2);
  const owners = Array.from({ length: 4 }, () => database.connect('owner', { max: 2 }));
  await Promise.all(owners.map((owner) => migrate(owner, { folder })));
  assert.equal((await database.owner`select from paint`).length, 2);
  for (const role of ['app', 'worker', 'system'] as const) {
    assert.equal(await migrationsPending(database[role], { folder }), 0);
  }
});

test('a migration that fails leaves nothing of itself, and the lock free', async () => {
  await write(first, second, 'create table half (id int);--> statement-breakpoint\nselect 1 / 0;');
  await assert.rejects(migrate(database.owner, { folder }));
  assert.equal(await migrationsPending(database.app, { folder }), 1);
  const [row] = await database.owner`select to_regclass('half') as half`;
  assert.equal(row?.half, null);

  await write(first, second, 'create table whole (id int);');
  await migrate(database.connect('owner', { max: 2 }), { folder });
  assert.equal(await migrationsPending(database.app, { folder }), 0);
});
