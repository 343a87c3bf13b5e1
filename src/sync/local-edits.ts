/** Edits people make in Homeroom: refused where a source owns the value, else noted for every destination that mirrors it. */
import type { TransactionSql } from '../db/client.ts';
import { findEnrollment, findRecord, insertEnrollment, readRecord, writeRecord } from '../db/queries/engine/edit.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import type { EntityName, Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { changedFields } from '../model/values.ts';
import { noteChanges } from './changes.ts';
import { type Engine, tell } from './engine.ts';
import { ownersOf } from './owners.ts';
import { noteEdit } from './record-edits.ts';

type Needs = Pick<Engine, 'connectors' | 'clock' | 'enqueue'>;

interface Act {
  tenantId: string;
  by: string;
  now: Date;
}

const person = shapeOf('person');
const classShape = shapeOf('class');
const enrollment = shapeOf('enrollment');

/**
 * Changes fields of a person. Values equal to the present ones change nothing and tell nobody.
 *
 * @throws NotFound; OwnedBySource, naming the integration, for a field a source owns.
 */
export async function updatePerson(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { personId: string; changes: Values },
): Promise<void> {
  const place = await findRecord(tx, act.tenantId, person, act.personId);
  if (!place) throw new NotFound('There is no such person.');
  const before = await readRecord(tx, act.tenantId, person, act.personId);
  const changed = changedFields(pick(before ?? {}, Object.keys(act.changes)), act.changes);
  if (changed.length === 0) return;

  await refuseOwned(tx, engine, act.tenantId, act.personId, changed);
  await writeRecord(tx, act.tenantId, person, act.personId, act.changes);
  await noteEdit(tx, act, 'update', {
    tenantId: act.tenantId,
    schoolId: place.schoolId,
    entity: 'person',
    recordId: act.personId,
    before: pick(before ?? {}, changed),
    after: pick(act.changes, changed),
  });
  await note(tx, engine, place, 'person', act.personId);
}

function pick(values: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, values[name] ?? null]));
}

/**
 * Puts a person in a class: a new membership, or an archived one of Homeroom's own brought back. Answers its id.
 *
 * @throws NotFound when class and person are not of one school; InvalidState when the person is in it already.
 */
export async function enrollPerson(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { classId: string; personId: string; role: string },
): Promise<string> {
  const inClass = await findRecord(tx, act.tenantId, classShape, act.classId);
  const who = await findRecord(tx, act.tenantId, person, act.personId);
  if (!inClass || !who || inClass.schoolId !== who.schoolId) throw new NotFound('There is no such class or person.');
  if (inClass.status === 'ARCHIVED') throw new InvalidState('This class is archived.');
  if (who.status === 'ARCHIVED') throw new InvalidState('This person has left.');
  const existing = await findEnrollment(tx, act);
  if (existing?.status === 'ACTIVE') throw new InvalidState('This person is in this class already, in this role.');

  const { tenantId, classId, personId, role } = act;
  const { schoolId } = inClass;
  const id = existing && existing.sourcedId === null ? existing.id : newId();
  if (id === existing?.id) await writeRecord(tx, tenantId, enrollment, id, {}, 'ACTIVE');
  else await insertEnrollment(tx, { tenantId, schoolId, id, classId, personId, role });
  const edit = { tenantId, schoolId, entity: 'enrollment' as const, recordId: id, before: null, after: { role } };
  await noteEdit(tx, act, 'add', edit);
  await note(tx, engine, inClass, 'enrollment', id);

  return id;
}

async function note(
  tx: TransactionSql,
  engine: Needs,
  place: { tenantId: string; schoolId: string },
  entity: EntityName,
  id: string,
): Promise<void> {
  const { tenantId, schoolId } = place;
  await noteChanges(tx, engine, { tenantId, schoolId, entity, recordIds: [id] });
  await tell(tx, place, [{ kind: 'record', entity, ids: [id] }]);
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
