/** Plans a school's lessons: which sections there are, what each is taught, when and where. Nobody teaches them yet. */
import type { Span } from './calendar.ts';
import { curricula, type Subject } from './curriculum.ts';
import type { Student } from './families.ts';
import type { Random } from './random.ts';
import type { School } from './schools.ts';

export interface Lesson {
  kind: 'homeroom' | 'scheduled';
  subject: Subject;
  grade: string;
  courseTitle: string;
  courseCode: string;
  subjectCode: string;
  /** A letter, or two in a very large school. */
  section: string;
  span: Span;
  period: string;
  room: string;
  students: readonly Student[];
  /** Which group of teachers it belongs to. */
  department: string;
}

const MOST_IN_SECTION = 26;
const HOMEROOM: Subject = { title: 'Homeroom', code: 'HOM', area: 'Miscellaneous', sced: '22106' };

interface Plan {
  level: School['level'];
  grade: string;
  gradeIndex: number;
}

/** All lessons of a school: a homeroom and the core subjects for every section, the electives for every grade. */
export function planLessons(school: School, students: readonly Student[], random: Random): Lesson[] {
  const byGrade = Map.groupBy(students, ({ grade }) => grade);
  return school.grades.flatMap(({ grade }, gradeIndex) => {
    const inGrade = byGrade.get(grade) ?? [];
    const plan = { level: school.level, grade, gradeIndex };
    const sections = deal(inGrade, Math.ceil(inGrade.length / MOST_IN_SECTION));
    return [
      ...sections.flatMap((members, i) => sectionLessons(plan, members, i)),
      ...electiveLessons(plan, random.shuffled(inGrade), sections.length),
    ];
  });
}

/** `0` is A, `25` Z, `26` AA. */
function sectionName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : sectionName(Math.floor(index / 26) - 1) + letter;
}

/** Deals the items into so many groups of nearly the same size. */
function deal<T>(items: readonly T[], groups: number): T[][] {
  const dealt = Array.from({ length: groups }, (): T[] => []);
  for (const [i, item] of items.entries()) dealt[i % groups]?.push(item);
  return dealt;
}

// The electives of a grade share a period in which its core subjects never are, so that students can choose freely.
function electivePeriod({ level, gradeIndex }: Plan): number {
  return gradeIndex % (curricula[level].core.length + 1);
}

function sectionLessons(plan: Plan, members: readonly Student[], index: number): Lesson[] {
  const { level, grade, gradeIndex } = plan;
  const { core } = curricula[level];
  const section = sectionName(index);
  const room = `Room ${(gradeIndex + 1) * 100 + index + 1}`;
  const classTeacher = `class teacher ${grade} ${section}`;
  const departmentOf = (subject: Subject) => {
    if (level !== 'primary') return subject.code;
    return subject.specialist ? 'specialists' : classTeacher;
  };
  const year = { section, span: 'year' as const, students: members };

  const homeroom: Lesson = {
    ...describeCourse(plan, HOMEROOM),
    ...year,
    kind: 'homeroom',
    period: 'HR',
    room,
    department: level === 'primary' ? classTeacher : 'homeroom',
  };
  const scheduled = core.map((subject, slot): Lesson => {
    const place = (slot + index) % core.length;
    const period = place < electivePeriod(plan) ? place : place + 1;
    return {
      ...describeCourse(plan, subject),
      ...year,
      kind: 'scheduled',
      period: String(period + 1),
      room: subject.room ?? room,
      department: departmentOf(subject),
    };
  });
  return [homeroom, ...scheduled];
}

function electiveLessons(plan: Plan, students: readonly Student[], sections: number): Lesson[] {
  const { electives, electiveSpans } = curricula[plan.level];
  const groups = Math.max(2, sections);
  return electiveSpans.flatMap((span, spanIndex) =>
    deal(students, groups).map((members, i): Lesson => {
      const choice = i + plan.gradeIndex + spanIndex;
      const subject = electives[choice % electives.length] as Subject;
      return {
        ...describeCourse(plan, subject),
        kind: 'scheduled',
        section: sectionName(Math.floor(i / electives.length)),
        span,
        period: String(electivePeriod(plan) + 1),
        room: subject.room ?? `Room ${(plan.gradeIndex + 1) * 100 + 50 + i}`,
        // The second semester mixes them anew.
        students: spanIndex === 0 ? members : nthPart(students, groups, i),
        department: plan.level === 'primary' ? 'specialists' : 'electives',
      };
    }),
  );
}

/** The nth of so many groups of neighbours in the list. */
function nthPart<T>(items: readonly T[], groups: number, n: number): T[] {
  const start = (group: number) => Math.floor((group * items.length) / groups);
  return items.slice(start(n), start(n + 1));
}

function describeCourse({ grade, gradeIndex }: Plan, subject: Subject) {
  const label = grade === 'KG' ? grade : String(Number(grade));
  const title = typeof subject.title === 'string' ? `${subject.title} ${label}` : subject.title[gradeIndex];
  const code = typeof subject.sced === 'string' ? subject.sced : subject.sced[gradeIndex];
  return {
    subject,
    grade,
    courseTitle: title ?? subject.code,
    courseCode: `${subject.code}-${grade}`,
    subjectCode: code ?? '',
  };
}
