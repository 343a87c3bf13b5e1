/** Fills the seats of all schools with children of families, and registers the guardians the schools know of. */

import { knottyNames, longNames, shortNames } from './names.ts';
import { familyName, type PersonName, personName, rareName } from './naming.ts';
import type { Office } from './office.ts';
import type { Random } from './random.ts';
import type { User } from './records.ts';
import type { School } from './schools.ts';

export interface Student {
  user: User;
  school: School;
  grade: string;
  sex: 'female' | 'male';
}

interface Seat {
  school: School;
  grade: string;
}

interface Families {
  students: Student[];
  guardians: User[];
}

const GUARDIAN_ROLES = ['parent', 'parent', 'parent', 'parent', 'guardian', 'relative'];

/**
 * Seats every student. Brothers and sisters share family name and guardians, also across schools. Nearly half of the
 * families have not given the school anybody to call, which keeps guardians well below the number of students, and each
 * school has a few people whose names are unusually long, short or knotty.
 */
export function makeFamilies(schools: readonly School[], office: Office, random: Random): Families {
  const seatsBySchool = schools.map((school) => random.shuffled(school.grades.flatMap(seatsOf(school))));
  const offset = random.int(longNames.length);
  const students: Student[] = [];
  const guardians: User[] = [];

  for (const [i, seats] of seatsBySchool.entries()) {
    for (const name of rareNamesOf(i + offset)) {
      const seat = seats.pop();
      if (seat) students.push(enrol(name, random.chance(0.5) ? 'female' : 'male', seat, office));
    }
  }

  const free = random.shuffled(seatsBySchool.flat());
  for (let at = 0; at < free.length; ) {
    const size = random.pick([1, 1, 1, 1, 1, 2, 2, 2, 2, 3]);
    const family = makeFamily(free.slice(at, at + size), office, random);
    for (const child of family.students) students.push(child);
    for (const guardian of family.guardians) guardians.push(guardian);
    at += size;
  }
  return { students, guardians };
}

function seatsOf(school: School) {
  return ({ grade, students }: { grade: string; students: number }): Seat[] =>
    Array.from({ length: students }, () => ({ school, grade }));
}

function rareNamesOf(i: number): PersonName[] {
  const picks = [longNames[i % 3], shortNames[i % 3], knottyNames[i % 5], knottyNames[(i + 2) % 5]];
  return picks.filter((pick) => pick !== undefined).map(rareName);
}

function enrol(name: PersonName, sex: 'female' | 'male', { school, grade }: Seat, office: Office): Student {
  return { user: office.student(name, grade, school.org.sourcedId), school, grade, sex };
}

function makeFamily(seats: readonly Seat[], office: Office, random: Random): Families {
  const shared = familyName(random);
  const taken = new Set<string>();

  const students = seats.map((seat) => {
    const sex = random.chance(0.5) ? 'female' : 'male';
    let name = personName(random, shared, sex);
    for (let tries = 0; tries < 4 && taken.has(name.givenName); tries++) name = personName(random, shared, sex);
    taken.add(name.givenName);
    return enrol(name, sex, seat, office);
  });

  const count = random.pick([0, 0, 0, 0, 1, 1, 1, 1, 2]);
  const orgSourcedIds = [...new Set(seats.map(({ school }) => school.org.sourcedId))];
  const guardians = Array.from({ length: count }, (_, i) => {
    const ownName = random.chance(0.25) ? familyName(random) : shared;
    const name = personName(random, ownName, i === 0 ? 'female' : 'male');
    return office.guardian(name, random.pick(GUARDIAN_ROLES), orgSourcedIds);
  });

  for (const { user } of students) user.agentSourcedIds = guardians.map(({ sourcedId }) => sourcedId);
  for (const guardian of guardians) guardian.agentSourcedIds = students.map(({ user }) => user.sourcedId);
  return { students, guardians };
}
