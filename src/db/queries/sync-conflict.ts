import type { EntityName } from '../../model/entities.ts';
import type { ConflictCandidate, ConflictField, ConflictKind, ConflictStatus, Resolution } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';
import type { CountOf, Keyset } from './keyset.ts';
import { type Span, within } from './span.ts';

export interface SyncConflictRow {
  id: string;
  schoolId: string;
  integrationId: string;
  version: number;
  kind: ConflictKind;
  status: ConflictStatus;
  entity: EntityName;
  recordId: string;
  key: string | null;
  name: string | null;
  fields: readonly ConflictField[];
  candidates: readonly ConflictCandidate[];
  resolution: Resolution | null;
  resolvedBy: string | null;
  runId: string | null;
  detectedAt: Date;
  resolvedAt: Date | null;
}

const columns = `c.id, c.school_id as "schoolId", c.integration_id as "integrationId", c.version, c.kind, c.status,
  c.entity, c.record_id as "recordId", c.key, c.name, c.fields, c.candidates, c.resolution, c.resolved_by as "resolvedBy",
  c.run_id as "runId", c.detected_at as "detectedAt", c.resolved_at as "resolvedAt"`;

export interface SyncConflictFilter {
  readonly status?: readonly ConflictStatus[] | undefined;
  readonly kind?: readonly ConflictKind[] | undefined;
  readonly integrationIds?: readonly string[] | undefined;
  readonly entities?: readonly EntityName[] | undefined;
  readonly recordIds?: readonly string[] | undefined;
  readonly detected?: Span | undefined;
}

export async function syncConflictsByIds(db: TransactionSql, ids: readonly string[]): Promise<SyncConflictRow[]> {
  return db<SyncConflictRow[]>`select ${db.unsafe(columns)} from sync_conflict c where c.id = any (${ids}::uuid[])`;
}

/**
 * The same page of each school's conflicts, in one statement. Relies on `sync_conflict_listed`, or with a status on
 * `sync_conflict_school`, once per school.
 */
export async function syncConflictsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
  { after, limit, descending }: Keyset,
  filter: SyncConflictFilter,
): Promise<SyncConflictRow[]> {
  return db<SyncConflictRow[]>`
    select c.* from unnest(${schoolIds}::uuid[]) with ordinality as parent (id, place)
    cross join lateral (
      select ${db.unsafe(columns)} from sync_conflict c
      where c.school_id = parent.id ${matching(db, filter)}
        ${after === null ? db`` : descending ? db`and c.id < ${after}` : db`and c.id > ${after}`}
      order by c.id ${descending ? db`desc` : db`asc`} limit ${limit}
    ) c
    order by parent.place, c.id ${descending ? db`desc` : db`asc`}`;
}

export async function countSyncConflictsOfSchools(
  db: TransactionSql,
  schoolIds: readonly string[],
  filter: SyncConflictFilter,
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select c.school_id as "parentId", count(*)::int as count from sync_conflict c
    where c.school_id = any (${schoolIds}::uuid[]) ${matching(db, filter)} group by 1`;
}

/** Integrations without open conflicts are left out. Relies on `sync_conflict_unresolved`. */
export async function countOpenConflictsOfIntegrations(
  db: TransactionSql,
  integrationIds: readonly string[],
): Promise<CountOf[]> {
  return db<CountOf[]>`
    select integration_id as "parentId", count(*)::int as count from sync_conflict
    where integration_id = any (${integrationIds}::uuid[]) and status = 'OPEN' group by 1`;
}

function matching(db: TransactionSql, filter: SyncConflictFilter) {
  const { status, kind, integrationIds, entities, recordIds, detected } = filter;

  return db`
    ${status === undefined ? db`` : db`and c.status = any (${status}::text[])`}
    ${kind === undefined ? db`` : db`and c.kind = any (${kind}::text[])`}
    ${integrationIds === undefined ? db`` : db`and c.integration_id = any (${integrationIds}::uuid[])`}
    ${entities === undefined ? db`` : db`and c.entity = any (${entities}::text[])`}
    ${recordIds === undefined ? db`` : db`and c.record_id = any (${recordIds}::uuid[])`}
    ${within(db, 'c.detected_at', detected)}`;
}
