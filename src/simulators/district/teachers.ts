/** Hires a school's teachers and gives every lesson one, so that nobody stands in two rooms at once if it can be helped. */
import type { Span } from './calendar.ts';
import type { Lesson } from './lessons.ts';
import type { Random } from './random.ts';
import type { User } from './records.ts';

interface Teacher {
  user: User;
  lessons: number;
  busy: Set<string>;
}

export interface TaughtLesson {
  lesson: Lesson;
  teacher: User;
  /** The second teacher of the class, in about one class of twelve. */
  coTeacher?: User;
}

interface Teaching {
  teachers: User[];
  taught: TaughtLesson[];
}

const LOAD: Record<string, number> = { specialists: 12, electives: 6 };
const USUAL_LOAD = 6;
const SEMESTERS: Record<Span, readonly number[]> = { year: [1, 2], semester1: [1], semester2: [2] };

/** @param hire registers a new teacher of the school. */
export function assignTeachers(lessons: readonly Lesson[], hire: () => User, random: Random): Teaching {
  const everybody: Teacher[] = [];
  const departments = new Map<string, Teacher[]>();
  for (const [department, theirs] of Map.groupBy(lessons, (lesson) => lesson.department)) {
    if (department === 'homeroom') continue;
    const load = department.startsWith('class teacher') ? theirs.length : (LOAD[department] ?? USUAL_LOAD);
    const team = Array.from({ length: Math.ceil(theirs.length / load) }, () => makeTeacher(hire()));
    departments.set(department, team);
    everybody.push(...team);
  }

  const taught = lessons.map((lesson, i): TaughtLesson => {
    const team = departments.get(lesson.department) ?? everybody;
    const teacher = freest(team, lesson);
    take(teacher, lesson);
    // The second lesson of a school is always taught by two, so that even the smallest school has such a class.
    const shared = lesson.kind === 'scheduled' && (i === 1 || random.chance(1 / 12));
    const coTeacher = shared ? freeColleague(everybody, teacher, lesson, random) : undefined;
    if (coTeacher) take(coTeacher, lesson);
    return { lesson, teacher: teacher.user, ...(coTeacher && { coTeacher: coTeacher.user }) };
  });
  return { teachers: everybody.map(({ user }) => user), taught };
}

function makeTeacher(user: User): Teacher {
  return { user, lessons: 0, busy: new Set() };
}

/** The times a lesson takes: in a year-long one both semesters. */
function times({ span, period }: Lesson): string[] {
  return SEMESTERS[span].map((semester) => `${semester}/${period}`);
}

function isFree(teacher: Teacher, lesson: Lesson): boolean {
  return times(lesson).every((time) => !teacher.busy.has(time));
}

function take(teacher: Teacher, lesson: Lesson): void {
  teacher.lessons += 1;
  for (const time of times(lesson)) teacher.busy.add(time);
}

/** The one with the fewest lessons, of those who are free then if there is one. */
function freest(team: readonly Teacher[], lesson: Lesson): Teacher {
  const better = (one: Teacher, other: Teacher) => {
    const [oneFree, otherFree] = [isFree(one, lesson), isFree(other, lesson)];
    if (oneFree !== otherFree) return oneFree;
    return one.lessons < other.lessons;
  };
  return team.reduce((best, teacher) => (better(teacher, best) ? teacher : best));
}

function freeColleague(all: readonly Teacher[], teacher: Teacher, lesson: Lesson, random: Random): Teacher | undefined {
  for (let tries = 0; tries < 10; tries++) {
    const colleague = random.pick(all);
    if (colleague !== teacher && isFree(colleague, lesson)) return colleague;
  }
  return all.find((colleague) => colleague !== teacher);
}
