/** What planners do to a school's plan between two windows: moved, renamed, called off, put together, and worse. */
import type { AurigaSession } from '../../src/simulators/auriga/world.ts';
import { addDays, type Day, dayAt, instantOf, isSchoolDay } from './calendar.ts';
import { turns } from './people-deeds.ts';
import { endOf, membersOf, noteThat, type School } from './school.ts';
import { spoils } from './spoils.ts';

/** A deed is done to a session ahead, drawn by chance. */
interface Deed {
  /** How often, for each hundred sessions of the next two weeks and each window. */
  rate: number;
  does(school: School, session: AurigaSession, today: Day): void;
}

const times = ['08:00', '09:00', '11:00', '14:00', '16:00'] as const;

const deeds: Readonly<Record<string, Deed>> = {
  moved: {
    rate: 0.8,
    does: (school, session, today) => move(school, session, addDays(today, 1 + school.random.int(14))),
  },
  'moved far ahead': {
    rate: 0.1,
    does: (school, session, today) => move(school, session, addDays(today, 16 + school.random.int(7))),
  },
  renamed: {
    rate: 0.5,
    does: (school, session) => {
      const unit = { fr: `${session.unit?.fr ?? 'Module'} ${school.random.pick(['I', 'II', 'bis'])}` };
      change(school, session, { unit: unit.fr.length > 40 ? { fr: 'Projet' } : unit });
    },
  },
  'moved to another room': {
    rate: 0.5,
    does: (school, session) =>
      change(school, session, { roomLabel: school.random.chance(0.1) ? null : `Amphi ${school.random.int(20)}` }),
  },
  'given to somebody else': {
    rate: 0.3,
    does: (school, session) => change(school, session, { instructors: [school.random.pick(school.instructors)] }),
  },
  'called off': { rate: 0.2, does: ({ world }, { id }) => void world.sessions.delete(id) },
  'put together with another': {
    rate: 0.1,
    does: (school, session, today) => {
      const { sessions } = school.world;
      const other = [...sessions.values()].find(
        ({ id, start, groups }) => id !== session.id && start > `${addDays(today, 1)}T` && groups.length === 1,
      );
      if (other === undefined) return;
      sessions.delete(other.id);
      const groups = [...new Set([...session.groups, ...other.groups])];
      change(school, session, { groups, learners: membersOf(school, groups) });
    },
  },
};

/**
 * Whatever chance does: a session of the fifth day on, as it is planned, is put off to the twentieth. `may`: of this id. Answers
 * the session as it is planned now; null when there was none.
 */
export function putOff(school: School, may: (id: string) => boolean, today: Day): AurigaSession | null {
  const rows = [...school.world.sessions.values()];
  const session = rows.find(
    ({ id, start, cells = {} }) =>
      start > `${addDays(today, 5)}T` &&
      may(id) &&
      Object.keys(cells).length === 0 &&
      rows.filter((row) => row.id === id).length === 1,
  );
  if (session === undefined) return null;
  move(school, session, addDays(today, 20));

  return school.world.sessions.get(session.id) ?? null;
}

function move(school: School, session: AurigaSession, to: Day): void {
  let day = to;
  while (!isSchoolDay(day)) day = addDays(day, 1);
  const time = school.random.pick(times);
  change(school, session, { start: `${day}T${time}:00`, end: `${day}T${endOf(time)}:00` });
}

function change({ world }: School, session: AurigaSession, more: Partial<AurigaSession>): void {
  world.sessions.set(session.id, { ...session, ...more });
}

/** Spoilt rows, for each hundred sessions ahead and half-day. */
const spoilt = 0.5;

/** One half-day of a planning office: what was spoilt the half-day before is mended, and life goes on. */
export function planHalfDay(school: School, now: Date): void {
  const { random, world, mends } = school;
  const today = dayAt(now);
  const last = addDays(today, 14);
  const ahead = () =>
    [...world.sessions.values()].filter(
      ({ start }) => instantOf(start) > now.getTime() + 3_600_000 && start.slice(0, 10) <= last,
    );
  const times = (rate: number, of: number) => {
    const expected = (rate * of) / 100;
    return Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
  };
  for (const mend of mends.splice(0)) mend();
  for (const [name, { rate, does }] of Object.entries(deeds)) {
    const sessions = ahead();
    for (const session of random.shuffled(sessions).slice(0, times(rate, sessions.length))) {
      does(school, session, today);
      noteThat(school, name);
    }
  }
  for (const [name, { rate, does }] of Object.entries(turns)) {
    for (let count = times(rate, world.people.size); count > 0; count -= 1) {
      does(school, now);
      noteThat(school, name);
    }
  }
  const sessions = random.shuffled(ahead());
  for (const session of sessions.slice(0, times(spoilt, sessions.length))) {
    const { code, does } = random.pick(spoils);
    mends.push(does(school, session));
    noteThat(school, code);
  }
}

/** All that can happen to a plan, by the names under which it is noted. */
export const planned: readonly string[] = [
  ...Object.keys(deeds),
  ...Object.keys(turns),
  ...spoils.map(({ code }) => code),
];
