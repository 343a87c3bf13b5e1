// A hand at the Google side: changes behind Homeroom's back, in one domain, and what can be seen there.
import { addAlias, addCourse, aliasKey, changeCourse, giveCourse, join, leave, removeCourse } from './courses.ts';
import { addUser, changeUser, findUser, moveUser, type NewUser, removeUser } from './people.ts';
import type { Course, CourseState, CourseTexts, Domain, Role, User, World } from './world.ts';

/** People are named by e-mail or id, courses by id or alias (a `p:` alias of whichever project). An unknown one throws. */
export interface DomainHand {
  readonly name: string;
  readonly customerId: string;
  addUser(user: NewUser): string;
  renameUser(email: string, name: { givenName?: string; familyName?: string }): void;
  moveUser(email: string, newEmail: string): void;
  suspendUser(email: string, suspended?: boolean): void;
  deleteUser(email: string): void;
  /** Gives back the course's id. */
  createCourse(course: { name: string; owner: string; state?: CourseState; section?: string; alias?: string }): string;
  renameCourse(course: string, name: string): void;
  changeCourse(course: string, texts: Partial<CourseTexts>): void;
  setCourseState(course: string, state: CourseState): void;
  transferOwner(course: string, email: string): void;
  deleteCourse(course: string): void;
  addStudent(course: string, email: string): void;
  removeStudent(course: string, email: string): void;
  addTeacher(course: string, email: string): void;
  removeTeacher(course: string, email: string): void;
  course(course: string): CourseSeen;
  courses(): CourseSeen[];
  user(email: string): UserSeen;
  users(): UserSeen[];
  counts(): DomainCounts;
}

export interface CourseSeen extends CourseTexts {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly state: CourseState;
  readonly ownerEmail: string;
  /** E-mail addresses, in the order they came. */
  readonly teachers: readonly string[];
  readonly students: readonly string[];
}

export interface UserSeen {
  readonly id: string;
  readonly primaryEmail: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly suspended: boolean;
  readonly isAdmin: boolean;
}

export interface DomainCounts {
  readonly users: number;
  readonly courses: number;
  /** Memberships, not people. */
  readonly teachers: number;
  readonly students: number;
  readonly invitations: number;
}

/** The hand for one domain. */
export function createHand(world: World, domain: Domain): DomainHand {
  const user = (key: string): User => {
    const found = findUser(world, key);
    if (found === undefined || found.domain !== domain) throw new Error(`${domain.name} has no user ${key}`);
    return found;
  };
  const course = (key: string): Course => {
    const found = domain.courses.get(key) ?? [...domain.courses.values()].find(({ aliases }) => aliases.has(key));
    if (found === undefined) throw new Error(`${domain.name} has no course ${key}`);
    return found;
  };
  const put = (key: string, email: string, role: Role) => {
    const [into, who] = [course(key), user(email)];
    if (who.courses.has(into)) throw new Error(`${email} is in ${key} already`);
    join(world, into, who, role);
  };
  const take = (key: string, email: string, role: Role) => {
    const [from, who] = [course(key), user(email)];
    if (!from[role].has(who.id)) throw new Error(`${email} is not among the ${role} of ${key}`);
    leave(from, who, role);
  };

  return {
    name: domain.name,
    customerId: domain.customerId,
    addUser: (given) => addUser(world, domain, given).id,
    renameUser: (email, { givenName, familyName }) => {
      const found = user(email);
      changeUser(found, { givenName: givenName ?? found.givenName, familyName: familyName ?? found.familyName });
    },
    moveUser: (email, newEmail) => moveUser(world, user(email), newEmail),
    suspendUser: (email, suspended = true) => changeUser(user(email), { suspended }),
    deleteUser: (email) => removeUser(world, user(email)),
    createCourse: ({ name, owner, state = 'ACTIVE', section, alias }) => {
      const texts = { name, ...(section !== undefined && { section }) };
      const made = addCourse(world, domain, { texts, owner: user(owner), state });
      const key = alias === undefined ? undefined : aliasKey(alias, { domain, project: 'by hand' });
      if (alias !== undefined && key !== undefined) addAlias(world, made, alias, key);
      return made.id;
    },
    renameCourse: (key, name) => changeCourse(world, course(key), { name }),
    changeCourse: (key, texts) => changeCourse(world, course(key), texts),
    setCourseState: (key, state) => changeCourse(world, course(key), {}, state),
    transferOwner: (key, email) => {
      const [given, owner] = [course(key), user(email)];
      if (!given.teachers.has(owner.id)) join(world, given, owner, 'teachers');
      giveCourse(world, given, owner, 0);
    },
    deleteCourse: (key) => removeCourse(world, course(key)),
    addStudent: (key, email) => put(key, email, 'students'),
    removeStudent: (key, email) => take(key, email, 'students'),
    addTeacher: (key, email) => put(key, email, 'teachers'),
    removeTeacher: (key, email) => take(key, email, 'teachers'),
    course: (key) => seeCourse(world, course(key)),
    courses: () => [...domain.courses.values()].map((each) => seeCourse(world, each)),
    user: (email) => seeUser(user(email)),
    users: () => [...domain.users.values()].map(seeUser),
    counts: () => {
      const courses = [...domain.courses.values()];
      const sum = (role: Role) => courses.reduce((total, each) => total + each[role].size, 0);
      return {
        users: domain.users.size,
        courses: courses.length,
        teachers: sum('teachers'),
        students: sum('students'),
        invitations: [...world.invitations.values()].filter((open) => open.course.domain === domain).length,
      };
    },
  };
}

function seeCourse(world: World, course: Course): CourseSeen {
  const emails = (role: Role) => [...course[role].keys()].map((id) => world.usersById.get(id)?.primaryEmail ?? id);
  return {
    id: course.id,
    ...course.texts,
    aliases: [...course.aliases.keys()],
    state: course.state,
    ownerEmail: course.owner.primaryEmail,
    teachers: emails('teachers'),
    students: emails('students'),
  };
}

function seeUser({ id, primaryEmail, givenName, familyName, suspended, isAdmin }: User): UserSeen {
  return { id, primaryEmail, givenName, familyName, suspended, isAdmin };
}
