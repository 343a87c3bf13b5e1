/** Edits of people and their memberships: refused where a source owns the value, else noted for every destination that mirrors it. */
import type { TransactionSql } from '../db/client.ts';
import { findEnrollment, findRecord, writeRecord } from '../db/queries/engine/edit.ts';
import { insertRecord } from '../db/queries/engine/local-record.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { entities, type Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound } from '../model/problems.ts';
import { type Act, changeRecord, type Needs, note } from './local-records.ts';
import { noteEdit } from './record-edits.ts';

const person = shapeOf('person');
const classShape = shapeOf('class');
const enrollment = shapeOf('enrollment');

/**
 * Changes fields of a person. Values equal to the present ones change nothing and tell nobody.
 *
 * @throws NotFound; OwnedBySource, naming the integration, for a field a source owns.
 */
export function updatePerson(
  tx: TransactionSql,
  engine: Needs,
  { personId, ...act }: Act & { personId: string; changes: Values },
): Promise<void> {
  return changeRecord(tx, engine, { ...act, entity: 'person', recordId: personId });
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
  else {
    const values = { ...entities.enrollment.defaults, role };
    await insertRecord(tx, enrollment, { tenantId, schoolId, id }, values, { class: [classId], person: [personId] });
  }
  const edit = { tenantId, schoolId, entity: 'enrollment' as const, recordId: id, before: null, after: { role } };
  await noteEdit(tx, act, 'add', edit);
  await note(tx, engine, inClass, 'enrollment', [id]);

  return id;
}
