/** A school as Auriga plans it: people, rooms, groups and sessions. A test changes it as a planner would. */

export interface AurigaPerson {
  id: string;
  familyName: string;
  givenName: string;
  email: string | null;
}

/** A label in several languages, by code. */
export type Label = Readonly<Record<string, string>>;

export interface AurigaSession {
  id: string;
  /** What a clock in the school shows: `2026-10-20T08:30:00`. */
  start: string;
  end: string;
  unit: Label | null;
  activityType: Label | null;
  description: string | null;
  roomLabel: string | null;
  roomCode: string | null;
  learners: readonly string[];
  instructors: readonly string[];
  groups: readonly string[];
  /** Cells as they are sent instead, by heading: what nobody should plan, and somebody has. */
  cells?: Readonly<Record<string, unknown>>;
}

export interface AurigaGroup {
  id: string;
  label: Label | null;
  code: string | null;
  learners: readonly string[];
}

export interface AurigaWorld {
  people: Map<string, AurigaPerson>;
  sessions: Map<string, AurigaSession>;
  groups: Map<string, AurigaGroup>;
}

export interface WorldOptions {
  /** The first day, `2026-10-19`, and for how many days sessions are planned, Saturdays and Sundays left out. */
  from: string;
  days: number;
  learners: number;
  /** Learners in a group; each group has its sessions. */
  groupSize?: number;
  sessionsADay?: number;
}

const familyNames = ['GRIMAUD', 'Smith', 'Éluard', 'Nguyễn', "O'Brien", 'de la Tour', 'Müller', 'Şahin'];
const givenNames = ['Karole', 'John', 'Anaïs', 'Minh', 'Siobhán', 'Luc', 'Jürgen', 'Ayşe'];
const units = ['Éthique numérique - ETHIX', 'Algèbre', 'Réseaux', 'Anglais'];

/** A world that is the same for the same options. */
export function makeAurigaWorld(options: WorldOptions): AurigaWorld {
  const { from, days, learners, groupSize = 25, sessionsADay = 2 } = options;
  const world: AurigaWorld = { people: new Map(), sessions: new Map(), groups: new Map() };
  const groupCount = Math.ceil(learners / groupSize);
  for (let n = 0; n < learners; n += 1) addPerson(world, `${160_000 + n}`, n, 'etu');
  for (let n = 0; n < groupCount; n += 1) addPerson(world, `${900 + n}`, n + 3, 'prof');
  const ids = [...world.people.keys()];
  for (let n = 0; n < groupCount; n += 1) {
    const members = ids.slice(n * groupSize, Math.min(learners, (n + 1) * groupSize));
    const label = { fr: `Groupe TD ${n + 1}`, en: `Seminar group ${n + 1}` };
    world.groups.set(`${546 + n}`, { id: `${546 + n}`, label, code: `2526_ING1_S5_TD${n + 1}`, learners: members });
  }
  let next = 115_849;
  for (const day of schoolDays(from, days)) {
    for (const [n, group] of [...world.groups.values()].entries()) {
      for (let slot = 0; slot < sessionsADay; slot += 1) {
        const id = String(next);
        next += 1;
        world.sessions.set(id, {
          id,
          start: `${day}T${String(8 + 2 * slot).padStart(2, '0')}:30:00`,
          end: `${day}T${10 + 2 * slot}:00:00`,
          unit: { fr: units[(n + slot) % units.length] ?? '' },
          activityType: { en: 'Lecture', fr: 'Cours' },
          description: `Séance ${id}`,
          roomLabel: slot === 0 ? `Salle ${201 + n}` : null,
          roomCode: `R${201 + n}`,
          learners: group.learners,
          instructors: [`${900 + ((n + slot) % groupCount)}`],
          groups: [group.id],
        });
      }
    }
  }

  return world;
}

function addPerson(world: AurigaWorld, id: string, n: number, mail: string) {
  const familyName = familyNames[n % familyNames.length] ?? '';
  const givenName = givenNames[Math.floor(n / familyNames.length) % givenNames.length] ?? '';
  world.people.set(id, { id, familyName, givenName, email: `${mail}.${id}@ecole.example` });
}

/** Days as texts; the calendar is counted in UTC, where each has 24 hours. */
function schoolDays(from: string, days: number): string[] {
  const first = Date.parse(`${from}T00:00:00Z`);

  return Array.from({ length: days }, (_, n) => new Date(first + n * 86_400_000))
    .filter((day) => day.getUTCDay() % 6 !== 0)
    .map((day) => day.toISOString().slice(0, 10));
}
