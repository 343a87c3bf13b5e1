/** Settings of one transaction that steer how PostgreSQL goes about a statement. */
import type { TransactionSql } from '../../client.ts';

/**
 * Staging has no statistics when it is joined, and the planner then believes it tiny and looks up a million rows one
 * by one. Told not to, it joins by hash or merge: measured three times faster from some thousands of rows on.
 */
export async function preferBulkJoins(tx: TransactionSql): Promise<void> {
  await tx`set local enable_nestloop = off`;
}

/** Of the tables that a plan joins; those that are emptied and filled by each run, and never settle, come first. */
const planned = ['link', 'org', 'term', 'course', 'class', 'person', 'enrollment', 'guardian_link', 'group', 'meeting'];
export const analyzed: readonly string[] = ['staging', 'sync_log', ...planned];

/**
 * Has one of the `analyzed` tables looked at; one that somebody else is at is left to them. It writes what it finds, so live events
 * wait for it: 900 rows tell large from small as well as the usual 30,000, in a twentieth of the processor time. Give each table
 * a transaction of its own. PostgreSQL itself looks closer later.
 */
export async function refreshStatistics(tx: TransactionSql, table: string): Promise<void> {
  await tx`set local default_statistics_target = 3`;
  await tx`select homeroom_analyze(${table})`;
}

/**
 * Whether a table has changed so much since it was last looked at that autovacuum would look again within the minute: a plan
 * made before that takes every stream of links for one row, and walks through all of them for each record.
 */
export async function hasOldStatistics(tx: TransactionSql): Promise<boolean> {
  const rows = await tx`
    select 1 from pg_stat_user_tables
    where schemaname = 'public' and relname = any (${planned}::text[]) and n_mod_since_analyze > 100 + n_live_tup / 5`;

  return rows.length > 0;
}

/**
 * A transaction that reads while others write what it found may rest for minutes between two reads, and PostgreSQL counts a
 * cursor that is read for that long as one statement. It has written nothing, so it holds no live event back.
 */
export async function restAtEase(tx: TransactionSql): Promise<void> {
  await tx`set local idle_in_transaction_session_timeout = '10min'`;
  await tx`set local statement_timeout = 0`;
}
