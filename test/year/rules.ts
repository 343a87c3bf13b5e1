/** What a row of the plan means, by the rules a school was promised. Written from those rules, not from the code that keeps them. */
import type { AurigaPerson, AurigaSession, AurigaWorld, Label } from '../../src/simulators/auriga/world.ts';
import { instantOf } from './calendar.ts';

export interface Session {
  id: string;
  name: string;
  description: string;
  /** Milliseconds. */
  start: number;
  end: number;
  room: string;
  instructors: readonly string[];
  learners: readonly string[];
  groups: readonly string[];
}

export interface Person {
  id: string;
  familyName: string;
  givenName: string;
  /** In lower case; null for none that can be used. */
  email: string | null;
}

/** Something that could not be done, by its code and by whom or what it is about ('' where that has no id). */
export type Refusal = `${string} ${string}`;

export interface Reading {
  sessions: Map<string, Session>;
  people: Map<string, Person>;
  /** Rows that are there and cannot be read. */
  unreadable: Set<string>;
  /** A row that could be any session: while it stands, none is known to be gone. */
  nameless: boolean;
  refusals: Set<Refusal>;
}

const fullTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const address = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

/** `groupSync`: without it groups are not read, and none is missed. */
export function readPlan({ sessions, people, groups }: AurigaWorld, groupSync: boolean): Reading {
  const reading: Reading = {
    sessions: new Map(),
    people: new Map(),
    unreadable: new Set(),
    nameless: false,
    refusals: new Set(),
  };
  for (const row of sessions.values()) {
    const learners = idsOf(reading, people, row.learners);
    const instructors = idsOf(reading, people, row.instructors);
    const id = cellOf(row, 'ID', row.id);
    const [start, end] = [cellOf(row, 'Start', row.start), cellOf(row, 'End', row.end)];
    if (id === '') {
      reading.nameless = true;
      reading.refusals.add('ROW_NO_ID ');
    } else if (!fullTime.test(start) || !fullTime.test(end) || instantOf(end) <= instantOf(start)) {
      reading.unreadable.add(id);
      reading.refusals.add(`ROW_BAD_TIME ${id}`);
    } else {
      const before = reading.sessions.get(id);
      if (before !== undefined) reading.refusals.add(`ROW_REPEATED ${id}`);
      const known = groupSync ? row.groups.filter((group) => groups.has(group)) : [];
      if (groupSync && known.length < row.groups.length) reading.refusals.add(`GROUP_UNKNOWN ${id}`);
      reading.sessions.set(id, {
        id,
        ...namesOf(row, id),
        start: instantOf(start),
        end: instantOf(end),
        room: row.roomLabel ?? row.roomCode ?? '',
        instructors: union(before?.instructors, instructors),
        learners: union(before?.learners, learners),
        groups: union(before?.groups, known),
      });
    }
  }

  return reading;
}

/** What is sent, where that is something else than what is meant. */
function cellOf({ cells }: AurigaSession, heading: string, meant: string): string {
  const sent = cells?.[heading];

  return typeof sent === 'string' ? sent : meant;
}

function union(before: readonly string[] = [], more: readonly string[]): string[] {
  return [...new Set([...before, ...more])];
}

function namesOf({ activityType, unit, description }: AurigaSession, id: string) {
  const labels = [labelOf(activityType), labelOf(unit)].filter((label) => label !== '');
  const name = labels.length > 0 ? labels.join(' § ') : (description ?? id);

  return { name, description: description === name ? '' : (description ?? '') };
}

/** In French where there is one. */
function labelOf(label: Label | null): string {
  return label?.fr ?? label?.en ?? '';
}

/** Who of a cell can be taken; what is wrong with anybody is noted. */
function idsOf(reading: Reading, people: ReadonlyMap<string, AurigaPerson>, keys: readonly string[]): string[] {
  return keys.flatMap((key) => {
    const person = people.get(key);
    const read = person && readPerson(person);
    if (read === undefined) return [];
    for (const code of read.codes) reading.refusals.add(`${code} ${person?.id}`);
    if (read.person) reading.people.set(read.person.id, read.person);
    return read.person?.id ?? [];
  });
}

const known = new WeakMap<AurigaPerson, ReturnType<typeof judge>>();

function readPerson(person: AurigaPerson) {
  const judged = known.get(person) ?? judge(person);
  known.set(person, judged);

  return judged;
}

function judge({ id, familyName, givenName, email }: AurigaPerson): { person: Person | null; codes: string[] } {
  if (id === '') return { person: null, codes: ['PERSON_NO_ID'] };
  if (familyName === '') return { person: null, codes: ['PERSON_NO_NAME'] };
  if (givenName === '') return { person: null, codes: ['PERSON_NO_FIRST_NAME'] };
  const usable = email !== null && address.test(email);
  const codes = [
    ...(familyName.includes('/') ? ['NAME_HAS_SLASH'] : []),
    ...(usable ? [] : [email === null ? 'PERSON_NO_EMAIL' : 'PERSON_BAD_EMAIL']),
  ];

  return { person: { id, familyName, givenName, email: usable ? email.toLowerCase() : null }, codes };
}
