/** Looks whether a SIS can be read, with the smallest questions there are: one record of each kind. */
import type { Check } from '../kit/contract.ts';
import { ProviderProblem } from '../kit/errors.ts';
import type { OneRosterClient, OneRosterContext } from './client.ts';
import { readCollection } from './collection.ts';
import { type Collection, fetchPage } from './fetch.ts';
import { start } from './paging.ts';
import { everything, orgCollection, type Raw } from './school.ts';
import { keyOf, text } from './values.ts';

/** Milliseconds: whoever tests a connection looks at a button meanwhile. */
const patience = 8_000;

const classCollection: Collection = { name: 'classes', words: ['classes', 'class'] };
const userCollection: Collection = { name: 'users', words: ['users', 'user'] };

/** Looks at sign-in, orgs, the chosen school, classes and users, and goes on only while it makes sense. */
export async function probe(client: OneRosterClient, { signal }: OneRosterContext): Promise<readonly Check[]> {
  const hurry = AbortSignal.timeout(patience);
  const once = onceOnly(client);
  const both = AbortSignal.any([signal, hurry]);
  const look = (name: string, found: string, fn: () => Promise<unknown>) => check(name, found, fn, signal, hurry);

  const signIn = await look('sign-in', 'The SIS accepts the credentials.', async () => {
    await client.signIn();
    // Signed requests prove themselves only by being made.
    if (client.settings.tokenUrl === undefined) await readOne(once, orgCollection, both);
  });
  if (!signIn.ok) return [signIn];

  const orgs = await look('orgs', 'The SIS shows its orgs.', () => readOne(once, orgCollection, both));
  if (!orgs.ok) return [signIn, orgs];

  const school = client.settings.schoolSourcedId;
  const rest = await Promise.all([
    ...(school === undefined ? [] : [checkSchool(once, school, look, both)]),
    look('classes', 'The SIS shows its classes.', () => readOne(once, classCollection, both)),
    look('users', 'The SIS shows its users.', () => readOne(once, userCollection, both)),
  ]);
  return [signIn, orgs, ...rest];
}

type Look = (name: string, found: string, fn: () => Promise<unknown>) => Promise<Check>;

/** Asks for one record at a time, and only once: a person waits, and can press the button again. */
function onceOnly(client: OneRosterClient): OneRosterClient {
  return {
    ...client,
    settings: { ...client.settings, pageSize: 1 },
    get: (url, doing, signal) => client.get(url, doing, signal, 1),
  };
}

function readOne(client: OneRosterClient, collection: Collection, signal: AbortSignal): Promise<unknown> {
  return fetchPage({ client, collection, filter: "status='active'", signal, memory: null }, start, new Set());
}

async function check(
  name: string,
  found: string,
  fn: () => Promise<unknown>,
  signal: AbortSignal,
  hurry: AbortSignal,
): Promise<Check> {
  try {
    await fn();
    return { name, ok: true, message: found, remedy: null };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ProviderProblem) return { name, ok: false, message: error.message, remedy: error.remedy };
    if (!hurry.aborted) throw error;
    return {
      name,
      ok: false,
      message: 'The SIS did not answer in time.',
      remedy: 'Try again; if it stays so slow, ask those who run the SIS.',
    };
  }
}

async function checkSchool(client: OneRosterClient, school: string, look: Look, signal: AbortSignal): Promise<Check> {
  const seen: string[] = [];
  let isThere = false;
  const whole = { ...client, settings: { ...client.settings, pageSize: 1_000 } };
  const result = await look('school', 'The SIS shows the school.', async () => {
    for await (const { records } of readCollection(
      orgCollection,
      { client: whole, signal, checkpoint: null },
      everything,
    )) {
      isThere ||= records.some((org) => keyOf(org) === school);
      seen.push(...records.flatMap(nameSchool));
    }
  });
  if (!result.ok || isThere) return result;

  const some = seen.slice(0, 10).join(', ');
  return {
    name: 'school',
    ok: false,
    message: `The SIS shows ${seen.length} schools, and none has the sourcedId of the settings.`,
    remedy:
      seen.length === 0
        ? 'Ask the provider to share the school with us.'
        : `Choose one of its schools, such as ${some}.`,
  };
}

/** `Westfield (org-17)`, for a school. */
function nameSchool(org: unknown): string[] {
  const { name, type } = (org ?? {}) as Raw;
  const key = keyOf(org);
  return key !== undefined && text(type)?.toLowerCase() === 'school' ? [`${text(name) ?? 'a school'} (${key})`] : [];
}
