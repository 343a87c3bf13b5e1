/**
 * What must stand in Edusign after each window, and the fewest calls that can bring it there, worked out from the plan and
 * the rules alone. It never looks at Homeroom.
 */

import type { Resolution } from '../../src/model/sync.ts';
import type { AurigaGroup, AurigaWorld } from '../../src/simulators/auriga/world.ts';
import { addDays, dayAt } from './calendar.ts';
import { decide, type Kept, standing } from './kept.ts';
import { type Person, type Reading, type Refusal, readPlan, type Session } from './rules.ts';

export interface Sheet extends Session {
  /** Nobody may touch it any more. */
  closed: 'SHEET_LOCKED' | 'SHEET_SIGNED' | null;
  /** Its session is gone from the plan. */
  doomed: boolean;
}

export interface Group {
  name: string;
  description: string;
  members: readonly string[];
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
  readonly groups: Map<string, Group>;
  /** What hands in Edusign have set, of a sheet or a learner, by their id in Auriga. */
  kept(id: string): Kept;
  /** A window comes: the plan is read and then everything follows that may; nothing is gone while that is `held`. */
  window(at: { read: Date; written: Date }, world: AurigaWorld, held?: boolean): Work;
  /** A person has answered a question about values. */
  answer(id: string, resolution: Resolution, at: 'source' | 'there'): void;
  /** A person has said that this sheet, which was deleted by hand, is not to come back. */
  leaveOut(id: string): void;
}

/** Days after today whose sessions get a sheet. */
export const daysAhead = 14;
const mostInstructors = 3;

export function makeOracle({ groupSync }: { groupSync: boolean }): Oracle {
  const plan = new Map<string, Session>();
  const sheets = new Map<string, Sheet>();
  const students = new Map<string, Person>();
  const professors = new Map<string, Person>();
  const everybody = new Map<string, Person>();
  const groups = new Map<string, Group>();
  const byHand = new Map<string, Kept>();
  const leftOut = new Set<string>();
  let planned: readonly AurigaGroup[] = [];
  const kept = (id: string) => byHand.get(id) ?? new Map();

  const follow = (now: Date, reading: Reading, held: boolean) => {
    for (const [id, session] of reading.sessions) plan.set(id, session);
    for (const [id, person] of reading.people) everybody.set(id, person);
    for (const [id, session] of plan) {
      const isThere = reading.sessions.has(id) || reading.unreadable.has(id);
      const isGone = !isThere && session.start > now.getTime() && !reading.nameless && !held;
      const sheet = sheets.get(id);
      if (sheet) sheet.doomed = isGone || (sheet.doomed && !isThere);
      if (isGone) plan.delete(id);
    }
  };

  const window: Oracle['window'] = ({ read, written: now }, world, held = false) => {
    const reading = readPlan(world, groupSync);
    // A favourite that has become empty is not believed in anything: that sync stops.
    const isBelieved = !held || world.sessions.size > 0;
    if (isBelieved) {
      follow(read, reading, held);
      planned = [...world.groups.values()];
    }
    const work: Work = { created: 0, updated: 0, removed: 0, refusals: new Set(reading.refusals) };
    const [first, last] = [dayAt(now), addDays(dayAt(now), daysAhead)];
    const isNear = ({ start }: Session) => first <= dayAt(new Date(start)) && dayAt(new Date(start)) <= last;
    const chosen = [...plan.values()].filter(
      (session) => session.end > now.getTime() && (sheets.has(session.id) || isNear(session)),
    );
    for (const { learners, instructors } of chosen) {
      keepPeople(students, learners, { everybody, kept }, work);
      keepPeople(professors, instructors, { everybody, kept: () => new Map() }, work);
    }
    if (groupSync) for (const group of planned) keepGroup(groups, group, students, work);
    for (const session of chosen) keepSheet(session, work);
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

  const keepSheet = (wish: Session, work: Work) => {
    if (leftOut.has(wish.id)) return;
    const there = sheets.get(wish.id);
    const session = there ? standing(kept(wish.id), wish) : wish;
    const learners = session.learners.filter((id) => students.has(id)).toSorted();
    const leaders = session.instructors.filter((id) => professors.has(id));
    const wanted = { ...session, learners, instructors: leaders.slice(0, mostInstructors) };
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
    // One that is moved to a time that has just begun is followed: they are sitting there, and want to sign.
    if (there.closed) return;
    if (leaders.length > mostInstructors && there.instructors.join() !== wanted.instructors.join()) {
      work.refusals.add(`TOO_MANY_INSTRUCTORS ${session.id}`);
    }
    Object.assign(there, wanted);
    work.updated += 1;
  };

  return {
    sheets,
    students,
    professors,
    groups,
    kept: (id) => {
      byHand.set(id, kept(id));
      return kept(id);
    },
    window,
    answer: (id, resolution, at) => decide(kept(id), resolution, at),
    leaveOut: (id) => {
      leftOut.add(id);
      sheets.delete(id);
    },
  };
}

/** Whoever has an address is there from the first session that is near, with the names of now. */
function keepPeople(
  there: Map<string, Person>,
  ids: readonly string[],
  { everybody, kept }: { everybody: ReadonlyMap<string, Person>; kept(id: string): Kept },
  work: Work,
): void {
  for (const id of ids) {
    const [now, before] = [everybody.get(id), there.get(id)];
    if (now === undefined) continue;
    if (before === undefined && now.email === null) {
      work.refusals.add(`PERSON_NO_EMAIL ${id}`);
      continue;
    }
    const wanted = standing(kept(id), { ...now, email: now.email ?? before?.email ?? null });
    if (before && alike(before, wanted)) continue;
    there.set(id, wanted);
    if (before === undefined) work.created += 1;
    else work.updated += 1;
  }
}

/** Members who are in no session yet are left out until they are. */
function keepGroup(
  there: Map<string, Group>,
  { id, label, code, learners }: AurigaGroup,
  students: ReadonlyMap<string, Person>,
  work: Work,
): void {
  const members = learners.filter((learner) => students.has(learner)).toSorted();
  const wanted = { name: label?.fr ?? code ?? id, description: code ?? '', members };
  const before = there.get(id);
  if (before && alike(before, wanted)) return;
  there.set(id, wanted);
  if (before === undefined) work.created += 1;
  else work.updated += 1;
}

function alike<T extends object>(one: T, other: Partial<T>): boolean {
  return Object.entries(other).every(([name, value]) => JSON.stringify(value) === JSON.stringify(one[name as keyof T]));
}
