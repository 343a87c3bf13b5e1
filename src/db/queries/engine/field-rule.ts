/** What a school has decided once and for all about fields of an integration; a field without a row is asked about. */
import type { EntityName } from '../../../model/entities.ts';
import type { FieldRule } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';

/** Standing rules by field name. */
export type FieldRules = ReadonlyMap<string, FieldRule>;

interface Place {
  tenantId: string;
  integrationId: string;
}

export async function readFieldRules(tx: TransactionSql, place: Place, entity: EntityName): Promise<FieldRules> {
  const rows = await tx<{ field: string; rule: FieldRule }[]>`
    select field, rule from field_rule
    where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId} and entity = ${entity}`;

  return new Map(rows.map(({ field, rule }) => [field, rule]));
}

export async function writeFieldRule(
  tx: TransactionSql,
  place: Place & { schoolId: string },
  decided: { entity: EntityName; field: string; rule: FieldRule; by: string },
): Promise<void> {
  const { entity, field, rule, by } = decided;
  await tx`
    insert into field_rule (tenant_id, school_id, integration_id, entity, field, rule, decided_by)
    values (${place.tenantId}, ${place.schoolId}, ${place.integrationId}, ${entity}, ${field}, ${rule}, ${by})
    on conflict (tenant_id, integration_id, entity, field) do update
      set rule = excluded.rule, decided_by = excluded.decided_by, updated_at = now()`;
}

export async function dropFieldRule(
  tx: TransactionSql,
  place: Place,
  decided: { entity: EntityName; field: string },
): Promise<void> {
  await tx`
    delete from field_rule where tenant_id = ${place.tenantId} and integration_id = ${place.integrationId}
      and entity = ${decided.entity} and field = ${decided.field}`;
}
