/** Picks who and what a change of a living district concerns, among active records only. */
import type { Random } from './random.ts';
import type { Class, Enrollment, User } from './records.ts';
import type { Sis } from './sis.ts';

/** Where a change is to happen; anywhere, when nothing is said. */
export interface Place {
  schoolSourcedId?: string | undefined;
  /** The student, teacher or class it is to happen to, where that fits the change. */
  sourcedId?: string | undefined;
}

export interface Picks {
  student(place: Place): User;
  teacher(place: Place): User;
  class(place: Place): Class;
  enrollmentsOf(person: User): Enrollment[];
  /** A student's enrollment and another class the student could well be in. */
  move(place: Place): { student: User; enrollment: Enrollment; from: Class; to: Class };
  /** The primary teacher's enrollment in a class, and a colleague at the school. */
  substitution(place: Place): { enrollment: Enrollment; taught: Class; colleague: User };
}

const isActive = ({ status }: { status: string }) => status === 'active';

/** The picks of one SIS. Each throws a RangeError when there is nobody and nothing to pick. */
export function picksFor(sis: Sis, random: Random): Picks {
  const person = (role: string, { schoolSourcedId, sourcedId }: Place): User => {
    const fits = (user: User) =>
      isActive(user) &&
      (sourcedId === undefined || user.sourcedId === sourcedId) &&
      user.roles.some((one) => one.role === role && (schoolSourcedId ?? one.orgSourcedId) === one.orgSourcedId);
    return random.pick(sis.records('users').filter(fits));
  };

  const classes = ({ schoolSourcedId, sourcedId }: Place): Class[] =>
    sis
      .records('classes')
      .filter(
        (one) =>
          isActive(one) &&
          (schoolSourcedId ?? one.schoolSourcedId) === one.schoolSourcedId &&
          (sourcedId ?? one.sourcedId) === one.sourcedId,
      );

  const enrollments = (fits: (enrollment: Enrollment) => boolean) =>
    sis.records('enrollments').filter((one) => isActive(one) && fits(one));

  const enrollmentsOf = ({ sourcedId }: User) => enrollments(({ userSourcedId }) => userSourcedId === sourcedId);

  const moveOf = (student: User, place: Place) => {
    const theirs = enrollmentsOf(student);
    const taken = new Set(theirs.map(({ classSourcedId }) => classSourcedId));
    const there = classes({ schoolSourcedId: place.schoolSourcedId });
    const moves = theirs.flatMap((enrollment) => {
      const from = there.find((one) => one.sourcedId === enrollment.classSourcedId);
      if (!from || enrollment.role !== 'student') return [];
      const open = there.filter((one) => one.schoolSourcedId === from.schoolSourcedId && !taken.has(one.sourcedId));
      return open.map((to) => ({ student, enrollment, from, to, likeness: likeness(from, to) }));
    });
    const best = moves.reduce((most, move) => Math.max(most, move.likeness), 0);
    const alike = moves.filter((move) => move.likeness === best);
    return alike.length === 0 ? undefined : random.pick(alike);
  };

  return {
    student: (place) => person('student', place),
    teacher: (place) => person('teacher', place),
    class: (place) => random.pick(classes(place)),
    enrollmentsOf,

    move: (place) => {
      for (let tries = 0; tries < 20; tries++) {
        const move = moveOf(person('student', place), place);
        if (move) return move;
      }
      throw new RangeError('No student can change class');
    },

    substitution: (place) => {
      const taught = random.pick(classes(place));
      const leads = enrollments(
        ({ classSourcedId, role, primary }) =>
          classSourcedId === taught.sourcedId && role === 'teacher' && primary === true,
      );
      const enrollment = random.pick(leads);
      const present = new Set(
        enrollments(({ classSourcedId }) => classSourcedId === taught.sourcedId).map(
          ({ userSourcedId }) => userSourcedId,
        ),
      );
      const isColleague = (user: User) =>
        isActive(user) &&
        !present.has(user.sourcedId) &&
        user.roles.some(({ role, orgSourcedId }) => role === 'teacher' && orgSourcedId === taught.schoolSourcedId);
      return { enrollment, taught, colleague: random.pick(sis.records('users').filter(isColleague)) };
    },
  };
}

/** How well one class stands in for another: the same course, else the same grade and period, else what is left. */
function likeness(from: Class, to: Class): number {
  const same = (one: readonly string[], other: readonly string[]) => one.join() === other.join();
  if (!same(from.termSourcedIds, to.termSourcedIds) || from.classType !== to.classType) return 0;
  if (from.courseSourcedId === to.courseSourcedId) return 4;
  if (!same(from.grades, to.grades)) return 1;
  return same(from.periods, to.periods) ? 3 : 2;
}
