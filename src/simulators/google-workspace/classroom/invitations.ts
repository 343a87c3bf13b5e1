// invitations: create, list, get and delete.
import type { ApiMethod, Call } from '../api.ts';
import { classroomRefusal, NOT_FOUND } from '../errors.ts';
import type { Rules } from '../rules.ts';
import type { Invitation, World } from '../world.ts';
import { courseToChange, userNamed } from './access.ts';
import { checkBody, pageAnswer, pageSizeOf, requiredText } from './body.ts';

const WRITE = ['classroom.rosters'];
const READ = [...WRITE, 'classroom.rosters.readonly'];
const FIELDS = {
  id: 'string',
  courseId: 'string',
  userId: 'string',
  role: ['COURSE_ROLE_UNSPECIFIED', 'STUDENT', 'TEACHER', 'OWNER'],
} as const;

/** The invitation methods. */
export function invitationMethods(world: World, rules: Rules): ApiMethod[] {
  return [
    {
      id: 'classroom.invitations.create',
      method: 'POST',
      path: '/v1/invitations',
      scopes: WRITE,
      handler: (call) => ({ status: 200, json: invitationJson(invite(world, call)) }),
    },
    {
      id: 'classroom.invitations.list',
      method: 'GET',
      path: '/v1/invitations',
      scopes: READ,
      query: ['courseId', 'userId', 'pageSize', 'pageToken'],
      handler: (call) => {
        const page = call.page(invitationsAsked(world, call), ({ number }) => number, {
          size: pageSizeOf(call, rules.invitationPage),
        });
        return pageAnswer('invitations', page, invitationJson);
      },
    },
    {
      id: 'classroom.invitations.get',
      method: 'GET',
      path: '/v1/invitations/{id}',
      scopes: READ,
      handler: (call) => ({ status: 200, json: invitationJson(invitationNamed(world, call)) }),
    },
    {
      id: 'classroom.invitations.delete',
      method: 'DELETE',
      path: '/v1/invitations/{id}',
      scopes: WRITE,
      handler: (call) => {
        world.invitations.delete(invitationNamed(world, call).id);
        return { status: 200, json: {} };
      },
    },
  ];
}

function invite(world: World, call: Call): Invitation {
  const { body } = call;
  checkBody('invitation', FIELDS, body);
  const role = requiredText(body, 'role');
  if (role !== 'STUDENT' && role !== 'TEACHER' && role !== 'OWNER') {
    throw classroomRefusal('INVALID_ARGUMENT', 'role: A role is required.');
  }
  const course = courseToChange(world, call, requiredText(body, 'courseId'));
  const user = userNamed(world, call, requiredText(body, 'userId'));

  if ([...world.invitations.values()].some((open) => open.course === course && open.user === user)) {
    throw classroomRefusal('ALREADY_EXISTS', 'Requested entity already exists');
  }
  const hasRole = course.teachers.has(user.id) || (role === 'STUDENT' && course.students.has(user.id));
  if (user.suspended || (hasRole && role !== 'OWNER')) {
    throw classroomRefusal('FAILED_PRECONDITION', 'Precondition check failed.');
  }

  const number = world.nextNumber();
  const invitation: Invitation = {
    id: Buffer.from(`${course.id}:${number}`).toString('base64url'),
    number,
    course,
    user,
    role,
  };
  world.invitations.set(invitation.id, invitation);
  return invitation;
}

function invitationsAsked(world: World, call: Call): Invitation[] {
  const courseId = call.query.get('courseId');
  const userId = call.query.get('userId');
  if (courseId === null && userId === null) {
    throw classroomRefusal('INVALID_ARGUMENT', 'At least one of userId and courseId must be given.');
  }
  const course = courseId === null ? undefined : courseToChange(world, call, courseId);
  const user = userId === null ? undefined : userNamed(world, call, userId);

  return [...world.invitations.values()].filter(
    (open) =>
      open.course.domain === call.caller.user.domain &&
      (course === undefined || open.course === course) &&
      (user === undefined || open.user === user),
  );
}

function invitationNamed(world: World, call: Call): Invitation {
  const invitation = world.invitations.get(call.params.id ?? '');
  if (invitation === undefined || invitation.course.domain !== call.caller.user.domain) {
    throw classroomRefusal('NOT_FOUND', NOT_FOUND);
  }
  return invitation;
}

function invitationJson({ id, course, user, role }: Invitation): object {
  return { id, courseId: course.id, userId: user.id, role };
}
