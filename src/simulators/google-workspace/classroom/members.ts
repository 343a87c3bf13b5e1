// courses.students and courses.teachers: create, list, get and delete, alike but for a few rules.
import type { ApiMethod, Call } from '../api.ts';
import { join, leave } from '../courses.ts';
import { classroomRefusal, NO_PERMISSION, NOT_FOUND } from '../errors.ts';
import type { Rules } from '../rules.ts';
import type { Course, Role, User, World } from '../world.ts';
import { courseToChange, courseToSee, hasActiveOwner, userNamed } from './access.ts';
import { checkBody, type MessageFields, pageAnswer, pageSizeOf, requiredText } from './body.ts';
import { profileJson } from './profiles.ts';

const CREATE = ['classroom.profile.emails', 'classroom.profile.photos', 'classroom.rosters'];
const READ = [...CREATE, 'classroom.rosters.readonly'];

const FIELDS: Readonly<Record<Role, MessageFields>> = {
  students: { courseId: 'string', userId: 'string', profile: 'object', studentWorkFolder: 'object' },
  teachers: { courseId: 'string', userId: 'string', profile: 'object' },
};

/** The methods of one of the two rosters. */
export function memberMethods(world: World, rules: Rules, role: Role): ApiMethod[] {
  const path = `/v1/courses/{courseId}/${role}`;

  return [
    {
      id: `classroom.courses.${role}.create`,
      method: 'POST',
      path,
      scopes: CREATE,
      query: role === 'students' ? ['enrollmentCode'] : [],
      handler: (call) => {
        checkBody(role === 'students' ? 'student' : 'teacher', FIELDS[role], call.body);
        const { course, user } = addMember(world, call, rules, role);
        return { status: 200, json: memberJson(course, user, call) };
      },
    },
    {
      id: `classroom.courses.${role}.list`,
      method: 'GET',
      path,
      scopes: READ,
      query: ['pageSize', 'pageToken'],
      handler: (call) => {
        const course = courseToSee(world, call, call.params.courseId ?? '');
        const page = call.page(course[role], ([, joined]) => joined, { size: pageSizeOf(call, rules.rosterPage) });
        return pageAnswer(role, page, ([userId]) => memberJson(course, userNamed(world, call, userId), call));
      },
    },
    {
      id: `classroom.courses.${role}.get`,
      method: 'GET',
      path: `${path}/{userId}`,
      scopes: READ,
      handler: (call) => {
        const course = courseToSee(world, call, call.params.courseId ?? '');
        return { status: 200, json: memberJson(course, memberNamed(world, call, course, role), call) };
      },
    },
    {
      id: `classroom.courses.${role}.delete`,
      method: 'DELETE',
      path: `${path}/{userId}`,
      scopes: ['classroom.rosters'],
      handler: (call) => {
        const course = courseToChange(world, call, call.params.courseId ?? '');
        const user = memberNamed(world, call, course, role);
        if (role === 'teachers') checkTeacherMayGo(course, user, call.now);
        leave(course, user, role);
        return { status: 200, json: {} };
      },
    },
  ];
}

function addMember(world: World, call: Call, rules: Rules, role: Role): { course: Course; user: User } {
  const { caller } = call;
  const user = userNamed(world, call, requiredText(call.body, 'userId'));
  const code = call.query.get('enrollmentCode');
  const joinsByCode = role === 'students' && user === caller.user && code !== null;

  const course = joinsByCode ? courseWithCode(world, call, code) : courseToSee(world, call, call.params.courseId ?? '');
  if (!joinsByCode && (!caller.user.isAdmin || user.domain !== course.domain)) {
    throw classroomRefusal(
      'PERMISSION_DENIED',
      '@CannotDirectAddUser The user cannot be directly added to the course. Send an invitation instead.',
    );
  }

  if (course.students.has(user.id) || course.teachers.has(user.id)) {
    throw classroomRefusal('ALREADY_EXISTS', 'Requested entity already exists');
  }
  if (user.suspended) throw classroomRefusal('FAILED_PRECONDITION', 'Precondition check failed.');
  checkRoom(course, role, rules);

  join(world, course, user, role);
  // Adding somebody directly settles an invitation that is still open.
  for (const invitation of world.invitations.values()) {
    if (invitation.course === course && invitation.user === user) world.invitations.delete(invitation.id);
  }
  return { course, user };
}

/** The course that a student joins with its code. */
function courseWithCode(world: World, { caller, params }: Call, code: string): Course {
  const course = world.courses.get(params.courseId ?? '');
  if (course === undefined || course.domain !== caller.user.domain) throw classroomRefusal('NOT_FOUND', NOT_FOUND);
  if (course.enrollmentCode !== code) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  return course;
}

/** Refuses when the course takes nobody, or nobody more. */
function checkRoom(course: Course, role: Role, rules: Rules): void {
  if (course.state === 'ARCHIVED' || course.state === 'SUSPENDED' || course.state === 'DECLINED') {
    throw classroomRefusal('FAILED_PRECONDITION', '@CourseNotModifiable The course cannot be modified in its state.');
  }
  if (!hasActiveOwner(course)) {
    throw classroomRefusal('FAILED_PRECONDITION', '@InactiveCourseOwner The owner of the course is not active.');
  }
  if (role === 'teachers' && course.teachers.size >= rules.teachersOfACourse) {
    throw classroomRefusal(
      'FAILED_PRECONDITION',
      '@CourseTeacherLimitReached The course has as many teachers as it can.',
    );
  }
  if (course.teachers.size + course.students.size >= rules.membersOfACourse) {
    throw classroomRefusal(
      'FAILED_PRECONDITION',
      '@CourseMemberLimitReached The course has as many members as it can.',
    );
  }
}

function checkTeacherMayGo(course: Course, user: User, now: Date): void {
  const refuse = (message: string) => classroomRefusal('FAILED_PRECONDITION', message);

  if (user === course.owner) throw refuse('@CannotRemoveCourseOwner The owner of the course cannot be removed.');
  if (!hasActiveOwner(course)) {
    throw refuse('@CannotRemoveTeacherWithNoCourseOwner A teacher cannot be removed from a course without an owner.');
  }
  if (course.ownerBefore?.user === user && course.ownerBefore.until > now) {
    throw refuse(
      '@CannotRemoveCourseOwnerTransferIncomplete The ownership transfer of the course is not complete yet.',
    );
  }
}

function memberNamed(world: World, call: Call, course: Course, role: Role): User {
  const user = userNamed(world, call, call.params.userId ?? '');
  if (!course[role].has(user.id)) throw classroomRefusal('NOT_FOUND', NOT_FOUND);
  return user;
}

function memberJson(course: Course, user: User, call: Call): object {
  return { courseId: course.id, userId: user.id, profile: profileJson(user, call) };
}
