/** Single records changed by a person: their edits, their answers, what they keep against a source. */
import type { EntityName, Status, Value, Values } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';
import { canonicalJson, fromJson, type Shape } from './shape.ts';

export interface RecordPlace {
  tenantId: string;
  schoolId: string;
  id: string;
  status: Status;
}

/** Where a record is, locked for the change to come. */
export async function findRecord(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
): Promise<RecordPlace | undefined> {
  const [row] = await tx.unsafe<RecordPlace[]>(
    `select tenant_id as "tenantId", school_id as "schoolId", id, status from ${shape.table} r
     where r.tenant_id = $1 and r.id = $2 for update`,
    [tenantId, id],
  );

  return row;
}

export async function readRecord(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
): Promise<Values | undefined> {
  const [row] = await tx.unsafe<{ values: Values }[]>(
    `select ${canonicalJson(shape, 'r')} as values from ${shape.table} r where r.tenant_id = $1 and r.id = $2`,
    [tenantId, id],
  );

  return row?.values;
}

/** Our ids of what a record refers to, by reference; in the order of their ids where nothing else orders them. */
export async function readRefs(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
): Promise<Record<string, readonly string[]>> {
  const stored = shape.refs.filter((ref) => ref.column !== null);
  const ids = stored.map(({ ref, column, many }) =>
    many ? `'${ref}', to_jsonb(r.${column})` : `'${ref}', to_jsonb(array_remove(array[r.${column}], null))`,
  );
  const [row] = await tx.unsafe<{ refs: Record<string, readonly string[]> }[]>(
    `select jsonb_build_object(${ids.join(', ')}) as refs from ${shape.table} r where r.tenant_id = $1 and r.id = $2`,
    [tenantId, id],
  );

  return row?.refs ?? {};
}

/** Sets fields by name; references are not fields and are left alone. */
export async function writeRecord(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
  values: Values,
  status?: Status,
): Promise<void> {
  const fields = shape.fields.filter((field) => field.field in values);
  const set = fields.map((field) => `${field.column} = ${fromJson(field, '$3::jsonb')}`);
  await tx.unsafe(
    `update ${shape.table} r set ${[...set, 'updated_at = now()', 'status = coalesce($4, status)'].join(', ')}
     where r.tenant_id = $1 and r.id = $2 and $3::jsonb is not null`,
    [tenantId, id, JSON.stringify(values), status ?? null],
  );
}

export async function archiveRecord(tx: TransactionSql, tenantId: string, shape: Shape, id: string): Promise<void> {
  await writeRecord(tx, tenantId, shape, id, {}, 'ARCHIVED');
}

export async function writeOverride(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string; entity: EntityName; recordId: string },
  field: string,
  given: { value: Value; sourceValue: Value; decidedBy: string },
): Promise<void> {
  await tx`
    insert into override (tenant_id, school_id, entity, record_id, field, value, source_value, decided_by)
    values (${place.tenantId}, ${place.schoolId}, ${place.entity}, ${place.recordId}, ${field},
            ${JSON.stringify(given.value)}, ${JSON.stringify(given.sourceValue)}, ${given.decidedBy})
    on conflict (tenant_id, record_id, field) do update
      set value = excluded.value, source_value = excluded.source_value, decided_by = excluded.decided_by`;
}

/** What a source says by now against values that are kept: asked again only when it says something else. */
export async function moveOverrides(
  tx: TransactionSql,
  tenantId: string,
  moved: readonly { recordId: string; field: string; sourceValue: unknown }[],
): Promise<void> {
  if (moved.length === 0) return;
  await tx`
    update override o set source_value = nullif(m."sourceValue", 'null')
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m("recordId" uuid, field text, "sourceValue" jsonb)
    where o.tenant_id = ${tenantId} and o.record_id = m."recordId" and o.field = m.field`;
}

/** After a source's values were written here: nothing is kept against them any more. */
export async function dropWrittenOverrides(
  tx: TransactionSql,
  tenantId: string,
  written: readonly { recordId: string; fields: readonly string[] }[],
): Promise<void> {
  if (written.length === 0) return;
  await tx`
    delete from override o
    using jsonb_to_recordset(${JSON.stringify(written)}::jsonb) as w("recordId" uuid, fields jsonb)
    where o.tenant_id = ${tenantId} and o.record_id = w."recordId" and w.fields ? o.field`;
}

/** The source is believed again for these fields. */
export async function dropOverrides(
  tx: TransactionSql,
  place: { tenantId: string; recordId: string },
  fields: readonly string[],
): Promise<void> {
  await tx`
    delete from override where tenant_id = ${place.tenantId} and record_id = ${place.recordId}
      and field = any (${fields as string[]}::text[])`;
}

/** The guardian link there already is, active or archived. */
export async function findGuardianLink(
  tx: TransactionSql,
  given: { tenantId: string; studentId: string; guardianId: string },
): Promise<{ id: string; status: Status; sourcedId: string | null } | undefined> {
  const [row] = await tx<{ id: string; status: Status; sourcedId: string | null }[]>`
    select id, status, sourced_id as "sourcedId" from guardian_link
    where tenant_id = ${given.tenantId} and student_id = ${given.studentId} and guardian_id = ${given.guardianId}
    order by status = 'ACTIVE' desc, sourced_id is null desc, id limit 1`;

  return row;
}

/** The membership there already is, active or archived. */
export async function findEnrollment(
  tx: TransactionSql,
  given: { tenantId: string; classId: string; personId: string; role: string },
): Promise<{ id: string; status: Status; sourcedId: string | null } | undefined> {
  const [row] = await tx<{ id: string; status: Status; sourcedId: string | null }[]>`
    select id, status, sourced_id as "sourcedId" from enrollment
    where tenant_id = ${given.tenantId} and class_id = ${given.classId} and person_id = ${given.personId} and role = ${given.role}
    order by status = 'ACTIVE' desc, id limit 1`;

  return row;
}
