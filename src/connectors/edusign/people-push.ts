/** Writing people: made once, whatever happens to the answers, found again by the id that we gave them. */
import type { z } from 'zod';
import type { Pushed, PushRequest } from '../kit/contract.ts';
import { ask, type EdusignClient } from './client.ts';
import { apiIdOf, readById, readByOurs } from './listing.ts';
import { apiType } from './marks.ts';
import type { EdusignPerson, PersonNoun } from './people.ts';

type Shape = z.ZodType<EdusignPerson>;

const nouns = { student: 'learner', professor: 'instructor' } as const;

/** The name of the body's part, and how each kind says that nobody gets a password by mail. */
function bodyOf(noun: PersonNoun, person: object, sendCredentials: boolean): object {
  return noun === 'student'
    ? { student: { ...person, SEND_EMAIL_CREDENTIALS: sendCredentials } }
    : { professor: person, dontSendCredentials: !sendCredentials };
}

export async function createPerson(
  client: EdusignClient,
  noun: PersonNoun,
  shape: Shape,
  request: PushRequest,
): Promise<Pushed<EdusignPerson>> {
  const { patch, signal, uncertain, settings } = request;
  const apiId = apiIdOf(request);
  if (uncertain) {
    const made = shape.safeParse(await readByOurs(client, noun, apiId, signal));
    if (made.success) return { wire: made.data, note: 'It was there already, from an earlier try.' };
  }

  const person = { ...patch, API_ID: apiId, API_TYPE: apiType };
  const body = bodyOf(noun, person, settings.sendCredentials === true);
  const call = { doing: `make a ${nouns[noun]}`, path: `/v1/${noun}`, signal };
  return { wire: await ask(client, { ...call, method: 'POST', body, shape }) };
}

/** Edusign wants both names with every change: one that is not changed is written as it stands there. It learns our id with it. */
export async function updatePerson(
  client: EdusignClient,
  noun: PersonNoun,
  shape: Shape,
  key: string,
  request: PushRequest,
): Promise<Pushed<EdusignPerson>> {
  const { patch, signal } = request;
  const person = { ID: key, ...(await namesThere(client, noun, shape, key, request)), ...patch };
  const marks = { API_ID: apiIdOf(request), API_TYPE: apiType };
  const call = { doing: `change a ${nouns[noun]}`, path: `/v1/${noun}`, signal };
  return { wire: await ask(client, { ...call, method: 'PATCH', body: { [noun]: { ...person, ...marks } }, shape }) };
}

async function namesThere(
  client: EdusignClient,
  noun: PersonNoun,
  shape: Shape,
  key: string,
  { seen, row, signal }: PushRequest,
) {
  if (seen) return { FIRSTNAME: seen.givenName, LASTNAME: seen.familyName };
  const there = shape.safeParse(await readById(client, noun, key, signal));
  const { FIRSTNAME, LASTNAME } = there.data ?? {};

  return { FIRSTNAME: FIRSTNAME ?? row.givenName, LASTNAME: LASTNAME ?? row.familyName };
}
