/** Writing down what people do to records, in the transaction in which they do it: the human half of a timeline. */
import type { TransactionSql } from '../db/client.ts';
import type { ConflictRow } from '../db/queries/engine/conflict.ts';
import { insertRecordEdit } from '../db/queries/timeline.ts';
import type { EntityName, Value, Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictField, Resolution } from '../model/sync.ts';

interface Act {
  by: string;
  now: Date;
}

interface Edit {
  tenantId: string;
  schoolId: string;
  entity: EntityName;
  recordId: string;
  before: Values | null;
  after: Values | null;
}

/** An edit in Homeroom; `verb`: what was done to the entity. */
export function noteEdit(tx: TransactionSql, { by, now }: Act, verb: string, edit: Edit): Promise<void> {
  const action = `${edit.entity}.${verb}`;
  const reason = `${by} did this in Homeroom.`;

  return insertRecordEdit(tx, { ...edit, id: newId(), action, integrationId: null, reason, actor: by, at: now });
}

const reasons: Record<Resolution, string> = {
  ACCEPT_EXTERNAL: 'answered a conflict: what is there holds.',
  PUSH_LOCAL: 'answered a conflict: what is here holds.',
  IGNORE: 'answered a conflict: both are left as they are.',
};

/** An answer to a conflict, about the fields it was given for. */
export function noteAnswer(
  tx: TransactionSql,
  { by, now, resolution }: Act & { resolution: Resolution },
  conflict: ConflictRow,
  chosen: readonly ConflictField[],
): Promise<void> {
  const { tenantId, schoolId, entity, recordId, integrationId } = conflict;
  const side = (name: 'localValue' | 'externalValue') =>
    Object.fromEntries(chosen.map((field) => [field.name, field[name] as Value]));
  const here = side('localValue');
  const there = side('externalValue');
  const [before, after] =
    resolution === 'PUSH_LOCAL' ? [there, here] : resolution === 'ACCEPT_EXTERNAL' ? [here, there] : [null, null];
  const action = `conflict.${resolution.toLowerCase()}`;
  const told = { tenantId, schoolId, entity, recordId, integrationId, before, after };

  return insertRecordEdit(tx, {
    ...told,
    id: newId(),
    action,
    reason: `${by} ${reasons[resolution]}`,
    actor: by,
    at: now,
  });
}
