/** Reading a collection for its stream: of one school alone where the settings name one, and always from flat collections. */
import { hash } from 'node:crypto';
import type { From, Pages, Pull } from '../kit/contract.ts';
import type { OneRosterClient } from './client.ts';
import { readCollection, type Wanted } from './collection.ts';
import type { Collection } from './fetch.ts';
import { keyOf, text } from './values.ts';

/** A record as it came. */
export type Raw = Readonly<Record<string, unknown>>;

export interface OfOneSchool {
  /**
   * Whether a record is one of the chosen school's. What names no school at all is everybody's: it is kept. `others` are
   * the orgs that are other schools, where `needsOthers` asks for them; districts and departments are not among them.
   */
  belongs: (record: Raw, school: string, others: ReadonlySet<string>) => boolean;
  needsOthers?: true;
}

export const orgCollection: Collection = { name: 'orgs', words: ['orgs', 'org', 'schools', 'school'] };

/** Snapshots and changes. Collections below a school are not used: many servers lack some of them. */
export function pullOf(collection: Collection, ofOneSchool?: OfOneSchool): Pull<OneRosterClient> {
  return {
    all: (from) => read(collection, from, null, ofOneSchool),
    since: (from, mark) => read(collection, from, mark, ofOneSchool),
  };
}

async function* read(
  collection: Collection,
  from: From<OneRosterClient>,
  mark: string | null,
  ofOneSchool: OfOneSchool | undefined,
): Pages {
  yield* readCollection(collection, from, { mark, ...(await choiceOf(from, ofOneSchool)) });
}

async function choiceOf({ client, signal }: From<OneRosterClient>, rule?: OfOneSchool): Promise<Omit<Wanted, 'mark'>> {
  const school = client.settings.schoolSourcedId;
  if (school === undefined || rule === undefined) return { belongs: null };

  const others = rule.needsOthers ? await otherSchools(client, school, signal) : new Set<string>();
  return {
    belongs: (record) => typeof record !== 'object' || record === null || rule.belongs(record as Raw, school, others),
    choice: hash('sha256', JSON.stringify([school, [...others].sort()]), 'hex'),
  };
}

/** Read once for a connection. */
async function otherSchools(
  client: OneRosterClient,
  school: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  client.remembered.otherSchools ??= await readOtherSchools(client, school, signal);
  return client.remembered.otherSchools;
}

async function readOtherSchools(
  client: OneRosterClient,
  school: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const others = new Set<string>();
  for await (const { records } of readCollection(orgCollection, { client, signal, checkpoint: null }, everything)) {
    for (const org of records) {
      const key = keyOf(org);
      const isSchool = text((org as Raw | null)?.type)?.toLowerCase() === 'school';
      if (isSchool && key !== undefined && key !== school) others.add(key);
    }
  }
  return others;
}

/** No mark and no choice. */
export const everything: Wanted = { mark: null, belongs: null };
