/** Rows and people as nobody should plan them, and somebody does: each for one window, with the code it must be told by. */
import type { AurigaPerson, AurigaSession } from '../../src/simulators/auriga/world.ts';
import { plan, type School } from './school.ts';

/** Takes it back. */
type Mend = () => void;

interface Spoil {
  /** The code the log must tell. */
  code: string;
  does(school: School, session: AurigaSession): Mend;
}

/** Somebody in the list of learners who cannot be read, by the cell's four parts. */
const ghosts: readonly (readonly [code: string, ghost: Omit<AurigaPerson, 'id'> & { id: string | null }])[] = [
  ['PERSON_NO_ID', { id: '', familyName: 'Personne', givenName: 'Nadia', email: 'nadia@ecole.example' }],
  ['PERSON_NO_FIRST_NAME', { id: null, familyName: 'Solo', givenName: '', email: 'solo@ecole.example' }],
  ['PERSON_NO_NAME', { id: null, familyName: '', givenName: 'Anne', email: 'anne@ecole.example' }],
  ['PERSON_BAD_EMAIL', { id: null, familyName: 'Dupont', givenName: 'Anne', email: 'not-an-email' }],
  ['PERSON_NO_EMAIL', { id: null, familyName: 'Dupont', givenName: 'Luc', email: null }],
];

export const spoils: readonly Spoil[] = [
  ...ghosts.map(([code, ghost]) => ({ code, does: haunt(ghost) })),
  { code: 'ROW_BAD_TIME', does: (school, { id, start }) => withCells(school, id, { Start: start.slice(0, 10) }) },
  { code: 'ROW_BAD_TIME', does: (school, { id, start }) => withCells(school, id, { End: start }) },
  { code: 'ROW_NO_ID', does: (school, session) => added(school, { ...session, cells: { ID: '' } }) },
  {
    code: 'ROW_REPEATED',
    does: (school, session) => added(school, { ...session, learners: session.learners.slice(1) }),
  },
  {
    code: 'GROUP_UNKNOWN',
    does: (school, session) => changed(school, session.id, { groups: [...session.groups, '999'] }),
  },
  { code: 'SHEET_NO_INSTRUCTOR', does: (school, session) => planned(school, session, { instructors: [] }) },
  {
    code: 'SHEET_NOBODY',
    does: (school, session) => planned(school, session, { instructors: [], learners: [], groups: [] }),
  },
];

function haunt(ghost: Omit<AurigaPerson, 'id'> & { id: string | null }): Spoil['does'] {
  return (school, { id }) => {
    const key = school.newId();
    school.world.people.set(key, { ...ghost, id: ghost.id ?? key });
    const session = school.world.sessions.get(id);
    return changed(school, id, { learners: [...(session?.learners ?? []), key] });
  };
}

function withCells(school: School, id: string, cells: AurigaSession['cells'] & object): Mend {
  return changed(school, id, { cells });
}

/** Changes a session and, to mend it, puts back what was changed of it, whatever else has changed meanwhile. */
function changed({ world: { sessions } }: School, id: string, more: Partial<AurigaSession>): Mend {
  const before = sessions.get(id);
  if (before === undefined) return () => undefined;
  sessions.set(id, { ...before, ...more });
  const names = Object.keys(more) as (keyof AurigaSession)[];
  const old = Object.fromEntries(names.map((name) => [name, before[name]]));

  return () => {
    const now = sessions.get(id);
    if (now !== undefined) sessions.set(id, { ...now, ...(old as Partial<AurigaSession>), cells: {} });
  };
}

/** A row more. */
function added({ world: { sessions }, newId }: School, row: AurigaSession): Mend {
  const key = newId();
  sessions.set(key, row);

  return () => void sessions.delete(key);
}

/** A session of its own that cannot become a sheet. */
function planned(school: School, { start }: AurigaSession, more: Partial<AurigaSession>): Mend {
  const { sessions } = school.world;
  const session = plan(school, {
    day: start.slice(0, 10),
    time: '17:30',
    groups: school.years[0]?.slice(0, 1) ?? [],
    kind: 'seminar',
  });
  sessions.set(session.id, { ...session, ...more });

  return () => void sessions.delete(session.id);
}
