/** Between the words of a story and records: what a system holds at first, and how logs, questions and worlds are told. */
import type { ConflictSeen, LogSeen } from '../../../test/harness/engine.ts';
import type { Entry, Outside } from './test-outside.ts';
import type { Holding } from './test-story.ts';

export interface LogTold extends LogSeen {
  kind: string;
  key: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  refs: Record<string, unknown> | null;
}

/** `Ann Bos, teacher`, with an address of the school, or `…, without e-mail`. */
export function personOf(id: string, words: string): Entry {
  const [name = '', role = 'student', remark] = words.split(', ');
  const [givenName = '', ...family] = name.split(' ');
  const email = remark === 'without e-mail' ? null : `${id}@school.example`;

  return { id, givenName, familyName: family.join(' '), role, email };
}

/** `Biology`, `Biology, room 5`, `Biology, room 5, autumn` where the last names its term. */
export function classOf(id: string, words: string): Entry {
  const [title, room, term] = words.split(', ');

  return { id, title, location: room ?? null, terms: term ? [term] : [] };
}

/** `Autumn, until 2026-12-20`. */
function termOf(id: string, words: string): Entry {
  const [title, until = ''] = words.split(', until ');

  return { id, title, type: 'term', startDate: '2026-08-01', endDate: until };
}

/** `ann teaches bio`, `cas attends bio`. */
export function memberOf(id: string, words: string): Entry & { person: string; class: string; role: string } {
  const [person = '', verb, inClass = ''] = words.split(' ');

  return { id, person, class: inClass, role: verb === 'teaches' ? 'teacher' : 'student' };
}

/** Fills a register's shelves. */
export function fillRegister(outside: Outside, holding: Holding): void {
  const fill = (
    shelf: string,
    words: Readonly<Record<string, string>> = {},
    read: (id: string, text: string) => Entry,
  ) => {
    for (const [id, text] of Object.entries(words)) outside.put(shelf, read(id, text));
  };
  fill('terms', holding.terms, termOf);
  fill('people', holding.people, personOf);
  fill('classes', holding.classes, classOf);
  fill('enrollments', holding.members, memberOf);
}

/** Fills the board's shelves; an account has the address of the person of that name. */
export function fillBoard(outside: Outside, holding: Holding): void {
  for (const [id, text] of Object.entries(holding.people ?? {})) {
    const { role: _role, ...account } = personOf(id, text);
    outside.put('accounts', account);
  }
  for (const [id, text] of Object.entries(holding.classes ?? {})) {
    const { terms: _terms, ...course } = classOf(id, text);
    outside.put('courses', course);
  }
  for (const text of Object.values(holding.members ?? {})) {
    const [account, , course] = text.split(' ');
    outside.put('members', { id: `${course}/${account}`, course, account });
  }
}

/** `SUCCESS board.course.update Biology (title: Biology → Life): Changed in Homeroom only.` and why it was not done. */
export function tellEntry(entry: LogTold): string {
  const name = entry.name ?? entry.key ?? '-';
  const changes = changesOf(entry);
  const why: unknown =
    entry.details?.why ?? entry.details?.problem ?? (entry.status === 'SUCCESS' ? undefined : entry.details?.code);
  const size = entry.size > 1 ? ` × ${entry.size}` : '';

  return `${entry.status} ${entry.action} ${name}${size}${changes}: ${entry.reason}${why === undefined ? '' : ` [${say(why)}]`}`;
}

/** What a record is made with, or what becomes of it; what is removed is not told value by value. */
function changesOf({ kind, before, after, refs }: LogTold): string {
  if (kind === 'remove' || !after) return '';
  const moved = kind === 'update' ? Object.entries(refs ?? {}).map(([name, keys]) => `${name} → ${say(keys)}`) : [];
  const told = Object.entries(after).flatMap(([name, value]) => {
    if (kind === 'update') return [`${name}: ${say(before?.[name])} → ${say(value)}`];
    return value === null || value === undefined ? [] : [`${name}: ${say(value)}`];
  });

  return told.length + moved.length > 0 ? ` (${[...told, ...moved].join(', ')})` : '';
}

export function say(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.join(' and ') || 'nothing';

  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `FIELD_CHANGED Ann Bos: familyName was Bos, here Bos, there Boss`. */
export function tellQuestion({ kind, name, fields }: ConflictSeen): string {
  const told = fields.map(
    (field) =>
      `${field.name} was ${say(field.baseValue)}, here ${say(field.localValue)}, there ${say(field.externalValue)}`,
  );

  return `${kind} ${name}${told.length > 0 ? `: ${told.join('; ')}` : ''}`;
}

/** What stands on the board, a line each. */
export function tellBoard(board: Outside): string[] {
  const nameOf = (id: unknown) => {
    const account = board.find('accounts', String(id));
    return account ? fullName(account) : String(id);
  };
  const accounts = board
    .entries('accounts')
    .map((each) => `account ${fullName(each)}${extras(each, ['phone', 'username'])}`);
  const courses = board.entries('courses').map((each) => {
    const owner = each.owner ? `, owned by ${nameOf(each.owner)}` : '';
    return `course ${say(each.title)}${extras(each, ['location'])}${owner}${each.archived ? ' (archived)' : ''}`;
  });
  const members = board.entries('members').map((each) => {
    const course = board.find('courses', String(each.course));
    return `${nameOf(each.account)} in ${say(course?.title)}${course?.archived ? ' (archived)' : ''}`;
  });

  return [...accounts.toSorted(), ...courses.toSorted(), ...members.toSorted()];
}

/** What stands in the planner, a line each. */
export function tellPlanner(planner: Outside): string[] {
  const classes = planner.entries('classes').map((each) => {
    const code = each.classCode ? `, code ${say(each.classCode)}` : '';
    return `class ${say(each.title)}${extras(each, ['location'])}${code}${each.archived ? ' (archived)' : ''}`;
  });

  return classes.toSorted();
}

function fullName(entry: Entry): string {
  return [entry.givenName, entry.familyName].filter(Boolean).join(' ');
}

function extras(entry: Entry, names: readonly string[]): string {
  return names.flatMap((name) => (entry[name] ? [`, ${name} ${say(entry[name])}`] : [])).join('');
}
