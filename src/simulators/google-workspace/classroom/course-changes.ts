// What may be written into a course: its texts and their lengths, its states and their order.
import { classroomRefusal } from '../errors.ts';
import type { Course, CourseState, CourseTexts } from '../world.ts';
import { type MessageFields, textOf } from './body.ts';

const STATES = ['COURSE_STATE_UNSPECIFIED', 'ACTIVE', 'ARCHIVED', 'PROVISIONED', 'DECLINED', 'SUSPENDED'] as const;

/** All fields of a Course message; what only Google sets is accepted and left aside. */
export const COURSE_FIELDS: MessageFields = {
  id: 'string',
  name: 'string',
  section: 'string',
  descriptionHeading: 'string',
  description: 'string',
  room: 'string',
  subject: 'string',
  levels: 'string',
  ownerId: 'string',
  courseState: STATES,
  creationTime: 'string',
  updateTime: 'string',
  enrollmentCode: 'string',
  alternateLink: 'string',
  teacherGroupEmail: 'string',
  courseGroupEmail: 'string',
  teacherFolder: 'object',
  courseMaterialSets: 'array',
  guardiansEnabled: 'boolean',
  calendarId: 'string',
  gradebookSettings: 'object',
};

/** The longest each text may be. */
const LENGTHS: Readonly<Record<keyof CourseTexts, number>> = {
  name: 750,
  section: 2_800,
  descriptionHeading: 3_600,
  description: 30_000,
  room: 650,
  subject: Number.MAX_SAFE_INTEGER,
  levels: 999,
};

const TEXTS = Object.keys(LENGTHS) as (keyof CourseTexts)[];
const MASKABLE = new Set<string>([...TEXTS, 'courseState', 'ownerId', 'learningStandardSettings']);

type Body = Readonly<Record<string, unknown>>;

/** The fields an update mask names, in camel case; refuses an empty mask and a field that cannot be changed. */
export function readMask(mask: string | null): Set<string> {
  const names = (mask ?? '')
    .split(',')
    .map((name) => name.trim().replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    .filter((name) => name !== '');
  if (names.length === 0) throw classroomRefusal('INVALID_ARGUMENT', 'updateMask: Update mask is required.');

  const wrong = names.find((name) => !MASKABLE.has(name));
  if (wrong !== undefined) {
    throw classroomRefusal('INVALID_ARGUMENT', `updateMask: Update mask contains an invalid field: ${wrong}`);
  }
  return new Set(names);
}

/** The texts of a body, checked; of a masked change only those named, where an absent one is cleared. */
export function readTexts(body: Body, mask?: ReadonlySet<string>): Partial<CourseTexts> {
  const texts: Partial<CourseTexts> = {};
  for (const name of TEXTS) {
    if (mask !== undefined && !mask.has(name)) continue;
    const text = textOf(body, name);
    if (text === undefined && mask === undefined) continue;
    if ((text?.length ?? 0) > LENGTHS[name]) {
      throw classroomRefusal('INVALID_ARGUMENT', `${name}: must be no longer than ${LENGTHS[name]} characters.`);
    }
    texts[name] = text ?? '';
  }

  if ('name' in texts && texts.name === '')
    throw classroomRefusal('INVALID_ARGUMENT', 'name: Course name is required.');
  if (/https?:\/\/|\bwww\./i.test(texts.name ?? '')) {
    throw classroomRefusal('FAILED_PRECONDITION', '@CourseTitleCannotContainUrl The course name cannot contain a URL.');
  }
  return texts;
}

/** The state a body names, or undefined. */
export function readState(body: Body): CourseState | undefined {
  const state = textOf(body, 'courseState');
  return state === undefined || state === 'COURSE_STATE_UNSPECIFIED' ? undefined : (state as CourseState);
}

/** Refuses a state that cannot follow the present one (undefined: of a course that is being made). */
export function checkNextState(present: CourseState | undefined, next: CourseState): void {
  const refused =
    next === 'SUSPENDED' ||
    (next === 'DECLINED' && present !== 'PROVISIONED') ||
    (next === 'PROVISIONED' && present !== undefined && present !== 'DECLINED');
  if (refused && present !== next) {
    throw classroomRefusal('INVALID_ARGUMENT', `courseState: A course cannot be put into the state ${next}.`);
  }
}

/** Refuses a change of an archived course that is about more than its state, and any of a suspended one. */
export function checkModifiable(course: Course, mask: ReadonlySet<string>): void {
  const onlyState = mask.size === 1 && mask.has('courseState');
  if (course.state === 'SUSPENDED' || (course.state === 'ARCHIVED' && !onlyState)) {
    throw classroomRefusal(
      'FAILED_PRECONDITION',
      '@CourseNotModifiable The course is in a state that does not allow it to be modified.',
    );
  }
}
