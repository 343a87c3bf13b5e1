/** How far a stream has been read for good. */
import type { TransactionSql } from '../../client.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  integrationId: string;
}

export interface Checkpoint {
  cursor: string | null;
  readWholeAt: Date | null;
}

export async function readCheckpoint(
  tx: TransactionSql,
  place: Pick<Place, 'tenantId' | 'integrationId'>,
  stream: string,
): Promise<Checkpoint | undefined> {
  const [row] = await tx<Checkpoint[]>`
    select cursor, read_whole_at as "readWholeAt" from checkpoint
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and stream = ${stream}`;

  return row;
}

/** Streams that have been read far enough to ask only for what has changed since. */
export async function streamsWithCursor(
  tx: TransactionSql,
  place: Pick<Place, 'tenantId' | 'integrationId'>,
): Promise<ReadonlySet<string>> {
  const rows = await tx<{ stream: string }[]>`
    select stream from checkpoint
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and cursor is not null`;

  return new Set(rows.map(({ stream }) => stream));
}

/**
 * `readWholeAt` null keeps what is there: a delta moves the cursor only. A stream that was to be compared afresh stays so unless
 * this run has done that (`afresh`).
 */
export async function writeCheckpoint(
  tx: TransactionSql,
  place: Place,
  stream: string,
  checkpoint: Checkpoint & { afresh: boolean },
): Promise<void> {
  await tx`
    insert into checkpoint as c (tenant_id, school_id, integration_id, stream, cursor, read_whole_at)
    values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${stream}, ${checkpoint.cursor}, ${checkpoint.readWholeAt})
    on conflict (tenant_id, integration_id, stream) do update
      set cursor = coalesce(excluded.cursor, c.cursor),
          read_whole_at = case when c.read_whole_at is null and not ${checkpoint.afresh} then null
                               else coalesce(excluded.read_whole_at, c.read_whole_at) end`;
}

/**
 * The next run of these integrations reads everything and compares what another source has too, whether or not it came as
 * before: who owns its fields has changed.
 */
export async function compareAfresh(
  tx: TransactionSql,
  tenantId: string,
  integrationIds: readonly string[],
): Promise<void> {
  if (integrationIds.length === 0) return;
  const ids = integrationIds as string[];
  await tx`
    update checkpoint set read_whole_at = null
    where tenant_id = ${tenantId} and integration_id = any (${ids}::uuid[]) and read_whole_at is not null`;
  await tx`delete from known_page where tenant_id = ${tenantId} and integration_id = any (${ids}::uuid[])`;
}
