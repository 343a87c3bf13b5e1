/** Edusign as it stands, held against what the rules say must stand there. */
import type { EdusignHand } from '../../src/simulators/edusign/hand.ts';
import type { Oracle, Sheet } from './oracle.ts';
import type { Person } from './rules.ts';

/** What differs, a line each, as `what: is | must be`; and nothing twice. Sheets from an instant on; people all. */
export function differences(hand: EdusignHand, oracle: Oracle, from: Date): string[] {
  const students = hand.people('student');
  const professors = hand.people('professor');
  const names = new Map([...students, ...professors].map(({ ID, API_ID }) => [ID, API_ID]));
  const groups = new Map(hand.groups().map(({ ID, API_ID }) => [ID, API_ID]));
  const sheets = hand.sheets(from).map((sheet) => ({
    key: sheet.API_ID,
    words: words([
      sheet.NAME,
      sheet.DESCRIPTION,
      sheet.CLASSROOM,
      Date.parse(sheet.START),
      Date.parse(sheet.END),
      [sheet.PROFESSOR, sheet.PROFESSOR_2, sheet.PROFESSOR_3].filter(Boolean).map((id) => names.get(id)),
      sheet.STUDENTS.map(({ studentId }) => names.get(studentId) ?? studentId).toSorted(),
      sheet.SCHOOL_GROUP.map((id) => groups.get(id) ?? id).toSorted(),
    ]),
  }));
  const wanted = [...oracle.sheets.values()].filter(({ start }) => start >= from.getTime());

  return [
    ...compare('sheet', sheets, new Map(wanted.map((sheet) => [sheet.id, wordsOfSheet(sheet)]))),
    ...compare('learner', students.map(seenPerson), peopleWanted(oracle.students)),
    ...compare('instructor', professors.map(seenPerson), peopleWanted(oracle.professors)),
    ...compare(
      'group',
      hand.groups().map(({ API_ID, NAME, DESCRIPTION, STUDENTS }) => ({
        key: API_ID,
        words: words([NAME, DESCRIPTION, STUDENTS.map((id) => names.get(id) ?? id).toSorted()]),
      })),
      new Map(
        [...oracle.groups].map(([id, { name, description, members }]) => [id, words([name, description, members])]),
      ),
    ),
  ];
}

function words(values: readonly unknown[]): string {
  return JSON.stringify(values);
}

function wordsOfSheet({ name, description, room, start, end, instructors, learners, groups }: Sheet): string {
  return words([name, description, room, start, end, instructors, learners.toSorted(), groups.toSorted()]);
}

function seenPerson(person: { API_ID: string; LASTNAME: string; FIRSTNAME: string; EMAIL: string }) {
  return { key: person.API_ID, words: words([person.LASTNAME, person.FIRSTNAME, person.EMAIL.toLowerCase()]) };
}

function peopleWanted(people: ReadonlyMap<string, Person>): Map<string, string> {
  return new Map(
    [...people].map(([id, { familyName, givenName, email }]) => [id, words([familyName, givenName, email])]),
  );
}

function compare(what: string, seen: readonly { key: string; words: string }[], wanted: ReadonlyMap<string, string>) {
  const told: string[] = [];
  const found = new Set<string>();
  for (const { key, words } of seen) {
    if (found.has(key)) told.push(`${what} ${key} is there twice`);
    else if (!wanted.has(key)) told.push(`${what} ${key} must not be there: ${words}`);
    else if (wanted.get(key) !== words) told.push(`${what} ${key}: ${words} | ${wanted.get(key)}`);
    found.add(key);
  }
  for (const [key, words] of wanted) if (!found.has(key)) told.push(`${what} ${key} is missing: ${words}`);

  return told;
}
