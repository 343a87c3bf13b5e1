/**
 * The packed people list: `id/last name/first name/e-mail`, joined by pipes. Forgiving in form, never guessing at who
 * somebody is, and never losing a person that is well formed.
 */
import type { Finding } from '../kit/contract.ts';
import { readId } from './ids.ts';
import { readText } from './text.ts';

export interface PackedPerson {
  id: string;
  familyName: string;
  givenName: string;
  email: string | null;
  /** The four fields it has by the book, so that its names are certain. */
  clean: boolean;
  findings: readonly Finding[];
}

/** Somebody who cannot be taken, and why. */
export interface RejectedPerson {
  /** Null: not even that stands there. */
  id: string | null;
  name: string | null;
  finding: Finding;
}

export interface PeopleCell {
  people: readonly PackedPerson[];
  rejected: readonly RejectedPerson[];
}

/** People by the text that stands for them: the same text is the same object, so that who has not changed is told apart at once. */
export type KnownTexts = Map<string, PackedPerson | RejectedPerson>;

/** Reads a cell; an empty list is no error. Never throws. Whoever comes twice in one cell is taken once, the first time. */
export function readPeople(cell: unknown, known: KnownTexts = new Map()): PeopleCell {
  const people = new Map<string, PackedPerson>();
  const rejected: RejectedPerson[] = [];
  if (typeof cell !== 'string') return { people: [], rejected };
  for (const part of cell.split('|')) {
    const packed = part.trim();
    if (packed === '' || packed === '""' || packed.toLowerCase() === 'null') continue;
    const read = known.get(packed) ?? readPerson(packed);
    known.set(packed, read);
    if ('finding' in read) rejected.push(read);
    else if (!people.has(read.id)) people.set(read.id, read);
  }

  return { people: [...people.values()], rejected };
}

function readPerson(packed: string): PackedPerson | RejectedPerson {
  const [first = '', ...rest] = packed.split('/').map((token) => readText(token) ?? '');
  const id = readId(first);
  const { names, given, clean } = splitNames(rest);
  const whole = names.filter((name) => name !== '').join(' ') || null;
  if (id === null) return { id, name: whole, finding: noId };
  const [givenName, ...familyNames] = names.toReversed();
  const familyName = familyNames.reverse().join('/');
  if (whole === null || (familyName === '' && clean)) return { id, name: whole, finding: noName };
  if (givenName === undefined || givenName === '' || familyName === '')
    return { id, name: whole, finding: noFirstName };

  const email = readEmail(given);
  const findings = [
    ...(familyNames.length > 1 ? [nameHasSlash] : []),
    ...(email !== null ? [] : [given === null ? noEmail : badEmail]),
  ];

  return { id, familyName, givenName, email, clean, findings };
}

/** What stands behind the id, as names and what is given for an e-mail address. */
function splitNames(rest: readonly string[]): { names: readonly string[]; given: string | null; clean: boolean } {
  const last = rest.at(-1) ?? '';
  if (rest.length === 3) return { names: rest.slice(0, 2), given: last || null, clean: true };

  const isEmail = last.includes('@') || (last === '' && rest.length >= 4);
  const names = (isEmail ? rest.slice(0, -1) : rest).filter((name) => name !== '');
  return { names, given: isEmail ? last || null : null, clean: false };
}

/** With its domain in lower case; null for what is no address. */
function readEmail(given: string | null): string | null {
  const found = given === null ? null : /^([^\s@]+)@([^\s@.]+(?:\.[^\s@.]+)+)$/.exec(given);
  const [, local = '', domain = ''] = found ?? [];

  return found === null ? null : `${local}@${domain.toLowerCase()}`;
}

const noId: Finding = {
  code: 'PERSON_NO_ID',
  message: 'A person in a list has no id.',
  remedy: 'See in Auriga why the list shows this person without one.',
  refuses: true,
};

const noName: Finding = {
  code: 'PERSON_NO_NAME',
  message: 'The person has no last name.',
  remedy: 'Enter the name in Auriga.',
  refuses: true,
};

const noFirstName: Finding = {
  code: 'PERSON_NO_FIRST_NAME',
  message: 'The person has no first name.',
  remedy: 'Enter the first name in Auriga.',
  refuses: true,
};

const noEmail: Finding = {
  code: 'PERSON_NO_EMAIL',
  message: 'The person has no e-mail address; systems that need one leave them out.',
  remedy: 'Enter the e-mail address in Auriga.',
  refuses: false,
};

const badEmail: Finding = {
  code: 'PERSON_BAD_EMAIL',
  message:
    'The person’s e-mail address cannot be read and counts as missing; one with a slash or a bar in it cannot come through these lists at all.',
  remedy: 'Correct the e-mail address in Auriga.',
  refuses: false,
};

const nameHasSlash: Finding = {
  code: 'NAME_HAS_SLASH',
  message:
    'The list has more parts than a person has: a slash in the name (the last part is taken for the first name) or in the e-mail address, which cannot be told apart.',
  remedy: 'If name or address came out wrong, write it in Auriga without the slash.',
  refuses: false,
};
