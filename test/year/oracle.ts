/**
 * What must stand in Edusign after each window, and the fewest calls that can bring it there, worked out from the plan and
 * the rules alone. It never looks at Homeroom.
 */
import type { AurigaWorld } from '../../src/simulators/auriga/world.ts';
import { addDays, dayAt } from './calendar.ts';
import { type Person, type Reading, type Refusal, readPlan, type Session } from './rules.ts';

export interface Sheet extends Session {
  /** Nobody may touch it any more. */
  closed: 'SHEET_LOCKED' | 'SHEET_SIGNED' | null;
  /** Its session is gone from the plan. */
  doomed: boolean;
}

/** What one window has to do. */
export interface Work {
  created: number;
  updated: number;
  removed: number;
  refusals: Set<Refusal>;
}

export interface Oracle {
  readonly sheets: Map<string, Sheet>;
  readonly students: Map<string, Person>;
  readonly professors: Map<string, Person>;
  /** A window comes: the plan is read and everything follows that may. */
  window(now: Date, world: AurigaWorld): Work;
}

const daysAhead = 14;
const mostInstructors = 3;

export function makeOracle(): Oracle {
  const plan = new Map<string, Session>();
  const sheets = new Map<string, Sheet>();
  const students = new Map<string, Person>();
  const professors = new Map<string, Person>();
  const everybody = new Map<string, Person>();

  const follow = (now: Date, reading: Reading) => {
    for (const [id, session] of reading.sessions) plan.set(id, session);
    for (const [id, person] of reading.people) everybody.set(id, person);
    for (const [id, session] of plan) {
      const isThere = reading.sessions.has(id) || reading.unreadable.has(id);
      const isGone = !isThere && session.start > now.getTime() && !reading.nameless;
      const sheet = sheets.get(id);
      if (sheet) sheet.doomed = isGone || (sheet.doomed && !isThere);
      if (isGone) plan.delete(id);
    }
  };

  const window = (now: Date, world: AurigaWorld): Work => {
    const reading = readPlan(world);
    follow(now, reading);
    const work: Work = { created: 0, updated: 0, removed: 0, refusals: new Set(reading.refusals) };
    const [first, last] = [dayAt(now), addDays(dayAt(now), daysAhead)];
    const isNear = ({ start }: Session) => first <= dayAt(new Date(start)) && dayAt(new Date(start)) <= last;
    const chosen = [...plan.values()].filter(
      (session) => session.end > now.getTime() && (sheets.has(session.id) || isNear(session)),
    );
    for (const { learners, instructors } of chosen) {
      keepPeople(students, learners, everybody, work);
      keepPeople(professors, instructors, everybody, work);
    }
    for (const session of chosen) keepSheet(session, now, work);
    for (const sheet of sheets.values()) {
      if (!sheet.doomed || sheet.start <= now.getTime()) continue;
      if (sheet.closed) work.refusals.add(`VANISHED_BUT_USED ${sheet.id}`);
      else {
        sheets.delete(sheet.id);
        work.removed += 1;
      }
    }

    return work;
  };

  const keepSheet = (session: Session, now: Date, work: Work) => {
    const there = sheets.get(session.id);
    const learners = session.learners.filter((id) => students.has(id)).toSorted();
    const leaders = session.instructors.filter((id) => professors.has(id));
    const wanted = { ...session, learners, instructors: leaders.slice(0, mostInstructors), groups: [] };
    if (leaders.length === 0) {
      work.refusals.add(`${learners.length === 0 ? 'SHEET_NOBODY' : 'SHEET_NO_INSTRUCTOR'} ${session.id}`);
      return;
    }
    if (there === undefined) {
      if (leaders.length > mostInstructors) work.refusals.add(`TOO_MANY_INSTRUCTORS ${session.id}`);
      sheets.set(session.id, { ...wanted, closed: null, doomed: false });
      work.created += 1;
      return;
    }
    if (alike(there, wanted)) return;
    if (there.closed) work.refusals.add(`${there.closed} ${session.id}`);
    if (there.closed || session.start <= now.getTime()) return;
    if (leaders.length > mostInstructors && there.instructors.join() !== wanted.instructors.join()) {
      work.refusals.add(`TOO_MANY_INSTRUCTORS ${session.id}`);
    }
    Object.assign(there, wanted);
    work.updated += 1;
  };

  return { sheets, students, professors, window };
}

/** Whoever has an address is there from the first session that is near, with the names of now. */
function keepPeople(
  there: Map<string, Person>,
  ids: readonly string[],
  everybody: ReadonlyMap<string, Person>,
  work: Work,
): void {
  for (const id of ids) {
    const [now, before] = [everybody.get(id), there.get(id)];
    if (now === undefined || (before === undefined && now.email === null)) continue;
    const kept = { ...now, email: now.email ?? before?.email ?? null };
    if (before && alike(before, kept)) continue;
    there.set(id, kept);
    if (before === undefined) work.created += 1;
    else work.updated += 1;
  }
}

function alike<T extends object>(one: T, other: Partial<T>): boolean {
  return Object.entries(other).every(([name, value]) => JSON.stringify(value) === JSON.stringify(one[name as keyof T]));
}
