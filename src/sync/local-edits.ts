/** Edits of people, their memberships and who answers for them: refused where a source owns the value, else noted for every destination that mirrors it. */
import type { TransactionSql } from '../db/client.ts';
import { findEnrollment, findGuardianLink, findRecord, writeRecord } from '../db/queries/engine/edit.ts';
import { insertRecord } from '../db/queries/engine/local-record.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { entities, type Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound, ValidationFailed } from '../model/problems.ts';
import { type Act, changeRecord, type Needs, note } from './local-records.ts';
import { noteEdit } from './record-edits.ts';

const person = shapeOf('person');
const classShape = shapeOf('class');
const enrollment = shapeOf('enrollment');
const guardianLink = shapeOf('guardianLink');

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

/**
 * Lets an adult answer for a student: a new guardian link, or an archived one of Homeroom's own brought back. Answers its id.
 *
 * @throws NotFound when the two are not of one school; InvalidState when one has left, or the adult answers for the student
 * already; ValidationFailed when they are the same.
 */
export async function linkGuardian(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { studentId: string; guardianId: string; relationship: string | null },
): Promise<string> {
  const { tenantId, studentId, guardianId, relationship } = act;
  // In the order of their ids, as others lock them.
  const places = new Map<string, Awaited<ReturnType<typeof findRecord>>>();
  for (const id of [studentId, guardianId].sort()) places.set(id, await findRecord(tx, tenantId, person, id));
  const [student, guardian] = [places.get(studentId), places.get(guardianId)];
  if (!student || !guardian || student.schoolId !== guardian.schoolId) throw new NotFound('There is no such person.');
  if (studentId === guardianId) {
    throw new ValidationFailed([{ path: ['guardianId'], message: 'Nobody answers for themselves.' }]);
  }
  if (student.status === 'ARCHIVED' || guardian.status === 'ARCHIVED') throw new InvalidState('This person has left.');
  const existing = await findGuardianLink(tx, act);
  if (existing?.status === 'ACTIVE') throw new InvalidState('This adult answers for this student already.');

  const { schoolId } = student;
  const values = { relationship };
  const id = existing && existing.sourcedId === null ? existing.id : newId();
  if (id === existing?.id) await writeRecord(tx, tenantId, guardianLink, id, values, 'ACTIVE');
  else {
    const people = { student: [studentId], guardian: [guardianId] };
    await insertRecord(tx, guardianLink, { tenantId, schoolId, id }, values, people);
  }
  const edit = { tenantId, schoolId, entity: 'guardianLink' as const, recordId: id, before: null, after: values };
  await noteEdit(tx, act, 'add', edit);
  await note(tx, engine, student, 'guardianLink', [id]);

  return id;
}
