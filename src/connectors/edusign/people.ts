/** Learners and instructors: the people of the sessions ahead. Nobody is ever deleted or archived here. */
import { z } from 'zod';
import { type Field, type Sought, type Stream, stream } from '../kit/contract.ts';
import { type EdusignClient, rawRecord, read } from './client.ts';
import { apiIdOf, listPages, lookUp, orNothing, pageSizes, readById, readByOurs } from './listing.ts';
import { createPerson, updatePerson } from './people-push.ts';

const optionalText = z.string().nullish().catch(undefined);

const person = z.object({
  ID: z.string().min(1),
  FIRSTNAME: optionalText,
  LASTNAME: optionalText,
  EMAIL: optionalText,
  API_ID: optionalText,
  HIDDEN: z.unknown().optional(),
});

export type EdusignPerson = z.output<typeof person>;

export type PersonNoun = 'student' | 'professor';

export const learners = peopleStream('student', {
  action: 'edusign.learner',
  describe: 'Learners of the sessions ahead',
  ref: 'learners',
  doing: 'read learners',
});

export const instructors = peopleStream('professor', {
  action: 'edusign.instructor',
  describe: 'Instructors of the sessions ahead',
  ref: 'instructors',
  doing: 'read instructors',
});

function peopleStream(
  noun: PersonNoun,
  facts: { action: string; describe: string; ref: string; doing: string },
): Stream<EdusignClient> {
  return stream<EdusignClient, 'person', EdusignPerson>({
    entity: 'person',
    born: 'here',
    action: facts.action,
    wire: person,
    key: (wire) => wire.ID,
    ours: (wire) => wire.API_ID || undefined,
    // Somebody who was made by hand is not ours to take over unasked.
    match: [{ by: ['email'], adopt: 'ask' }],
    gone: (wire) => wire.HIDDEN === 1 || wire.HIDDEN === true,
    fields: {
      givenName: name('FIRSTNAME'),
      familyName: name('LASTNAME'),
      email: {
        read: ({ EMAIL }) => EMAIL?.trim().toLowerCase() || null,
        write: (value) => (value === null ? {} : { EMAIL: value }),
        canonical: (email) => email.trim().toLowerCase(),
        owner: 'homeroom',
        needed: true,
      },
    },
    selects: { describe: facts.describe, namedBy: { stream: 'sheets', ref: facts.ref }, leaving: 'park' },
    blocks: ({ givenName, familyName, email }) => {
      if (isBlank(email)) return noEmail;
      return isBlank(givenName) || isBlank(familyName) ? noName : undefined;
    },
    pull: {
      all: (from) => listPages(from, { doing: facts.doing, path: `/v1/${noun}`, size: pageSizes.others }),
      some: (from, asked) => lookUp(from, asked, (sought, signal) => find(from.client, noun, sought, signal)),
    },
    push: {
      create: (client, request) => createPerson(client, noun, person, request),
      update: (client, key, request) => updatePerson(client, noun, person, key, request),
    },
  });
}

function name(part: 'FIRSTNAME' | 'LASTNAME'): Field<EdusignPerson, string> {
  return {
    read: (wire) => wire[part]?.trim() ?? '',
    write: (value) => ({ [part]: value ?? '' }),
    canonical: (value) => value.trim(),
    owner: 'homeroom',
    needed: true,
  };
}

/** In the order in which somebody is known: by the id there, by ours, by the address. */
async function find(client: EdusignClient, noun: PersonNoun, sought: Sought, signal: AbortSignal): Promise<unknown> {
  if (sought.key !== null) return readById(client, noun, sought.key, signal);

  const ours = await readByOurs(client, noun, apiIdOf(sought), signal);
  return ours ?? findByEmail(client, noun, sought.row.email, signal);
}

async function findByEmail(
  client: EdusignClient,
  noun: PersonNoun,
  email: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (isBlank(email)) return undefined;

  const path = `/v1/${noun}/by-email/${encodeURIComponent(String(email).trim())}`;
  return orNothing(read(client, { doing: 'look up a person by address', path, shape: rawRecord, signal }));
}

function isBlank(value: unknown): boolean {
  return typeof value !== 'string' || value.trim() === '';
}

const noEmail = {
  code: 'PERSON_NO_EMAIL',
  message: 'This person has no e-mail address, and Edusign takes nobody without one: sheets are written without them.',
  remedy: 'Enter an e-mail address at the school; the next sync adds the person.',
};

const noName = {
  code: 'PERSON_NO_NAME',
  message:
    'This person lacks a first or a last name, and Edusign takes nobody without both: sheets are written without them.',
  remedy: 'Enter the name at the school; the next sync adds the person.',
};
