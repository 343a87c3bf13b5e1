/** Writes a school's taught lessons down as OneRoster courses, classes and enrollments. */
import type { Calendar } from './calendar.ts';
import type { Lesson } from './lessons.ts';
import type { Random } from './random.ts';
import type { Class, Course, Enrollment, User } from './records.ts';
import type { School } from './schools.ts';
import type { TaughtLesson } from './teachers.ts';

export interface Timetable {
  courses: Course[];
  classes: Class[];
  enrollments: Enrollment[];
}

interface WritingDown {
  calendar: Calendar;
  random: Random;
  stamp: () => string;
}

/** One course for each course code, one class for each lesson, one enrollment for each person in it. */
export function writeTimetable(school: School, taught: readonly TaughtLesson[], tools: WritingDown): Timetable {
  const courses = new Map<string, Course>();
  const classes: Class[] = [];
  const enrollments: Enrollment[] = [];

  for (const { lesson, teacher, coTeacher } of taught) {
    let course = courses.get(lesson.courseCode);
    if (!course) {
      course = makeCourse(lesson, school, tools);
      courses.set(lesson.courseCode, course);
    }
    const record = makeClass(lesson, course, school, tools);
    classes.push(record);

    const place = enrollmentPlace(record, lesson, tools);
    enrollments.push({ ...place(teacher, 'teacher'), primary: true });
    if (coTeacher) enrollments.push({ ...place(coTeacher, 'teacher'), primary: false });
    for (const { user } of lesson.students) enrollments.push(place(user, 'student'));
  }
  return { courses: [...courses.values()], classes, enrollments };
}

function makeCourse(lesson: Lesson, school: School, { calendar, random, stamp }: WritingDown): Course {
  return {
    sourcedId: random.uuid(),
    status: 'active',
    dateLastModified: stamp(),
    title: lesson.courseTitle,
    courseCode: lesson.courseCode,
    schoolYearSourcedId: calendar.schoolYear.sourcedId,
    grades: [lesson.grade],
    subjects: [lesson.subject.area],
    subjectCodes: [lesson.subjectCode],
    orgSourcedId: school.org.sourcedId,
  };
}

function makeClass(lesson: Lesson, course: Course, school: School, { calendar, random, stamp }: WritingDown): Class {
  const half = lesson.span === 'year' ? undefined : lesson.span.slice(-1);
  return {
    sourcedId: random.uuid(),
    status: 'active',
    dateLastModified: stamp(),
    title: `${course.title} – ${lesson.section}${half === undefined ? '' : ` (Semester ${half})`}`,
    classCode: `${lesson.courseCode}-${lesson.section}${half === undefined ? '' : `-S${half}`}`,
    classType: lesson.kind,
    location: lesson.room,
    grades: [lesson.grade],
    subjects: [lesson.subject.area],
    subjectCodes: [lesson.subjectCode],
    periods: [lesson.period],
    courseSourcedId: course.sourcedId,
    schoolSourcedId: school.org.sourcedId,
    termSourcedIds: calendar.terms(lesson.span).map(({ sourcedId }) => sourcedId),
  };
}

function enrollmentPlace(record: Class, { span }: Lesson, { calendar, random, stamp }: WritingDown) {
  const terms = calendar.terms(span);
  const beginDate = terms[0]?.startDate ?? '';
  const endDate = terms.at(-1)?.endDate ?? '';
  return (user: User, role: string): Enrollment => ({
    sourcedId: random.uuid(),
    status: 'active',
    dateLastModified: stamp(),
    userSourcedId: user.sourcedId,
    classSourcedId: record.sourcedId,
    schoolSourcedId: record.schoolSourcedId,
    role,
    beginDate,
    endDate,
  });
}
