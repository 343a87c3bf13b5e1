/** What a school answers once and for all about a field of an integration, instead of being asked each time. */
import type { TransactionSql } from '../db/client.ts';
import { dropFieldRule, writeFieldRule } from '../db/queries/engine/field-rule.ts';
import { findIntegration } from '../db/queries/engine/integration.ts';
import type { EntityName } from '../model/entities.ts';
import { NotFound, ValidationFailed } from '../model/problems.ts';
import type { FieldRule } from '../model/sync.ts';
import { connectorOf } from './connector-of.ts';
import { type Engine, tell } from './engine.ts';
import { flowsOf } from './flow.ts';

/**
 * Sets a standing rule; ASK removes it. It is looked at in the next run, which also settles what is open about the field.
 *
 * @throws NotFound; ValidationFailed for a field that this integration does not exchange, or cannot take over.
 */
export async function setFieldRule(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors'>,
  act: {
    tenantId: string;
    by: string;
    integrationId: string;
    entityType: EntityName;
    field: string;
    rule: FieldRule;
  },
): Promise<void> {
  const integration = await findIntegration(tx, act, 'for update');
  if (!integration) throw new NotFound('There is no such integration.');
  const connector = connectorOf(engine, integration.provider);
  const { entityType: entity, field, rule, by } = act;
  const flows = flowsOf(connector).filter(({ stream }) => stream.entity === entity);
  const exchanged = flows.filter(({ merged }) => merged.includes(field));
  if (exchanged.length === 0)
    throw refused('field', `${connector.name} and Homeroom do not exchange “${field}” of this.`);
  const isField = exchanged.some(({ stream }) => field in stream.fields);
  if (rule === 'ALWAYS_ACCEPT_EXTERNAL' && !isField)
    throw refused('rule', `“${field}” follows from other records here: it cannot be taken from ${connector.name}.`);

  if (rule === 'ASK') await dropFieldRule(tx, act, { entity, field });
  else await writeFieldRule(tx, { ...act, schoolId: integration.schoolId }, { entity, field, rule, by });
  await tell(tx, integration, [{ kind: 'integration', parentId: integration.id, ids: [integration.id] }]);
}

function refused(path: string, message: string): ValidationFailed {
  return new ValidationFailed([{ path: [path], message }]);
}
