// Changes to courses and their members, for the Classroom API and for the hand at the Google side alike.
import type { Course, CourseState, CourseTexts, Domain, Role, User, World } from './world.ts';

export interface NewCourse {
  readonly texts: CourseTexts;
  readonly owner: User;
  readonly state: CourseState;
}

/** Makes a course; its owner becomes its first teacher. */
export function addCourse(world: World, domain: Domain, { texts, owner, state }: NewCourse): Course {
  const number = world.nextNumber();
  const now = world.clock.now();
  const course: Course = {
    id: String(700_000_000_000 + number * 7_919),
    number,
    domain,
    enrollmentCode: (number * 1_000_003).toString(36).padStart(7, 'a').slice(-7),
    createdAt: now,
    aliases: new Map(),
    texts,
    owner,
    state,
    updatedAt: now,
    ...(state === 'ACTIVE' && { activatedAt: now }),
    teachers: new Map(),
    students: new Map(),
  };
  domain.courses.set(course.id, course);
  world.courses.set(course.id, course);
  join(world, course, owner, 'teachers');
  return course;
}

/** Deletes a course with its aliases, members and invitations. */
export function removeCourse(world: World, course: Course): void {
  for (const userId of [...course.teachers.keys(), ...course.students.keys()]) {
    world.usersById.get(userId)?.courses.delete(course);
  }
  for (const key of course.aliases.values()) world.coursesByAlias.delete(key);
  for (const invitation of world.invitations.values()) {
    if (invitation.course === course) world.invitations.delete(invitation.id);
  }
  course.domain.courses.delete(course.id);
  world.courses.delete(course.id);
}

/** Changes texts and state; an empty text is a cleared one. */
export function changeCourse(world: World, course: Course, texts: Partial<CourseTexts>, state = course.state): void {
  const now = world.clock.now();
  const kept = Object.entries({ ...course.texts, ...texts }).filter(([, text]) => text !== undefined && text !== '');
  course.texts = { name: course.texts.name, ...Object.fromEntries(kept) };
  course.state = state;
  course.updatedAt = now;
  if (state === 'ACTIVE') course.activatedAt ??= now;
}

/** Hands a course to another of its teachers; the last owner stays as a teacher. */
export function giveCourse(world: World, course: Course, owner: User, transferMs: number): void {
  if (owner === course.owner) return;

  const now = world.clock.now();
  course.ownerBefore = { user: course.owner, until: new Date(now.getTime() + transferMs) };
  course.owner = owner;
  course.updatedAt = now;
}

/** Puts a person into a course. */
export function join(world: World, course: Course, user: User, role: Role): void {
  course[role].set(user.id, world.nextNumber());
  user.courses.add(course);
}

/** Takes a person out of a course. */
export function leave(course: Course, user: User, role: Role): void {
  course[role].delete(user.id);
  user.courses.delete(course);
}

/**
 * The key an alias is found by: `d:` aliases are unique within a domain, `p:` aliases within a developer project. Undefined
 * for a text that is no alias.
 */
export function aliasKey(alias: string, about: { domain: Domain; project: string }): string | undefined {
  if (alias.startsWith('d:')) return `domain ${about.domain.name} ${alias}`;
  if (alias.startsWith('p:')) return `project ${about.project} ${alias}`;
  return undefined;
}

/** Gives a course an alias under a key that is free. */
export function addAlias(world: World, course: Course, alias: string, key: string): void {
  course.aliases.set(alias, key);
  world.coursesByAlias.set(key, course);
}

/** Takes an alias away. */
export function removeAlias(world: World, course: Course, alias: string): void {
  world.coursesByAlias.delete(course.aliases.get(alias) ?? '');
  course.aliases.delete(alias);
}
