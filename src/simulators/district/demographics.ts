/** Invented demographics of students. */
import type { Student } from './families.ts';
import type { Random } from './random.ts';
import type { Demographics } from './records.ts';

const TOWNS = ['Ashford', 'Brookhaven', 'Clearwater', 'Dunmore', 'Eastbridge', 'São Miguel'];
const RACES = [
  'americanIndianOrAlaskaNative',
  'asian',
  'blackOrAfricanAmerican',
  'nativeHawaiianOrOtherPacificIslander',
  'white',
] as const;

/** A student's demographics; the birth date fits the grade in the school year that began in `startYear`. */
export function makeDemographics(
  { user, grade, sex }: Pick<Student, 'user' | 'grade' | 'sex'>,
  startYear: number,
  random: Random,
  stamp: () => string,
): Demographics {
  const yearsAtSchool = grade === 'KG' ? 0 : Number(grade);
  const oldest = Date.UTC(startYear - 6 - yearsAtSchool, 8, 1);
  const birth = new Date(oldest + random.int(365) * 24 * 60 * 60 * 1000);
  const first = random.pick(RACES);
  const second = random.chance(0.1) ? random.pick(RACES) : first;
  const is = (race: (typeof RACES)[number]) => race === first || race === second;

  return {
    sourcedId: user.sourcedId,
    status: 'active',
    dateLastModified: stamp(),
    birthDate: birth.toISOString().slice(0, 10),
    sex: random.chance(0.01) ? 'unspecified' : sex,
    americanIndianOrAlaskaNative: is('americanIndianOrAlaskaNative'),
    asian: is('asian'),
    blackOrAfricanAmerican: is('blackOrAfricanAmerican'),
    nativeHawaiianOrOtherPacificIslander: is('nativeHawaiianOrOtherPacificIslander'),
    white: is('white'),
    demographicRaceTwoOrMoreRaces: first !== second,
    hispanicOrLatinoEthnicity: random.chance(0.2),
    countryOfBirthCode: 'US',
    cityOfBirth: random.pick(TOWNS),
  };
}
