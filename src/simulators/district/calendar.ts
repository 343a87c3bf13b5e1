/** The school year around a date: one year, two semesters, four terms, a grading period in each term. */
import type { Random } from './random.ts';
import type { AcademicSession } from './records.ts';

/** Parts of the year a class can last. */
export type Span = 'year' | 'semester1' | 'semester2';

export interface Calendar {
  sessions: AcademicSession[];
  schoolYear: AcademicSession;
  /** The terms of a span, in order. */
  terms(span: Span): readonly AcademicSession[];
}

const DAY = 24 * 60 * 60 * 1000;

function day(year: number, month: number, date: number): string {
  return new Date(Date.UTC(year, month - 1, date)).toISOString().slice(0, 10);
}

/**
 * The calendar of the school year that contains `asOf`. The year runs from 1 August to 1 August and the terms leave no
 * gap, so that a demonstration has a current term on whatever day it is given.
 *
 * @param stamp gives a record's dateLastModified.
 */
export function makeCalendar(asOf: Date, random: Random, stamp: () => string): Calendar {
  const start = asOf.getUTCMonth() >= 7 ? asOf.getUTCFullYear() : asOf.getUTCFullYear() - 1;
  const end = start + 1;

  const session = (title: string, type: string, startDate: string, endDate: string, parent?: AcademicSession) => ({
    sourcedId: random.uuid(),
    status: 'active',
    dateLastModified: stamp(),
    title,
    type,
    startDate,
    endDate,
    ...(parent && { parentSourcedId: parent.sourcedId }),
    schoolYear: String(end),
  });

  const schoolYear = session(`School Year ${start}–${end}`, 'schoolYear', day(start, 8, 1), day(end, 8, 1));
  const semester1 = session('Semester 1', 'semester', day(start, 8, 1), day(end, 1, 19), schoolYear);
  const semester2 = session('Semester 2', 'semester', day(end, 1, 19), day(end, 8, 1), schoolYear);
  const autumn = session('Term 1', 'term', day(start, 8, 1), day(start, 10, 27), semester1);
  const winter = session('Term 2', 'term', day(start, 10, 27), day(end, 1, 19), semester1);
  const spring = session('Term 3', 'term', day(end, 1, 19), day(end, 4, 6), semester2);
  const summer = session('Term 4', 'term', day(end, 4, 6), day(end, 8, 1), semester2);

  const terms = [autumn, winter, spring, summer];
  const periods = terms.map((term, i) =>
    session(`Grading Period ${i + 1}`, 'gradingPeriod', term.startDate, term.endDate, term),
  );
  const spans: Record<Span, readonly AcademicSession[]> = {
    year: terms,
    semester1: [autumn, winter],
    semester2: [spring, summer],
  };

  return {
    sessions: [schoolYear, semester1, semester2, ...terms, ...periods],
    schoolYear,
    terms: (span) => spans[span],
  };
}

/**
 * Dates of last change between the roll-over before the school year and `asOf`. A few hundred different ones: a SIS
 * writes many records at once, and a hundred thousand records need not keep a string of their own each.
 */
export function makeStamps(asOf: Date, random: Random): () => string {
  const startYear = asOf.getUTCMonth() >= 7 ? asOf.getUTCFullYear() : asOf.getUTCFullYear() - 1;
  const first = Date.UTC(startYear, 6, 12);
  const span = Math.max(asOf.getTime() - first, DAY);
  const stamps = Array.from({ length: 400 }, () => {
    const time = Math.min(first + Math.floor(span * random.next() ** 3), asOf.getTime());
    return new Date(time).toISOString();
  });
  return () => random.pick(stamps);
}
