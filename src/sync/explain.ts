/** Why something is, or is not, at one integration: what a run would make of it, and what stands in its way. */
import type { TransactionSql } from '../db/client.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { membershipsOf, nameOfRecord } from '../db/queries/explain.ts';
import { integrationsByIds } from '../db/queries/integration.ts';
import type { EntityName } from '../model/entities.ts';
import type { Engine } from './engine.ts';
import { explainMirrored } from './explain-mirror.ts';
import { explainFromSource, explainKey } from './explain-source.ts';
import { blocker, type Case, type Explained, type Explanation, underIntegration, wordFor } from './explanation.ts';
import { type Flow, flowsOf } from './flow.ts';

export interface Wondering {
  tenantId: string;
  integrationId: string;
  /** A record of ours … */
  record?: { entity: EntityName; id: string };
  /** … a person, then: in this class. */
  classId?: string;
  /** Or a record out there. */
  externalId?: string;
}

/**
 * Explains one thing at one integration; null when it is not this school's. Asks no provider: what is out there is what
 * it was known to say last. Of several streams of the record's entity the one that needs most attention answers.
 */
export async function explain(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors' | 'clock'>,
  wondering: Wondering,
): Promise<Explanation | null> {
  const of = await openCase(tx, engine, wondering);
  if (!of) return null;
  const { record, classId, externalId } = wondering;
  const explained =
    record === undefined
      ? await explainExternal(of, externalId ?? '')
      : record.entity === 'person' && classId !== undefined
        ? await explainMembership(of, record.id, classId)
        : await explainRecord(of, record.entity, record.id);
  if (!explained) return null;
  const { coming: _, ...explanation } = underIntegration(of, explained);

  return explanation;
}

async function openCase(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors' | 'clock'>,
  { tenantId, integrationId }: Wondering,
): Promise<Case | null> {
  const [integration] = await integrationsByIds(tx, [integrationId]);
  const connector = engine.connectors.find(({ id }) => id === integration?.provider);
  if (!integration || !connector) return null;
  const parsed = connector.settings.safeParse(integration.settings);
  const settings = parsed.success ? parsed.data : integration.settings;

  return { tx, engine, tenantId, integrationId, integration, connector, settings, flows: flowsOf(connector) };
}

function explainAt(of: Case, flow: Flow, recordId: string): Promise<Explained | null> {
  return flow.stream.born === 'there' ? explainFromSource(of, flow, recordId) : explainMirrored(of, flow, recordId);
}

const mostTelling = ['CONFLICT', 'BLOCKED', 'WAITING', 'IN_STEP', 'NOT_SELECTED'] as const;

async function explainRecord(of: Case, entity: EntityName, recordId: string): Promise<Explained | null> {
  const all: Explained[] = [];
  for (const flow of of.flows.filter(({ stream }) => stream.entity === entity)) {
    const explained = await explainAt(of, flow, recordId);
    if (!explained) return null;
    all.push(explained);
  }
  if (all.length > 0) return choose(all);

  const known = await nameOfRecord(
    of.tx,
    { tenantId: of.tenantId, schoolId: of.integration.schoolId },
    shapeOf(entity),
    recordId,
  );
  if (!known) return null;
  const summary = `${of.connector.name} takes no part in a ${wordFor(entity)}.`;

  return nothing('NOT_SELECTED', summary, [blocker('not_offered', summary, 'Nothing need be done.')]);
}

/** A stream that has, or had, the record tells more than one that never gets it. */
function choose(all: readonly Explained[]): Explained | null {
  const rank = ({ state, link }: Explained) => mostTelling.indexOf(state) * 2 + (link ? 0 : 1);

  return [...all].sort((one, other) => rank(one) - rank(other))[0] ?? null;
}

function nothing(state: Explained['state'], summary: string, blockers: Explained['blockers']): Explained {
  return { state, summary, link: null, fields: [], blockers, coming: false };
}

async function explainExternal(of: Case, key: string): Promise<Explained | null> {
  const found = await explainKey(of, key);

  return 'flow' in found ? explainAt(of, found.flow, found.recordId) : found;
}

/** A person in a class: the membership there is, else why there is none. */
async function explainMembership(of: Case, personId: string, classId: string): Promise<Explained | null> {
  const school = { tenantId: of.tenantId, schoolId: of.integration.schoolId };
  const person = await nameOfRecord(of.tx, school, shapeOf('person'), personId);
  const schoolClass = await nameOfRecord(of.tx, school, shapeOf('class'), classId);
  if (!person || !schoolClass) return null;

  const [membership, ...others] = await membershipsOf(of.tx, school, personId, classId);
  if (membership) {
    // Somebody can be in a class twice, as teacher and as student: those in use, by what needs most attention.
    const active = [membership, ...others].filter(({ status }) => status === membership.status);
    const all = await Promise.all(active.map(({ id }) => explainRecord(of, 'enrollment', id)));
    return choose(all.filter((each) => each !== null));
  }

  const summary = `${person.name} is not in ${schoolClass.name} in Homeroom.`;
  const remedy = `Put ${person.name} in ${schoolClass.name} where enrollments are kept; it follows by itself.`;
  const also = [await explainRecord(of, 'class', classId), await explainRecord(of, 'person', personId)];
  const blockers = also.flatMap((each) => (each && each.state !== 'IN_STEP' ? each.blockers : []));

  return nothing('NOT_SELECTED', summary, [blocker('not_enrolled', summary, remedy), ...blockers]);
}
