// courses.create, get, list, patch and delete.
import type { ApiMethod, Call } from '../api.ts';
import { addAlias, addCourse, changeCourse, giveCourse, removeCourse } from '../courses.ts';
import { classroomRefusal, NO_PERMISSION } from '../errors.ts';
import type { Rules } from '../rules.ts';
import { type Course, type CourseState, digitsOf, type Role, type World } from '../world.ts';
import { courseToChange, courseToSee, hasActiveOwner, maySee, userNamed } from './access.ts';
import { freeAlias } from './aliases.ts';
import { checkBody, pageAnswer, pageSizeOf, requiredText, textOf } from './body.ts';
import { COURSE_FIELDS, checkModifiable, checkNextState, readMask, readState, readTexts } from './course-changes.ts';

const WRITE = ['classroom.courses'];
const READ = [...WRITE, 'classroom.courses.readonly'];

/** The course methods. */
export function courseMethods(world: World, rules: Rules): ApiMethod[] {
  const answer = (course: Course, { now }: Call) => ({ status: 200, json: courseJson(course, now, rules) });

  return [
    {
      id: 'classroom.courses.create',
      method: 'POST',
      path: '/v1/courses',
      scopes: WRITE,
      handler: (call) => answer(createCourse(world, call), call),
    },
    {
      id: 'classroom.courses.list',
      method: 'GET',
      path: '/v1/courses',
      scopes: READ,
      query: ['studentId', 'teacherId', 'courseStates', 'pageSize', 'pageToken'],
      handler: (call) => {
        const page = call.page(coursesAsked(world, call, rules), ({ number }) => -number, {
          size: pageSizeOf(call, rules.coursePage),
        });
        return pageAnswer('courses', page, (course) => courseJson(course, call.now, rules));
      },
    },
    {
      id: 'classroom.courses.get',
      method: 'GET',
      path: '/v1/courses/{id}',
      scopes: READ,
      handler: (call) => answer(courseToSee(world, call, call.params.id ?? ''), call),
    },
    {
      id: 'classroom.courses.patch',
      method: 'PATCH',
      path: '/v1/courses/{id}',
      scopes: WRITE,
      query: ['updateMask'],
      handler: (call) => answer(patchCourse(world, call, rules), call),
    },
    {
      id: 'classroom.courses.delete',
      method: 'DELETE',
      path: '/v1/courses/{id}',
      scopes: WRITE,
      handler: (call) => {
        const course = courseToChange(world, call, call.params.id ?? '');
        if (rules.deleteNeedsArchived && course.state !== 'ARCHIVED') {
          throw classroomRefusal('FAILED_PRECONDITION', 'Precondition check failed.');
        }
        removeCourse(world, course);
        return { status: 200, json: {} };
      },
    },
  ];
}

function createCourse(world: World, call: Call): Course {
  const { body, caller } = call;
  checkBody('course', COURSE_FIELDS, body);
  requiredText(body, 'name');
  const texts = readTexts(body);
  const state = readState(body) ?? 'PROVISIONED';
  checkNextState(undefined, state);

  const owner = userNamed(world, call, requiredText(body, 'ownerId'));
  if (owner !== caller.user && !caller.user.isAdmin) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  if (owner.domain !== caller.user.domain) {
    throw classroomRefusal('FAILED_PRECONDITION', '@UserCannotOwnCourse The user cannot own a course of this domain.');
  }
  if (owner.suspended) throw classroomRefusal('FAILED_PRECONDITION', 'Precondition check failed.');

  const alias = textOf(body, 'id');
  const key = alias === undefined ? undefined : freeAlias(world, call, alias);
  const course = addCourse(world, caller.user.domain, { texts: { name: '', ...texts }, owner, state });
  if (alias !== undefined && key !== undefined) addAlias(world, course, alias, key);
  return course;
}

function patchCourse(world: World, call: Call, rules: Rules): Course {
  const { body, caller } = call;
  const mask = readMask(call.query.get('updateMask'));
  checkBody('course', COURSE_FIELDS, body);
  const course = courseToChange(world, call, call.params.id ?? '');
  checkModifiable(course, mask);

  const texts = readTexts(body, mask);
  const state = mask.has('courseState') ? readState(body) : course.state;
  if (state === undefined) throw classroomRefusal('INVALID_ARGUMENT', 'courseState: A state is required.');
  checkNextState(course.state, state);

  if (mask.has('ownerId')) {
    if (!caller.user.isAdmin) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
    const owner = userNamed(world, call, requiredText(body, 'ownerId'));
    if (!course.teachers.has(owner.id) || owner.suspended) {
      throw classroomRefusal('FAILED_PRECONDITION', '@IneligibleOwner The new owner must be a teacher of the course.');
    }
    if (!hasActiveOwner(course)) {
      throw classroomRefusal('FAILED_PRECONDITION', '@InactiveCourseOwner The owner of the course is not active.');
    }
    giveCourse(world, course, owner, rules.ownerTransferMs);
  }
  changeCourse(world, course, texts, state);
  return course;
}

/** The courses of the caller's domain that a list is about, newest first. */
function coursesAsked(world: World, call: Call, rules: Rules): Course[] {
  const { user } = call.caller;
  const states = call.query.getAll('courseStates').filter((state) => state !== 'COURSE_STATE_UNSPECIFIED');
  const wrong = states.find((state) => !(COURSE_FIELDS.courseState as readonly string[]).includes(state));
  if (wrong !== undefined) {
    throw classroomRefusal('INVALID_ARGUMENT', `Invalid value at 'course_states' (TYPE_ENUM), "${wrong}"`);
  }

  const isAsked = (state: CourseState) => {
    if (states.length > 0) return states.includes(state);
    return !rules.plainListHidesProvisioned || (state !== 'PROVISIONED' && state !== 'DECLINED');
  };
  return candidates(world, call).filter((course) => isAsked(course.state) && maySee(course, user));
}

function candidates(world: World, call: Call): Course[] {
  const studentId = call.query.get('studentId');
  const teacherId = call.query.get('teacherId');
  if (studentId !== null && teacherId !== null) {
    throw classroomRefusal('INVALID_ARGUMENT', 'Only one of studentId and teacherId may be given.');
  }

  const ofPerson = (key: string, role: Role) => {
    const person = userNamed(world, call, key);
    return [...person.courses].filter((course) => course[role].has(person.id));
  };
  const courses =
    studentId === null
      ? teacherId === null
        ? [...call.caller.user.domain.courses.values()]
        : ofPerson(teacherId, 'teachers')
      : ofPerson(studentId, 'students');
  return courses.filter(({ domain }) => domain === call.caller.user.domain).toSorted((a, b) => b.number - a.number);
}

function courseJson(course: Course, now: Date, rules: Rules): object {
  const { id, domain, texts, activatedAt } = course;
  const calendarIsThere = activatedAt !== undefined && now.getTime() - activatedAt.getTime() >= rules.calendarDelayMs;
  const groupEmail = `${texts.name.replaceAll(/\W+/g, '_')}_${digitsOf(id, 8)}@${domain.name}`;

  return {
    id,
    ...texts,
    ownerId: course.owner.id,
    creationTime: course.createdAt.toISOString(),
    updateTime: course.updatedAt.toISOString(),
    enrollmentCode: course.enrollmentCode,
    courseState: course.state,
    alternateLink: `https://classroom.google.com/c/${Buffer.from(id).toString('base64')}`,
    teacherGroupEmail: groupEmail.replace('@', '_teachers@'),
    courseGroupEmail: groupEmail,
    teacherFolder: { id: `folder${digitsOf(`folder ${id}`, 20)}`, title: texts.name },
    guardiansEnabled: false,
    ...(calendarIsThere && { calendarId: `classroom${digitsOf(`calendar ${id}`, 20)}@group.calendar.google.com` }),
    gradebookSettings: { calculationType: 'TOTAL_POINTS', displaySetting: 'HIDE_OVERALL_GRADE' },
  };
}
