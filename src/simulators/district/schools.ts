/** The district and its schools: who they are and how many students each grade has. */
import { curricula, type Level } from './curriculum.ts';
import type { Random } from './random.ts';
import type { Org } from './records.ts';

export type DistrictSize = 'small' | 'district' | 'large';

export interface School {
  org: Org;
  level: Level;
  grades: readonly { grade: string; students: number }[];
}

interface DistrictOrgs {
  org: Org;
  /** E-mail domain of all its schools, under `.example`. */
  domain: string;
  schools: School[];
}

const LEVELS: readonly Level[] = ['primary', 'middle', 'high'];
const TITLES: Record<Level, string> = { primary: 'Primary School', middle: 'Middle School', high: 'High School' };
const DISTRICTS = [
  'Linden Valley',
  'Saltmarsh County',
  'Three Rivers',
  'Copper Ridge',
  'Heron Lake',
  'Windmill Plains',
];
const SCHOOLS = [
  'Maple Hollow',
  'Juniper Creek',
  'Stonebridge',
  'Larkspur Hill',
  'Old Harbour',
  'Élan-Rivière',
  'Foxglove Lane',
  'Lindenstraße',
  'Peñasco Heights',
  'Quarry Park',
  'Thistledown',
  'Nørrebæk',
  'Orchard Road',
  'St. Brigid’s',
  'Wrenfield',
];

/** Students of the whole district. In a small one a school has about 54, which makes about 600 enrollments. */
const studentCounts: Record<DistrictSize, (schools: number) => number> = {
  small: (schools) => 54 * schools,
  district: () => 10_000,
  large: () => 100_000,
};

/** The nth part when `total` is divided as evenly as whole numbers allow. */
function share(total: number, parts: number, n: number): number {
  return Math.floor(total / parts) + (n < total % parts ? 1 : 0);
}

/** Makes the district's org and its schools: primary, middle, high and again from the start. */
export function makeOrgs(
  { size, schools: count }: { size: DistrictSize; schools: number },
  random: Random,
  stamp: () => string,
): DistrictOrgs {
  const place = random.pick(DISTRICTS);
  const base = () => ({ sourcedId: random.uuid(), status: 'active', dateLastModified: stamp() });
  const org: Org = { ...base(), name: `${place} School District`, type: 'district', identifier: '1000' };
  const names = random.shuffled(SCHOOLS);
  const students = studentCounts[size](count);

  const schools = Array.from({ length: count }, (_, i): School => {
    const level = LEVELS[i % LEVELS.length] ?? 'primary';
    const round = Math.floor(i / names.length);
    const name = `${names[i % names.length]}${round === 0 ? '' : ` ${round + 1}`} ${TITLES[level]}`;
    const { grades } = curricula[level];
    const inSchool = share(students, count, i);
    return {
      org: { ...base(), name, type: 'school', identifier: String(1001 + i), parentSourcedId: org.sourcedId },
      level,
      grades: grades.map((grade, n) => ({ grade, students: share(inSchool, grades.length, n) })),
    };
  });

  return { org, domain: `${place.toLowerCase().replaceAll(' ', '')}.example`, schools };
}
