import type { EntityName } from '../../model/entities.ts';
import type { FieldRule } from '../../model/sync.ts';
import type { TransactionSql } from '../client.ts';

export interface FieldRuleRow {
  integrationId: string;
  entity: EntityName;
  field: string;
  rule: FieldRule;
}

/** Each integration's standing rules, by entity and field. Relies on the primary key. */
export async function fieldRulesOfIntegrations(
  db: TransactionSql,
  integrationIds: readonly string[],
): Promise<FieldRuleRow[]> {
  return db<FieldRuleRow[]>`
    select integration_id as "integrationId", entity, field, rule from field_rule
    where integration_id = any (${integrationIds}::uuid[]) order by entity, field`;
}
