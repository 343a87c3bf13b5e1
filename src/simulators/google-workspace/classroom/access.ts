// Who may see and change which course, and how people and courses are named in requests.
import type { Call } from '../api.ts';
import { aliasKey } from '../courses.ts';
import { classroomRefusal, NO_PERMISSION, NOT_FOUND } from '../errors.ts';
import { findUser } from '../people.ts';
import type { Course, User, World } from '../world.ts';

/** The user meant by a numeric id, an e-mail address or `me`, of whichever domain. Refuses with NOT_FOUND. */
export function userNamed(world: World, call: Call, key: string): User {
  const user = key === 'me' ? call.caller.user : findUser(world, key);
  if (user === undefined) throw classroomRefusal('NOT_FOUND', NOT_FOUND);
  return user;
}

/** The course meant by a numeric id or an alias, if the caller may see it. Courses of other domains are not found. */
export function courseToSee(world: World, call: Call, key: string): Course {
  const { user, project } = call.caller;
  const course =
    world.courses.get(key) ?? world.coursesByAlias.get(aliasKey(key, { domain: user.domain, project }) ?? '');
  if (course === undefined || course.domain !== user.domain) throw classroomRefusal('NOT_FOUND', NOT_FOUND);
  if (!maySee(course, user)) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  return course;
}

/** The same for a caller who wants to change it: an admin or one of its teachers. */
export function courseToChange(world: World, call: Call, key: string): Course {
  const course = courseToSee(world, call, key);
  const { user } = call.caller;
  if (!user.isAdmin && !course.teachers.has(user.id)) throw classroomRefusal('PERMISSION_DENIED', NO_PERMISSION);
  return course;
}

/** A course in the making is seen by its owner and by admins, any other by its members and by admins. */
export function maySee(course: Course, user: User): boolean {
  if (user.isAdmin || user === course.owner) return true;
  if (course.state === 'SUSPENDED' || course.state === 'PROVISIONED' || course.state === 'DECLINED') return false;
  return course.teachers.has(user.id) || course.students.has(user.id);
}

/** Whether the course's owner can still answer for it. */
export function hasActiveOwner({ owner }: Course): boolean {
  return owner.deletedAt === undefined && !owner.suspended;
}
