/** Who somebody is, out of all sessions they are in: pure. */
import type { Finding } from '../kit/contract.ts';
import type { PackedPerson } from './people.ts';
import type { Session } from './read-interventions.ts';
import { comparable } from './text.ts';

/** A person as the stream takes them. */
export interface PersonRecord {
  /** '' for one without an id, who is refused. */
  id: string;
  familyName: string | null;
  givenName: string | null;
  email: string | null;
  role: 'student' | 'teacher';
  findings: readonly Finding[];
}

type Gathered = Omit<PersonRecord, 'findings'> & { findings: Finding[] };

/**
 * Each person once. The session that starts last decides what they are called and where they get mail; a row that has the
 * four fields by the book settles a name with a slash. Who leads any session is a teacher. One that can be read in some
 * row is not told as unreadable because of another. Who cannot be read in any is told once.
 */
export function gatherPeople(sessions: readonly Session[]): readonly PersonRecord[] {
  const inTime = sessions.toSorted((left, right) => ((left.startsAt ?? '') < (right.startsAt ?? '') ? -1 : 1));
  const people = new Map<string, Gathered>();
  const clean = new Map<string, PackedPerson>();
  const rejected = new Map<string, PersonRecord>();
  const last = new Map<string, PackedPerson>();

  for (const { instructors, learners } of inTime) {
    for (const [role, cell] of [
      ['student', learners],
      ['teacher', instructors],
    ] as const) {
      for (const person of cell.people) {
        const before = people.get(person.id);
        // The same text once more, in another session.
        if (last.get(person.id) === person && (before?.role === role || before?.role === 'teacher')) continue;
        last.set(person.id, person);
        if (person.clean) clean.set(person.id, person);
        people.set(person.id, latest(before, person, role));
      }
      for (const { id, name, finding } of cell.rejected) {
        const one = { id: id ?? '', familyName: name, givenName: null, email: null, role, findings: [finding] };
        rejected.set(`${id ?? ''}/${name ?? ''}`, one);
      }
    }
  }
  for (const person of people.values()) settleName(person, clean.get(person.id));
  markSharedEmails([...people.values()]);

  return [...people.values(), ...[...rejected.values()].filter(({ id }) => !people.has(id))];
}

function latest(before: Gathered | undefined, person: PackedPerson, role: PersonRecord['role']): Gathered {
  const { id, familyName, givenName, email, findings } = person;
  const now: Gathered = { id, familyName, givenName, email, role, findings: [...findings] };
  if (before === undefined) return now;

  if (before.role === 'teacher') now.role = 'teacher';
  const varied = before.findings.some(({ code }) => code === dataVaries.code);
  if (varied || wordsOf(before) !== wordsOf(now)) now.findings.push(dataVaries);
  return now;
}

function wordsOf({ familyName, givenName, email }: Gathered): string {
  return [comparable(familyName ?? ''), comparable(givenName ?? ''), (email ?? '').toLowerCase()].join('\n');
}

function settleName(person: Gathered, clean: PackedPerson | undefined): void {
  const place = person.findings.findIndex(({ code }) => code === 'NAME_HAS_SLASH');
  if (place < 0 || clean === undefined) return;
  person.familyName = clean.familyName;
  person.givenName = clean.givenName;
  person.findings.splice(place, 1);
}

/** Two ids with one address are two people until somebody says otherwise. */
function markSharedEmails(people: readonly Gathered[]): void {
  for (const [email, owners] of Map.groupBy(people, (person) => person.email?.toLowerCase())) {
    if (email === undefined || owners.length < 2) continue;
    for (const owner of owners) owner.findings.push(duplicateEmail);
  }
}

const dataVaries: Finding = {
  code: 'PERSON_DATA_VARIES',
  message: 'The person’s name or e-mail address is not the same in all sessions; that of the last session is taken.',
  remedy: 'Nothing to do if they have just been changed in Auriga; otherwise correct them there.',
  refuses: false,
};

const duplicateEmail: Finding = {
  code: 'DUPLICATE_EMAIL',
  message: 'Another person of another id has the same e-mail address; both are kept apart.',
  remedy: 'Correct the address in Auriga, or join the two people there if they are one.',
  refuses: false,
};
