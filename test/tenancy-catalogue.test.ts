/**
 * Tenancy as PostgreSQL's own catalogue tells it: each table is asked, so one that a later migration adds without its
 * policy fails here, and not at a customer's.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Sql } from '../src/db/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';

/** Runs' staging has no tenant column: COPY refuses row-level security, so the worker alone may touch it. */
const stagingTables = ['sought', 'staging', 'unlinked'];

/** A presented key, and the random address a webhook rings at, are looked up before their tenant is known. */
const uniqueAcrossTenants = ['api_key_lookup', 'integration_webhook_endpoint'];

/** Functions that run with their owner's rights: reviewed, with no input but a name of a list of theirs, and granted to one role. */
const ownersFunctions = ['homeroom_analyze(text)'];

let database: TestDatabase;
before(async () => {
  database = await freshDatabase();
});
after(() => database.drop());

/** Everything about tables that would let one tenant's rows meet another's, a sentence each. */
async function problems(sql: Sql): Promise<string[]> {
  return [
    ...(await unguardedTables(sql)),
    ...(await loosePolicies(sql)),
    ...(await looseReferences(sql)),
    ...(await sharedIndexes(sql)),
    ...(await ownersRights(sql)),
  ];
}

async function unguardedTables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    with tables as (
      select c.oid, c.relname as name, c.relkind, c.relrowsecurity and c.relforcerowsecurity as forced,
             c.relname = 'tenant' or exists (select from pg_attribute a
               where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull and not a.attisdropped) as owned
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    )
    select name || ' has no tenant_id that is not null' as problem from tables
     where not owned and name <> all (${stagingTables})
    union all select name || ' shows rows past the policies of its tables' from tables where relkind not in ('r', 'p')
    union all select name || ' does not force row-level security' from tables where owned and not forced
    union all
    select name || ' has no policy that binds everybody to a tenant, reading and writing' from tables t
     where owned and not exists (select from pg_policy p where p.polrelid = t.oid and p.polroles = '{0}' and p.polcmd = '*'
       and pg_get_expr(p.polqual, p.polrelid) ~ 'homeroom_tenant' and pg_get_expr(p.polwithcheck, p.polrelid) ~ 'homeroom_tenant')
    order by 1`;

  return rows.map((row) => row.problem);
}

/** Policies add up, so any other one must be for the system role alone. */
async function loosePolicies(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    select format('policy %s on %s lets other roles than system past the tenant', p.polname, p.polrelid::regclass) as problem
      from pg_policy p join pg_class c on c.oid = p.polrelid and c.relnamespace = 'public'::regnamespace
     where p.polpermissive and p.polroles <> array['homeroom_system'::regrole::oid]
       and not (coalesce(pg_get_expr(p.polqual, p.polrelid), '') ~ 'homeroom_tenant'
         and coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') ~ 'homeroom_tenant')
     order by 1`;

  return rows.map((row) => row.problem);
}

/** A reference without the tenant in it could point into another tenant. */
async function looseReferences(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    with pairs as (
      select k.oid, k.conname, k.conrelid, k.confrelid,
             bool_or(a.attname = 'tenant_id' and b.attname = case when k.confrelid = 'tenant'::regclass then 'id' else 'tenant_id' end) as carried
        from pg_constraint k
       cross join unnest(k.conkey, k.confkey) as pair(own, other)
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.own
        join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.other
       where k.contype = 'f' and k.connamespace = 'public'::regnamespace
       group by k.oid
    )
    select format('%s of %s refers to %s without the tenant', conname, conrelid::regclass, confrelid::regclass) as problem
      from pairs where not carried order by 1`;

  return rows.map((row) => row.problem);
}

/** A unique index over several tenants tells one of them that another has the same value. */
async function sharedIndexes(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    select format('unique index %s does not begin with the tenant', i.indexrelid::regclass) as problem
      from pg_index i
      join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
      join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id'
     where i.indisunique and i.indkey[0] <> t.attnum and i.indexrelid::regclass::text <> all (${uniqueAcrossTenants})
     order by 1`;

  return rows.map((row) => row.problem);
}

/** A function with its owner's rights sees what its caller may not. */
async function ownersRights(sql: Sql): Promise<string[]> {
  const rows = await sql<{ problem: string }[]>`
    select format('function %s runs with the rights of its owner', p.proname) as problem
      from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prosecdef
       and (p.oid::regprocedure::text <> all (${ownersFunctions}) or has_function_privilege('homeroom_app', p.oid, 'execute'))
     order by 1`;

  return rows.map((row) => row.problem);
}

describe('every table of the migrated database', () => {
  it('keeps tenants apart: policies forced, references and unique indexes carry the tenant', async () => {
    assert.deepEqual(await problems(database.owner), []);
  });

  it('is asked: the roster, the runs and the keys are among them', async () => {
    const rows = await database.owner<{ name: string }[]>`
      select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' and relforcerowsecurity`;
    const names = rows.map((row) => row.name);
    for (const name of [
      'tenant',
      'school',
      'person',
      'link',
      'sync_log',
      'sync_conflict',
      'activity',
      'api_key',
      'member',
    ])
      assert.ok(names.includes(name), name);
  });
});

describe('the roles requests and runs work as', () => {
  it('are bound by row-level security, own nothing and may become nobody else', async () => {
    const rows = await database.owner<{ problem: string }[]>`
      with runtime as (select * from pg_roles where rolname in ('homeroom_app', 'homeroom_worker', 'homeroom_system'))
      select rolname || ' passes over row-level security' as problem from runtime where rolsuper or rolbypassrls
      union all
      select rolname || ' owns ' || c.relname from runtime join pg_class c on c.relowner = runtime.oid
      union all
      select r.rolname || ' may act as ' || o.rolname from runtime r join pg_roles o
        on o.oid <> r.oid and o.rolname !~ '^pg_' and pg_has_role(r.oid, o.oid, 'member')`;
    assert.deepEqual(
      rows.map((row) => row.problem),
      [],
    );
  });

  it('leave staging to the worker', async () => {
    const rows = await database.owner<{ reach: string }[]>`
      select r.rolname || ' ' || c.relname as reach
        from pg_roles r cross join pg_class c
       where r.rolname in ('homeroom_app', 'homeroom_worker', 'homeroom_system')
         and c.relnamespace = 'public'::regnamespace and c.relname = any (${stagingTables})
         and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')
       order by 1`;
    assert.deepEqual(
      rows.map((row) => row.reach),
      stagingTables.map((table) => `homeroom_worker ${table}`),
    );
  });

  it('span tenants only as system, and there only to find a key, to follow activity, to see which runs are due and to forget', async () => {
    const rows = await database.owner<{ granted: string }[]>`
      select distinct c.relname || ' ' || lower(g.privilege_type) as granted
        from pg_class c
        join information_schema.column_privileges g on g.table_schema = 'public' and g.table_name = c.relname
       where c.relnamespace = 'public'::regnamespace and g.grantee = 'homeroom_system'
      union
      select table_name || ' ' || lower(privilege_type) from information_schema.table_privileges
       where table_schema = 'public' and grantee in ('homeroom_system', 'PUBLIC')
       order by 1`;
    assert.deepEqual(
      rows.map((row) => row.granted),
      [
        'activity delete',
        'activity select',
        'api_key select',
        'api_key update',
        'integration select',
        'mutation_outcome delete',
        'mutation_outcome select',
        'sync_run select',
      ],
    );
    const columns = await database.owner<{ name: string }[]>`
      select table_name || '.' || column_name as name from information_schema.column_privileges
       where table_schema = 'public' and grantee = 'homeroom_system'
         and (table_name in ('integration', 'sync_run') or (table_name = 'api_key' and privilege_type = 'UPDATE')) order by 1`;
    assert.deepEqual(
      columns.map((column) => column.name),
      [
        'api_key.last_used_at',
        ...[
          'grace_until',
          'id',
          'next_sync_at',
          'provider',
          'school_id',
          'status',
          'tenant_id',
          'webhook_endpoint',
        ].map((name) => `integration.${name}`),
        ...[
          'due_at',
          'heartbeat_at',
          'id',
          'integration_id',
          'lane',
          'plan_expires_at',
          'status',
          'tenant_id',
          'worker',
        ].map((name) => `sync_run.${name}`),
      ],
    );
  });
});

describe('a table that a migration adds', () => {
  const cases: [title: string, change: string, told: RegExp[]][] = [
    ['without a tenant', 'create table badge (id uuid primary key)', [/^badge has no tenant_id that is not null$/]],
    [
      'without a policy',
      'create table badge (tenant_id uuid not null)',
      [/^badge does not force row-level security$/, /^badge has no policy that binds everybody/],
    ],
    [
      'with a policy its owner passes over',
      `create table badge (tenant_id uuid not null); alter table badge enable row level security;
       create policy tenant on badge using (tenant_id = homeroom_tenant()) with check (tenant_id = homeroom_tenant())`,
      [/^badge does not force row-level security$/],
    ],
    [
      'with a policy for reading only',
      `create table badge (tenant_id uuid not null); alter table badge enable row level security, force row level security;
       create policy tenant on badge for select using (tenant_id = homeroom_tenant())`,
      [/^badge has no policy that binds everybody/, /^policy tenant on badge lets other roles/],
    ],
    [
      'with a second policy that lets everybody in',
      `create table badge (tenant_id uuid not null); alter table badge enable row level security, force row level security;
       create policy tenant on badge using (tenant_id = homeroom_tenant()) with check (tenant_id = homeroom_tenant());
       create policy worker on badge to homeroom_worker using (true)`,
      [/^policy worker on badge lets other roles/],
    ],
    [
      'with a reference that leaves the tenant out',
      'alter table person add unique (id); create table badge (person_id uuid references person (id))',
      [
        /^badge has no tenant_id/,
        /^badge_person_id_fkey of badge refers to person without the tenant$/,
        /^unique index person_id_key/,
      ],
    ],
    [
      'beside a function that looks past its policy',
      `create table badge (tenant_id uuid not null); alter table badge enable row level security, force row level security;
       create policy tenant on badge using (tenant_id = homeroom_tenant()) with check (tenant_id = homeroom_tenant());
       create function badges() returns setof badge language sql security definer as 'select * from badge'`,
      [/^function badges runs with the rights of its owner$/],
    ],
    [
      'as a view',
      'create view badge as select tenant_id, email from person',
      [/^badge has no tenant_id/, /^badge shows rows past/],
    ],
  ];

  for (const [title, change, told] of cases) {
    it(`is refused ${title}`, async () => {
      await database.owner
        .begin(async (tx) => {
          await tx.unsafe(change);
          const found = await problems(tx as unknown as Sql);
          assert.equal(found.length, told.length, found.join('\n'));
          for (const [index, sentence] of told.entries()) assert.match(found[index] ?? '', sentence);
          throw new Undone();
        })
        .catch((error: unknown) => {
          if (!(error instanceof Undone)) throw error;
        });
    });
  }
});

/** Rolls the change back. */
class Undone extends Error {}
