// Attendance sheets, which Edusign calls courses.
import { z } from 'zod';
import { bodyOf, type Method, pageOf } from './call.ts';
import { refuse } from './envelope.ts';
import { listSheets } from './sheet-list.ts';
import { type Attendance, isSigned, type Sheet, type World } from './world.ts';

const needed = z.string({ error: 'is required' }).trim().min(1, 'is required');
const instant = needed.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a date');
const fields = {
  DESCRIPTION: z.string().optional(),
  CLASSROOM: z.string().optional(),
  PROFESSOR_2: z.string().optional(),
  PROFESSOR_3: z.string().optional(),
  SCHOOL_GROUP: z.array(z.string()).optional(),
  STUDENTS: z.array(z.strictObject({ studentId: needed })).optional(),
  NEED_STUDENTS_SIGNATURE: z.boolean().optional(),
  TRAINING_NAME: z.string().optional(),
  API_ID: z.string().optional(),
  API_TYPE: z.string().optional(),
};
const created = z.strictObject({ ...fields, NAME: needed, START: instant, END: instant, PROFESSOR: needed });
const changed = z.strictObject({
  ...fields,
  ID: needed,
  NAME: needed.optional(),
  START: instant.optional(),
  END: instant.optional(),
  PROFESSOR: needed.optional(),
});

export function sheetMethods(world: World, pageSize: number): Method[] {
  const { sheets } = world;
  const known = (id: string | undefined): Sheet => sheets.get(id ?? '') ?? refuse('course not found');
  const unlocked = (id: string | undefined): Sheet => {
    const sheet = known(id);
    return sheet.LOCKED ? refuse('This course is locked') : sheet;
  };

  return [
    {
      name: 'sheets.list',
      method: 'GET',
      path: '/v1/course',
      handler: (request) => pageOf(listSheets(sheets.values(), request), request, pageSize),
    },
    {
      name: 'sheets.getId',
      method: 'GET',
      path: '/v1/course/get-id/{apiId}',
      handler: ({ params }) =>
        [...sheets.values()].find(({ API_ID }) => API_ID === params.apiId)?.ID ?? refuse('course not found'),
    },
    {
      // Really a GET, and it changes something.
      name: 'sheets.lock',
      method: 'GET',
      path: '/v1/course/lock/{id}',
      writes: true,
      handler: ({ params }) => lockSheet(world, known(params.id), true),
    },
    {
      name: 'sheets.unlock',
      method: 'PATCH',
      path: '/v1/course/unlock/{id}',
      handler: ({ params }) => lockSheet(world, known(params.id), false),
    },
    { name: 'sheets.get', method: 'GET', path: '/v1/course/{id}', handler: ({ params }) => known(params.id) },
    {
      name: 'sheets.create',
      method: 'POST',
      path: '/v1/course',
      handler: (request) => {
        const given = bodyOf(request, 'course', created);
        // Without `fromStudents` the members come from the groups.
        const fromStudents = request.query.get('fromStudents') === 'true';
        return addSheet(world, { ...given, STUDENTS: fromStudents ? (given.STUDENTS ?? []) : ofGroups(world, given) });
      },
    },
    {
      name: 'sheets.update',
      method: 'PATCH',
      path: '/v1/course',
      handler: (request) => {
        const { ID, STUDENTS, ...change } = bodyOf(request, 'course', changed);
        const fromStudents = request.query.get('fromStudents') === 'true';
        return changeSheet(world, unlocked(ID), { ...change, ...(fromStudents && STUDENTS && { STUDENTS }) });
      },
    },
    {
      name: 'sheets.delete',
      method: 'DELETE',
      path: '/v1/course/{id}',
      handler: ({ params }) => removeSheet(world, unlocked(params.id)),
    },
  ];
}

type NewSheet = z.output<typeof created>;
type SheetChange = Omit<z.output<typeof changed>, 'ID'>;

function ofGroups(world: World, { SCHOOL_GROUP = [] }: NewSheet): { studentId: string }[] {
  return SCHOOL_GROUP.flatMap((id) => world.groups.get(id)?.STUDENTS ?? []).map((studentId) => ({ studentId }));
}

/** Makes a sheet. A sheet of an instructor, learner or group that Edusign does not know is refused. */
export function addSheet(world: World, given: NewSheet): Sheet {
  const sheet: Sheet = {
    ID: world.newId(),
    NAME: given.NAME,
    DESCRIPTION: '',
    START: given.START,
    END: given.END,
    CLASSROOM: '',
    PROFESSOR: given.PROFESSOR,
    PROFESSOR_2: '',
    PROFESSOR_3: '',
    PROFESSOR_SIGNATURE: null,
    SCHOOL_GROUP: [],
    STUDENTS: [],
    LOCKED: false,
    NEED_STUDENTS_SIGNATURE: true,
    API_ID: given.API_ID ?? '',
    API_TYPE: given.API_TYPE ?? '',
    DATE_CREATED: world.now(),
    DATE_UPDATED: world.now(),
  };
  write(world, sheet, given);
  world.sheets.set(sheet.ID, sheet);
  world.tell('on_course_created', sheet);
  return structuredClone(sheet);
}

export function changeSheet(world: World, sheet: Sheet, change: SheetChange): Sheet {
  const signed = isSigned(sheet);
  const before = JSON.stringify([sheet.START, sheet.END, sheet.STUDENTS, sheet.PROFESSOR]);
  write(world, sheet, change);
  if (signed && JSON.stringify([sheet.START, sheet.END, sheet.STUDENTS, sheet.PROFESSOR]) !== before) {
    world.harmed.push(sheet.ID);
  }
  sheet.DATE_UPDATED = world.now();
  world.tell('on_course_edited', sheet);
  return structuredClone(sheet);
}

export function removeSheet(world: World, sheet: Sheet): boolean {
  if (isSigned(sheet)) world.harmed.push(sheet.ID);
  world.sheets.delete(sheet.ID);
  world.tell('on_course_deleted', sheet);
  return true;
}

export function lockSheet(world: World, sheet: Sheet, locked: boolean): Sheet {
  sheet.LOCKED = locked;
  sheet.DATE_UPDATED = world.now();
  if (locked) world.tell('on_course_locked', sheet);
  return structuredClone(sheet);
}

function write(world: World, sheet: Sheet, change: SheetChange): void {
  const { STUDENTS, SCHOOL_GROUP, TRAINING_NAME: _training, ...rest } = change;
  const plain = Object.entries(rest).filter(([, value]) => value !== undefined);
  const next = { ...sheet, ...Object.fromEntries(plain) };
  if (Date.parse(next.END) <= Date.parse(next.START)) return refuse('END must be after START');
  for (const id of [next.PROFESSOR, next.PROFESSOR_2, next.PROFESSOR_3]) {
    if (id !== '' && !world.people.professor.has(id)) return refuse('professor not found');
  }
  if (SCHOOL_GROUP?.some((id) => !world.groups.has(id))) return refuse('group not found');
  if (STUDENTS?.some(({ studentId }) => !world.people.student.has(studentId))) return refuse('student not found');

  Object.assign(sheet, Object.fromEntries(plain));
  sheet.SCHOOL_GROUP = SCHOOL_GROUP ?? sheet.SCHOOL_GROUP;
  // Whoever stays on the sheet keeps what they have signed.
  sheet.STUDENTS = STUDENTS?.map(({ studentId }) => attendanceOf(sheet, studentId)) ?? sheet.STUDENTS;
}

function attendanceOf(sheet: Sheet, studentId: string): Attendance {
  const there = sheet.STUDENTS.find((one) => one.studentId === studentId);
  return there ?? { studentId, state: false, signature: null, timestamp: null, comment: '' };
}
