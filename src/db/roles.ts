/**
 * The four roles Homeroom works as. Roles belong to the whole database server, not to one database, so they are made
 * here, idempotently, and not by a migration: a second database on the same server would find them already there.
 *
 * None of them can sign in, none is superuser and none passes over row-level security. The login in DATABASE_URL is a
 * member of all four, and each pool starts its sessions as one of them (see `connect`).
 */
import type { Sql } from 'postgres';
import { RolesMissing, UnsafeRole } from './error.ts';

export type Role = 'owner' | 'app' | 'worker' | 'system';

/** owner: migrations. app: requests. worker: runs. system: what precedes or spans tenants, with narrow grants. */
export const roleNames = {
  owner: 'homeroom_owner',
  app: 'homeroom_app',
  worker: 'homeroom_worker',
  system: 'homeroom_system',
} as const satisfies Record<Role, string>;

/**
 * Makes what is missing of the roles, of the login's membership in them and of the owner's right to make tables here.
 * `login` is a connection as DATABASE_URL says, without a role. Any number of processes may do this at once.
 *
 * @throws RolesMissing with the statements to run, when the login lacks the right to.
 */
export async function ensureRoles(login: Sql): Promise<void> {
  if ((await missing(login)).length === 0) return;

  await login.begin(async (tx) => {
    // Names are the server's, so is the lock: two databases may be set up at once.
    await tx`select pg_advisory_xact_lock(hashtextextended('homeroom.roles', 0))`;
    const statements = await missing(tx);
    try {
      for (const statement of statements) await tx.unsafe(statement);
    } catch (error) {
      const [row] = await login<{ login: string }[]>`select session_user as login`;
      throw new RolesMissing(row?.login ?? '?', statements, error);
    }
  });
}

/** The statements that would bring the server to the wanted state; none when it is there. */
async function missing(sql: Pick<Sql, 'unsafe'>): Promise<string[]> {
  const names = Object.values(roleNames);
  // `unsafe` without parameters so that a pool and a transaction are served alike; the names are constants above.
  const rows = await sql.unsafe<{ statement: string }[]>(`
    with wanted (name, position) as (
      select * from unnest(array['${names.join("','")}']) with ordinality
    )
    select format('create role %I nologin nosuperuser nobypassrls', name) as statement, 1 as step, position
      from wanted where not exists (select from pg_roles where rolname = name)
    union all
    select format('grant %I to %I', name, session_user), 2, position
      from wanted
     where not coalesce((select pg_has_role(session_user, oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end)
                           from pg_roles where rolname = name), false)
       and not (select rolsuper from pg_roles where rolname = session_user)
    union all
    select format('grant create on database %I to ${roleNames.owner}', current_database()), 3, 0
     where not coalesce((select has_database_privilege(oid, current_database(), 'create')
                           from pg_roles where rolname = '${roleNames.owner}'), false)
    union all
    select 'grant create, usage on schema public to ${roleNames.owner}', 4, 0
     where not coalesce((select has_schema_privilege(oid, 'public', 'create')
                           from pg_roles where rolname = '${roleNames.owner}'), false)
    order by step, position`);
  return rows.map((row) => row.statement);
}

/**
 * Refuses a pool that is not who it should be: another role than asked for (an address whose query string sets one),
 * a superuser, one that passes over row-level security, or a tenant's table without forced row-level security in reach.
 *
 * @throws UnsafeRole, saying which and what to do.
 */
export async function bootCheck(sql: Sql, role: Role): Promise<void> {
  const [self] = await sql<{ name: string; above: boolean }[]>`
    select rolname as name, rolsuper or rolbypassrls as above from pg_roles where rolname = current_user`;
  if (self?.above !== false) {
    throw new UnsafeRole(
      `The ${role} connections run as "${self?.name ?? '?'}", which row-level security does not bind. ` +
        `Take SUPERUSER and BYPASSRLS from it (alter role … nosuperuser nobypassrls), or use another login.`,
    );
  }
  if (self.name !== roleNames[role]) {
    throw new UnsafeRole(
      `The ${role} connections run as "${self.name}" instead of "${roleNames[role]}". ` +
        `Remove "role" and "options" from the database address.`,
    );
  }
  const open = await openTables(sql);
  if (open.length > 0) {
    throw new UnsafeRole(
      `Row-level security is not forced on ${open.join(', ')}, which "${self.name}" can reach. Run "homeroom migrate".`,
    );
  }
}

/**
 * Tables with a tenant's rows that this role can reach and that no policy guards. Unlogged tables are the runs'
 * staging: COPY refuses row-level security, so there the worker, and nobody else, is let in without.
 */
async function openTables(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
     where c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
       and not (c.relpersistence = 'u' and current_user = ${roleNames.worker})
       and c.relpersistence <> 't'
       and has_schema_privilege(c.relnamespace, 'usage')
       and has_table_privilege(c.oid, 'select, insert, update, delete')
     order by 1`;
  return rows.map((row) => row.name);
}
