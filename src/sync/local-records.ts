/**
 * Records as people make, change, put away and bring back in Homeroom. A source's are the source's: what it owns is
 * refused. Everything else is noted for every destination that mirrors it, in the same transaction.
 */
import type { TransactionSql } from '../db/client.ts';
import { findRecord, type RecordPlace, readRecord, readRefs, writeRecord } from '../db/queries/engine/edit.ts';
import {
  countInUse,
  insertRecord,
  membershipsOf,
  type References,
  wasPutAwayHere,
  writeReferences,
} from '../db/queries/engine/local-record.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { schoolsByIds } from '../db/queries/school.ts';
import { type EntityName, entities, type Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { changedFields } from '../model/values.ts';
import { noteChanges } from './changes.ts';
import { type Engine, tell } from './engine.ts';
import { refuseCircle, refuseEndBeforeBeginning } from './local-rules.ts';
import { type Owner, ownersOf } from './owners.ts';
import { noteEdit } from './record-edits.ts';

export type Needs = Pick<Engine, 'connectors' | 'clock' | 'enqueue'>;

export interface Act {
  tenantId: string;
  by: string;
  now: Date;
}

/** What people may make and change by hand. */
export type LocalEntity = 'person' | 'class' | 'enrollment' | 'term' | 'course' | 'guardianLink';

interface Named {
  entity: LocalEntity;
  recordId: string;
}

/**
 * Makes a record of Homeroom's own; fields that are left out are empty. Answers its id.
 *
 * @throws NotFound when the school, or something referred to, is not there; ValidationFailed for what ends before it begins.
 */
export async function createRecord(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { entity: LocalEntity; schoolId: string; values: Values; references?: References },
): Promise<string> {
  const { tenantId, schoolId, entity, references = {} } = act;
  const [school] = await schoolsByIds(tx, [schoolId]);
  if (!school) throw new NotFound('There is no such school.');
  await refuseUnknown(tx, act, references);
  const id = newId();
  const values: Values = { ...entities[entity].defaults, ...act.values };
  refuseEndBeforeBeginning(entity, values, Object.keys(values));
  await insertRecord(tx, shapeOf(entity), { tenantId, schoolId, id }, values, references);
  await noteEdit(tx, act, 'add', { tenantId, schoolId, entity, recordId: id, before: null, after: act.values });
  await note(tx, engine, act, entity, [id]);

  return id;
}

/**
 * Changes fields and references of a record. Values equal to the present ones change nothing and tell nobody.
 *
 * @throws NotFound; OwnedBySource, naming the integration, for a field a source owns; ValidationFailed for what ends before it
 * begins, or would be part of itself.
 */
export async function changeRecord(
  tx: TransactionSql,
  engine: Needs,
  act: Act & Named & { changes: Values; references?: References },
): Promise<void> {
  const { tenantId, entity, recordId, references = {} } = act;
  const shape = shapeOf(entity);
  const place = await placeOf(tx, act);
  const before = (await readRecord(tx, tenantId, shape, recordId)) ?? {};
  const present = await readRefs(tx, tenantId, shape, recordId);
  const changed = changedFields(pick(before, Object.keys(act.changes)), act.changes);
  const moved = Object.keys(references).filter((name) => !alike(present[name], references[name]));
  if (changed.length === 0 && moved.length === 0) return;

  await refuseOwned(tx, engine, tenantId, recordId, [...changed, ...moved]);
  refuseEndBeforeBeginning(entity, { ...before, ...act.changes }, changed);
  const wanted = Object.fromEntries(moved.map((name) => [name, references[name] ?? []]));
  await refuseUnknown(tx, { ...place, entity }, wanted);
  await refuseCircle(tx, act, wanted);
  await writeRecord(tx, tenantId, shape, recordId, act.changes);
  await writeReferences(tx, tenantId, shape, recordId, references);
  const { schoolId } = place;
  const edit = {
    tenantId,
    schoolId,
    entity,
    recordId,
    before: pick(before, changed),
    after: pick(act.changes, changed),
  };
  await noteEdit(tx, act, 'update', edit);
  await note(tx, engine, place, entity, [recordId]);
}

/**
 * Puts a record away. A person leaves their classes with it; a class keeps its members, so that it can be brought back
 * as it was.
 *
 * @throws NotFound; OwnedBySource while a source has it; InvalidState when it is archived already.
 */
export async function archiveRecord(tx: TransactionSql, engine: Needs, act: Act & Named): Promise<void> {
  const { tenantId, entity, recordId } = act;
  const place = await placeOf(tx, act);
  if (place.status === 'ARCHIVED') throw new InvalidState('This is archived already.');
  const memberships = entity === 'person' ? await membershipsOf(tx, tenantId, recordId) : [];
  await refuseKept(tx, engine, tenantId, [recordId, ...memberships]);

  for (const id of memberships) await setStatus(tx, act, place, 'enrollment', id, 'archive');
  await setStatus(tx, act, place, entity, recordId, 'archive');
  if (memberships.length > 0) await note(tx, engine, place, 'enrollment', memberships);
  await note(tx, engine, place, entity, [recordId]);
}

/**
 * Brings back what a person put away.
 *
 * @throws NotFound; OwnedBySource where a source has it again; InvalidState when it is not archived, or when its source
 * gave it up.
 */
export async function restoreRecord(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { entity: Exclude<LocalEntity, 'enrollment' | 'guardianLink'>; recordId: string },
): Promise<void> {
  const { tenantId, entity, recordId } = act;
  const shape = shapeOf(entity);
  const place = await placeOf(tx, act);
  if (place.status === 'ACTIVE') throw new InvalidState('This is not archived.');
  await refuseKept(tx, engine, tenantId, [recordId]);
  if (!(await wasPutAwayHere(tx, tenantId, shape, recordId, `${entity}.archive`))) {
    throw new InvalidState('Its source no longer has it: it comes back when the source has it again.');
  }
  await setStatus(tx, act, place, entity, recordId, 'restore');
  await note(tx, engine, place, entity, [recordId]);
}

async function placeOf(tx: TransactionSql, { tenantId, entity, recordId }: Act & Named): Promise<RecordPlace> {
  const place = await findRecord(tx, tenantId, shapeOf(entity), recordId);
  if (!place) throw new NotFound(`There is no such ${entity}.`);

  return place;
}

async function setStatus(
  tx: TransactionSql,
  act: Act,
  { tenantId, schoolId }: RecordPlace,
  entity: LocalEntity,
  recordId: string,
  verb: 'archive' | 'restore',
): Promise<void> {
  await writeRecord(tx, tenantId, shapeOf(entity), recordId, {}, verb === 'archive' ? 'ARCHIVED' : 'ACTIVE');
  await noteEdit(tx, act, verb, { tenantId, schoolId, entity, recordId, before: null, after: null });
}

/** Notes what was done for every destination that mirrors it, and tells whoever follows the roster. */
export async function note(
  tx: TransactionSql,
  engine: Needs,
  place: { tenantId: string; schoolId: string },
  entity: EntityName,
  ids: readonly string[],
): Promise<void> {
  const { tenantId, schoolId } = place;
  await noteChanges(tx, engine, { tenantId, schoolId, entity, recordIds: ids });
  await tell(tx, place, [{ kind: 'record', entity, ids }]);
}

async function refuseOwned(
  tx: TransactionSql,
  engine: Needs,
  tenantId: string,
  recordId: string,
  fields: readonly string[],
): Promise<void> {
  const owners = await ownersOf(tx, engine, tenantId, [recordId]);
  const owned = fields.flatMap((field) => {
    const owner = owners.of(recordId, field);
    return owner ? [{ field, owner }] : [];
  });
  const owner = owned[0]?.owner;
  if (!owner) return;
  const its = owned.filter((each) => each.owner.integrationId === owner.integrationId).map(({ field }) => field);
  throw new OwnedBySource(`${owner.name} owns ${its.join(', ')}: change it there.`, owner.integrationId);
}

/** What a source brings into being would come back with its next sync. */
async function refuseKept(
  tx: TransactionSql,
  engine: Needs,
  tenantId: string,
  recordIds: readonly string[],
): Promise<void> {
  const owners = await ownersOf(tx, engine, tenantId, recordIds);
  const keeper = recordIds.map((id) => owners.keeper(id)).find((owner): owner is Owner => owner !== null);
  if (keeper) throw new OwnedBySource(`${keeper.name} has this record: remove it there.`, keeper.integrationId);
}

/** What is referred to is of the same school, and in use. */
async function refuseUnknown(
  tx: TransactionSql,
  place: { tenantId: string; schoolId: string; entity: LocalEntity },
  references: References,
): Promise<void> {
  for (const { ref, entity } of shapeOf(place.entity).refs) {
    const ids = [...new Set(references[ref])];
    if (ids.length > 0 && (await countInUse(tx, place, shapeOf(entity), ids)) < ids.length) {
      throw new NotFound(`There is no such ${entity}.`);
    }
  }
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

function alike(left: readonly string[] = [], right: readonly string[] = []): boolean {
  return left.length === right.length && left.every((id, at) => id === right[at]);
}
