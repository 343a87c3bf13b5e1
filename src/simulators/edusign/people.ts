// Learners and instructors: two kinds of people that differ in their names and in who gets a password.
import { z } from 'zod';
import type { SimulatorRequest } from '../kit/exchange.ts';
import { bodyOf, type Method, pageOf } from './call.ts';
import { refuse } from './envelope.ts';
import type { Kind, Person, World } from './world.ts';

const text = z.string();
const needed = z.string({ error: 'is required' }).trim().min(1, 'is required');
const email = needed.regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/, 'must be a valid email');

const fields = {
  API_ID: text.optional(),
  API_TYPE: text.optional(),
  HIDDEN: z.union([z.literal(0), z.literal(1)]).optional(),
  FILE_NUMBER: text.optional(),
  PHONE: text.optional(),
  PHOTO: text.optional(),
  TRAINING_NAME: text.optional(),
  COMPANY: text.optional(),
  SPECIALITY: text.optional(),
  BADGE_ID: text.optional(),
  TAGS: z.array(text).optional(),
  GROUPS: z.array(text).optional(),
  SEND_EMAIL_CREDENTIALS: z.boolean().optional(),
};
const created = z.strictObject({ ...fields, FIRSTNAME: needed, LASTNAME: needed, EMAIL: email });
const changed = z.strictObject({
  ...fields,
  ID: needed,
  FIRSTNAME: needed,
  LASTNAME: needed,
  EMAIL: email.optional(),
});

/** The methods of one kind, under `/v1/student` or `/v1/professor`. */
export function peopleMethods(world: World, kind: Kind, pageSize: number): Method[] {
  const people = world.people[kind];
  const name = kind === 'student' ? 'students' : 'professors';
  const visible = () => [...people.values()].filter(({ HIDDEN }) => HIDDEN === 0);
  const known = (id: string | undefined): Person => people.get(id ?? '') ?? refuse(`${kind} not found`);

  return [
    {
      name: `${name}.list`,
      method: 'GET',
      path: `/v1/${kind}`,
      handler: (request) => pageOf(search(visible(), request), request, pageSize),
    },
    {
      name: `${name}.byEmail`,
      method: 'GET',
      path: `/v1/${kind}/by-email/{email}`,
      handler: ({ params }) => findByEmail(people, params.email ?? '') ?? refuse(`${kind} not found`),
    },
    {
      name: `${name}.getId`,
      method: 'GET',
      path: `/v1/${kind}/get-id/{apiId}`,
      handler: ({ params }) =>
        visible().find(({ API_ID }) => API_ID === params.apiId)?.ID ?? refuse(`${kind} not found`),
    },
    { name: `${name}.get`, method: 'GET', path: `/v1/${kind}/{id}`, handler: ({ params }) => known(params.id) },
    {
      name: `${name}.create`,
      method: 'POST',
      path: `/v1/${kind}`,
      handler: (request) => addPerson(world, kind, bodyOf(request, kind, created)),
    },
    {
      name: `${name}.update`,
      method: 'PATCH',
      path: `/v1/${kind}`,
      handler: (request) => {
        const { ID, ...change } = bodyOf(request, kind, changed);
        return changePerson(world, kind, known(ID), change);
      },
    },
    {
      name: `${name}.archive`,
      method: 'DELETE',
      path: `/v1/${kind}/{id}`,
      handler: ({ params }) => {
        known(params.id).HIDDEN = 1;
        return true;
      },
    },
  ];
}

function search(people: readonly Person[], { query }: SimulatorRequest): readonly Person[] {
  const words = query.get('search')?.toLowerCase();
  const since = query.get('updatedAfter');
  return people.filter(
    (person) =>
      (words === undefined ||
        [person.FIRSTNAME, person.LASTNAME, person.EMAIL].some((value) => value.toLowerCase().includes(words))) &&
      (since === null || person.DATE_UPDATED > since),
  );
}

function findByEmail(people: ReadonlyMap<string, Person>, email: string): Person | undefined {
  return [...people.values()].find((person) => person.EMAIL.toLowerCase() === email.toLowerCase());
}

type NewPerson = Pick<Person, 'FIRSTNAME' | 'LASTNAME' | 'EMAIL'> &
  Partial<Record<'API_ID' | 'API_TYPE', string | undefined>>;

/** Adds somebody. An address that is in use, by somebody archived too, is refused. */
export function addPerson(world: World, kind: Kind, given: NewPerson): Person {
  const people = world.people[kind];
  if (findByEmail(people, given.EMAIL) !== undefined) return refuse('This email is already used');
  const person: Person = {
    ID: world.newId(),
    FIRSTNAME: given.FIRSTNAME,
    LASTNAME: given.LASTNAME,
    EMAIL: given.EMAIL,
    API_ID: given.API_ID ?? '',
    API_TYPE: given.API_TYPE ?? '',
    HIDDEN: 0,
    DATE_UPDATED: world.now(),
  };
  people.set(person.ID, person);
  return { ...person };
}

type PersonChange = { readonly [Name in keyof Person]?: Person[Name] | undefined };

export function changePerson(world: World, kind: Kind, person: Person, change: PersonChange): Person {
  const { FIRSTNAME, LASTNAME, EMAIL, API_ID, API_TYPE } = change;
  const namesake = EMAIL === undefined ? undefined : findByEmail(world.people[kind], EMAIL);
  if (namesake !== undefined && namesake !== person) return refuse('This email is already used');
  person.FIRSTNAME = FIRSTNAME ?? person.FIRSTNAME;
  person.LASTNAME = LASTNAME ?? person.LASTNAME;
  person.EMAIL = EMAIL ?? person.EMAIL;
  person.API_ID = API_ID ?? person.API_ID;
  person.API_TYPE = API_TYPE ?? person.API_TYPE;
  person.DATE_UPDATED = world.now();
  return { ...person };
}
