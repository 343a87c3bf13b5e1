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

/** `readWholeAt` null keeps what is there: a delta moves the cursor only. */
export async function writeCheckpoint(
  tx: TransactionSql,
  place: Place,
  stream: string,
  checkpoint: Checkpoint,
): Promise<void> {
  await tx`
    insert into checkpoint as c (tenant_id, school_id, integration_id, stream, cursor, read_whole_at)
    values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${stream}, ${checkpoint.cursor}, ${checkpoint.readWholeAt})
    on conflict (tenant_id, integration_id, stream) do update
      set cursor = coalesce(excluded.cursor, c.cursor), read_whole_at = coalesce(excluded.read_whole_at, c.read_whole_at)`;
}
