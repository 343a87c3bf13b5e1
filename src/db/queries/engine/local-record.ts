/** Records people make in Homeroom, and what must be known before they change one. */
import type { EntityName, Values } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';
import { fromJson, type RefColumn, type Shape } from './shape.ts';

/** Our ids of what a record refers to, by reference; an empty list where it refers to nothing. */
export type References = Readonly<Record<string, readonly string[]>>;

/** @param values every field that may not be empty is among them. */
export async function insertRecord(
  tx: TransactionSql,
  shape: Shape,
  place: { tenantId: string; schoolId: string; id: string },
  values: Values,
  references: References,
): Promise<void> {
  const refs = stored(shape);
  const columns = [...shape.fields.map(({ column }) => column), ...refs.map(({ column }) => column)];
  const given = [
    ...shape.fields.map((field) => fromJson(field, '$4::jsonb')),
    ...refs.map((ref) => idsOf(ref, '$5::jsonb')),
  ];
  await tx.unsafe(
    `insert into ${shape.table} (tenant_id, school_id, id, ${columns.join(', ')})
     select $1, $2, $3, ${given.join(', ')} where $5::jsonb is not null`,
    [place.tenantId, place.schoolId, place.id, JSON.stringify(values), JSON.stringify(references)],
  );
}

/** Sets the references that are named; the others are left alone. */
export async function writeReferences(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
  references: References,
): Promise<void> {
  const set = stored(shape)
    .filter(({ ref }) => ref in references)
    .map((ref) => `${ref.column} = ${idsOf(ref, '$3::jsonb')}`);
  if (set.length === 0) return;
  await tx.unsafe(
    `update ${shape.table} r set ${[...set, 'updated_at = now()'].join(', ')} where r.tenant_id = $1 and r.id = $2`,
    [tenantId, id, JSON.stringify(references)],
  );
}

const stored = (shape: Shape) => shape.refs.filter((ref) => ref.column !== null);

function idsOf({ ref, many }: RefColumn, json: string): string {
  const ids = `jsonb_array_elements_text(coalesce(${json}->'${ref}', '[]')) with ordinality i(id, place)`;

  return many
    ? `array(select i.id::uuid from ${ids} order by i.place)`
    : `(select i.id::uuid from ${ids} order by i.place limit 1)`;
}

/** How many of these records are the school's and in use. */
export async function countInUse(
  tx: TransactionSql,
  { tenantId, schoolId }: { tenantId: string; schoolId: string },
  shape: Shape,
  ids: readonly string[],
): Promise<number> {
  const [row] = await tx.unsafe<{ count: number }[]>(
    `select count(*)::int as count from ${shape.table} r
     where r.tenant_id = $1 and r.school_id = $2 and r.id = any ($3::uuid[]) and r.status = 'ACTIVE'`,
    [tenantId, schoolId, ids as string[]],
  );

  return row?.count ?? 0;
}

/** This term and those it is part of, however far; also where they go in a circle. */
export async function termsAbove(tx: TransactionSql, tenantId: string, id: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with recursive above as (
      select id, parent_id from term where tenant_id = ${tenantId} and id = ${id}
      union
      select t.id, t.parent_id from term t join above a on t.id = a.parent_id where t.tenant_id = ${tenantId}
    )
    select id from above`;

  return rows.map((row) => row.id);
}

/** A person's memberships that are in use, locked for the change to come. Relies on `enrollment_person`. */
export async function membershipsOf(tx: TransactionSql, tenantId: string, personId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from enrollment
    where tenant_id = ${tenantId} and person_id = ${personId} and status = 'ACTIVE' order by id for update`;

  return rows.map((row) => row.id);
}

/** Whether it was a person who put this record away: it is Homeroom's own, or the last of its edits says so. */
export async function wasPutAwayHere(
  tx: TransactionSql,
  tenantId: string,
  shape: Shape,
  id: string,
  action: `${EntityName}.archive`,
): Promise<boolean> {
  const [row] = await tx.unsafe<{ here: boolean }[]>(
    `select r.sourced_id is null or $3 = (
       select e.action from record_edit e where e.tenant_id = $1 and e.record_id = $2 order by e.id desc limit 1) as here
     from ${shape.table} r where r.tenant_id = $1 and r.id = $2`,
    [tenantId, id, action],
  );

  return row?.here ?? false;
}
