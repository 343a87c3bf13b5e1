import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { freshDatabase } from '../../test/harness/database.ts';
import { addressOf } from '../../test/harness/server.ts';
import { connect, connectAsLogin } from './client.ts';
import { RolesMissing, UnsafeRole } from './error.ts';
import { bootCheck, ensureRoles } from './roles.ts';

const database = await freshDatabase();
after(() => database.drop());

test('no role of ours is superuser, passes over row-level security or can sign in', async () => {
  const rows = await database.owner`
    select rolname as name from pg_roles
     where rolname like 'homeroom\_%' and rolname in ('homeroom_owner', 'homeroom_app', 'homeroom_worker', 'homeroom_system')
       and not (rolsuper or rolbypassrls or rolcanlogin or rolcreaterole or rolcreatedb)`;
  assert.equal(rows.length, 4);
});

test('setting the roles up again, four times at once, changes nothing and fails nowhere', async () => {
  const login = connectAsLogin(database.target);
  await Promise.all(Array.from({ length: 4 }, () => ensureRoles(login)));
  await login.end();
});

test('the pools pass the check at start', async () => {
  await bootCheck(database.app, 'app');
  await bootCheck(database.worker, 'worker');
  await bootCheck(database.system, 'system');
});

test('an address that brings a role of its own is refused', async () => {
  const sql = connect({
    target: `${addressOf(database.target)}${database.url.includes('?') ? '&' : '?'}role=homeroom_worker`,
    role: 'app',
  });
  await assert.rejects(bootCheck(sql, 'app'), (error) => {
    assert.ok(error instanceof UnsafeRole);
    assert.match(error.message, /run as "homeroom_worker" instead of "homeroom_app"/);
    return true;
  });
  await sql.end();
});

test("a tenant's table without forced row-level security is refused, once a role can reach it", async () => {
  await database.owner`create table leak (tenant_id uuid)`;
  await bootCheck(database.app, 'app');
  await database.owner`grant select on leak to homeroom_app`;
  await assert.rejects(bootCheck(database.app, 'app'), /not forced on leak/);
  await database.owner`alter table leak enable row level security`;
  await assert.rejects(bootCheck(database.app, 'app'), /not forced on leak/);
  await database.owner`alter table leak force row level security`;
  await bootCheck(database.app, 'app');
});

test('staging, which is unlogged, is for the worker alone', async () => {
  await database.owner`create unlogged table heap (tenant_id uuid)`;
  await database.owner`grant insert on heap to homeroom_worker, homeroom_app`;
  await bootCheck(database.worker, 'worker');
  await assert.rejects(bootCheck(database.app, 'app'), /not forced on heap/);
});

test('a login that may not set the roles up is told what an administrator has to run, and that is enough', async () => {
  const name = `stranger_${process.pid}`;
  const admin = connectAsLogin(database.target);
  await admin`create role ${admin(name)} login`;
  const url = new URL(database.url);
  url.username = name;
  const stranger = connectAsLogin(url.href);
  try {
    let told = '';
    await assert.rejects(ensureRoles(stranger), (error) => {
      assert.ok(error instanceof RolesMissing);
      told = error.message;
      return true;
    });
    const statements = told.split('\n').slice(1);
    assert.match(statements.join('\n'), new RegExp(`^ {2}grant homeroom_app to ${name};$`, 'm'));
    for (const statement of statements) await admin.unsafe(statement);
    await ensureRoles(stranger);
    const worker = connect({ target: url.href, role: 'worker', max: 1 });
    await bootCheck(worker, 'worker');
    await worker.end();
  } finally {
    await stranger.end();
    await admin`drop role ${admin(name)}`;
    await admin.end();
  }
});
