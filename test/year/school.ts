/** The planning office of a school that plans in Auriga: who is there, who is in which group, and what is on, day by day. */
import type { AurigaPerson, AurigaSession, AurigaWorld } from '../../src/simulators/auriga/world.ts';
import { createRandom, type Random } from '../../src/simulators/district/random.ts';
import { type Day, isSchoolDay } from './calendar.ts';

export interface School {
  readonly world: AurigaWorld;
  readonly random: Random;
  /** Groups that hear lectures together. */
  readonly years: readonly (readonly string[])[];
  readonly instructors: string[];
  /** How what is spoilt just now is mended. */
  readonly mends: (() => void)[];
  /** How often each thing has happened, at the planners', to people and at Edusign. */
  readonly happened: Map<string, number>;
  newId(): string;
}

const groupSize = 25;
const groupsInAYear = 4;
const learnersOfAnInstructor = 15;

const familyNames = [
  'GRIMAUD',
  'Smith',
  'Éluard',
  'Nguyễn',
  "O'Brien",
  'de la Tour',
  'Müller',
  'Şahin',
  'Lê',
  'Ørsted',
];
const givenNames = ['Karole', 'John', 'Anaïs', 'Minh', 'Siobhán', 'Luc', 'Jürgen', 'Ayşe', 'Zoé', 'Åse', 'Jean-Marc'];
const units = ['Éthique numérique - ETHIX', 'Algèbre', 'Réseaux', 'Anglais', 'Thermodynamique', 'Droit', 'Projet'];
const slots = ['08:30', '10:30', '13:30', '15:30'] as const;

/** The same for the same seed and size. Nothing is planned yet. */
export function makeSchool(seed: string, learners: number): School {
  const random = createRandom(seed);
  let last = 115_848;
  const newId = () => String((last += 1));
  const world: AurigaWorld = { people: new Map(), sessions: new Map(), groups: new Map() };
  const school = {
    world,
    random,
    years: [] as string[][],
    instructors: [] as string[],
    mends: [],
    happened: new Map(),
    newId,
  };

  for (let index = 0; index < Math.ceil(learners / learnersOfAnInstructor); index += 1) {
    school.instructors.push(newPerson(school, 'prof').id);
  }
  for (let index = 0; index * groupSize < learners; index += 1) {
    const members = Array.from({ length: Math.min(groupSize, learners - index * groupSize) }, () => newPerson(school));
    const id = newId();
    const label = { fr: `Groupe TD ${index + 1}`, en: `Seminar group ${index + 1}` };
    const code = index % 5 === 4 ? null : `2627_ING_TD${index + 1}`;
    world.groups.set(id, { id, label, code, learners: members.map((person) => person.id) });
    if (index % groupsInAYear === 0) school.years.push([]);
    school.years.at(-1)?.push(id);
  }

  return school;
}

export function noteThat(school: Pick<School, 'happened'>, what: string): void {
  school.happened.set(what, (school.happened.get(what) ?? 0) + 1);
}

/** Somebody new. A few have no e-mail address, and a few a slash in the name. */
export function newPerson(school: School, kind: 'prof' | 'etu' = 'etu'): AurigaPerson {
  const { random, world, newId } = school;
  const id = newId();
  const plain = random.pick(familyNames);
  const familyName = random.chance(0.01) ? `${plain}/MARTIN` : plain;
  const givenName = random.pick(givenNames);
  const email = kind === 'etu' && random.chance(0.01) ? null : `${kind}.${id}@Ecole.Example`;
  const person = { id, familyName, givenName, email };
  world.people.set(id, person);

  return person;
}

/** All members of these groups, each once. */
export function membersOf({ world }: School, groups: readonly string[]): string[] {
  return [...new Set(groups.flatMap((id) => world.groups.get(id)?.learners ?? []))];
}

/** A lecture for each year and a seminar for each of its groups, on days on which there is school. */
export function planDay(school: School, day: Day): void {
  if (!isSchoolDay(day)) return;
  const { random, years } = school;
  for (const groups of years) {
    const [first = '08:30', second = '10:30'] = random.shuffled(slots);
    plan(school, { day, time: first, groups, kind: 'lecture' });
    for (const group of groups) plan(school, { day, time: second, groups: [group], kind: 'seminar' });
  }
}

interface Planned {
  day: Day;
  time: string;
  groups: readonly string[];
  kind: 'lecture' | 'seminar';
}

export function plan(school: School, { day, time, groups, kind }: Planned): AurigaSession {
  const { random, newId, instructors, world } = school;
  const id = newId();
  const room = 100 + random.int(300);
  const leaders = random.chance(0.02) ? 4 : kind === 'lecture' && random.chance(0.3) ? 2 : 1;
  const session: AurigaSession = {
    id,
    start: `${day}T${time}:00`,
    end: `${day}T${endOf(time)}:00`,
    unit: random.chance(0.02) ? null : { fr: random.pick(units), en: 'Unit' },
    activityType: random.chance(0.02) ? null : { en: kind, fr: kind === 'lecture' ? 'Cours' : 'TD' },
    description: random.chance(0.2) ? null : `Séance ${id}`,
    roomLabel: random.chance(0.8) ? `Salle ${room}` : null,
    roomCode: random.chance(0.9) ? `R${room}` : null,
    learners: membersOf(school, groups),
    instructors: random.shuffled(instructors).slice(0, leaders),
    groups,
  };
  world.sessions.set(id, session);

  return session;
}

/** An hour and a half later. */
export function endOf(time: string): string {
  return new Date(Date.parse(`2000-01-01T${time}:00Z`) + 90 * 60_000).toISOString().slice(11, 16);
}
