/** Handing an export over: what it is now, whether its asker may still have it, and how far a transfer has come. */
import type { EntityName } from '../../model/entities.ts';
import type { Role } from '../../model/roles.ts';
import type { TransactionSql } from '../client.ts';
import { type ExportRow, exportColumns } from './export.ts';

export interface ExportStanding extends ExportRow {
  /** The number of the newest transfer. */
  transfer: number;
  /** What the key that asked opens now; null for a person's, and for one that is revoked or expired. */
  keyScopes: readonly string[] | null;
  /** What the person who asked is now; null for a key's, and for one who was removed. */
  memberRole: Role | null;
  /** The schools of either; null: every school. */
  schoolIds: readonly string[] | null;
}

export async function exportStanding(db: TransactionSql, id: string, now: Date): Promise<ExportStanding | undefined> {
  const [row] = await db<ExportStanding[]>`
    select ${db.unsafe(exportColumns)}, e.transfer, k.scopes as "keyScopes", m.role as "memberRole",
      coalesce(k.school_ids, m.school_ids) as "schoolIds"
    from export e
    left join api_key k on e.asker_kind = 'API_KEY' and k.id = e.asked_by and k.revoked_at is null
      and k.expires_at > ${now}
    left join member m on e.asker_kind = 'USER' and m.id = e.asked_by
    where e.id = ${id}`;

  return row;
}

/** Begins a transfer; answers its number, or undefined when the export has ended. Any other one that is under way ends. */
export async function beginTransfer(
  tx: TransactionSql,
  id: string,
  { at, total, completed }: { readonly at: Date; readonly total: number; readonly completed: number },
): Promise<number | undefined> {
  const [row] = await tx<{ transfer: number }[]>`
    update export set transfer = transfer + 1, status = case status when 'PENDING' then 'RUNNING' else status end,
      started_at = coalesce(started_at, ${at}), total = coalesce(total, ${total}), completed = ${completed}
    where id = ${id} and status in ('PENDING', 'RUNNING', 'COMPLETED') and expires_at > ${at}
    returning transfer`;

  return row?.transfer;
}

/** Names one transfer: what an older one says is not written. */
export interface Transfer {
  readonly id: string;
  readonly number: number;
}

export async function noteProgress(tx: TransactionSql, { id, number }: Transfer, completed: number): Promise<void> {
  await tx`update export set completed = ${completed} where id = ${id} and transfer = ${number}`;
}

/** A kind of records has been told to its end. False when the transfer is not the newest any more. */
export async function noteKindTold(
  tx: TransactionSql,
  { id, number }: Transfer,
  { entity, count, completed }: { readonly entity: EntityName; readonly count: number; readonly completed: number },
): Promise<boolean> {
  const result = await tx`
    update export set completed = ${completed}, counts = counts || ${JSON.stringify({ [entity]: count })}::jsonb
    where id = ${id} and transfer = ${number}`;

  return result.count > 0;
}

/** Everything was handed over. False when somebody ended the export, or another transfer began, in the meantime. */
export async function completeExport(tx: TransactionSql, { id, number }: Transfer, at: Date): Promise<boolean> {
  const { count } = await tx`
    update export set status = 'COMPLETED', finished_at = coalesce(finished_at, ${at})
    where id = ${id} and transfer = ${number} and status in ('RUNNING', 'COMPLETED')`;

  return count > 0;
}
