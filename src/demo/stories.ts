/** What happens in the living district, each as one story: something is done outside, Homeroom notices, a few lines are told. */
import { z } from 'zod';
import { familyName } from '../simulators/district/naming.ts';
import type { Random } from '../simulators/district/random.ts';
import { recordShapes } from '../simulators/district/records.ts';
import { answers, type Conflict, type Teacher } from './answers.ts';
import type { Api } from './api.ts';
import { duration, plural } from './columns.ts';
import type { Connected } from './connect.ts';
import { documents } from './documents.ts';
import { followLeg, type Journey, type Surroundings, travel } from './journey.ts';
import { type Leg, startLeg, written } from './leg.ts';
import type { Outside } from './outside.ts';
import { liveCursor, recentRuns, triggerSync } from './runs.ts';
import { accountOf, hasAccount } from './survey.ts';

/** Titles and texts. */
export type Telling = [title: string, text: string][];

export interface Scene {
  outside: Outside;
  around: Surroundings;
  random: Random;
}

export interface Question {
  conflict: Conflict;
  school: string;
}

const latin = /^[\p{Script=Latin}' ]+$/u;

const lifeChange = z.object({
  event: z.string(),
  summary: z.string(),
  changed: z.array(z.object({ collection: z.string(), sourcedId: z.string() })),
});

/** A journey of a school whose former runs are told already. */
async function setOut(api: Api, school: Connected): Promise<Journey> {
  const told = new Set(school.classroomId === null ? [] : await recentRuns(api, school.classroomId));
  return { school, told, legs: { sis: startLeg(null), classroom: startLeg(null) } };
}

/** Something changes in the SIS (anything, unless `event` names it); its sync is asked for, Classroom follows by itself. */
export async function changeInSis({ outside, around }: Scene, school: Connected, event?: string): Promise<Telling> {
  const place = { schoolSourcedId: school.survey.sourcedId };
  const { summary, changed } = lifeChange.parse(await outside.inSis('life', { ...place, ...(event && { event }) }));
  // Whoever is new gets an account from the school's office before the first lesson.
  if (summary.includes('joins')) await openAccounts(outside, changed);
  const journey = await setOut(around.api, school);
  const began = around.now();
  await travel(journey, around);
  const { sis, classroom } = journey.legs;

  return [
    ['In the SIS', `${summary.replace(/\.$/, '')} (${school.name}).`],
    ['Homeroom', `${whatWasDone(sis)} in ${duration(legTime(sis))}.`],
    ['Classroom', `${whatWasDone(classroom)}, ${duration(around.now() - began)} after the SIS.`],
  ];
}

async function openAccounts(outside: Outside, changed: z.output<typeof lifeChange>['changed']): Promise<void> {
  for (const { collection, sourcedId } of changed) {
    if (collection !== 'users') continue;
    const user = recordShapes.users.parse(await outside.inSis('find', { collection, sourcedId }));
    if (hasAccount(user)) await outside.inGoogle('addUser', accountOf(user));
  }
}

/** A teacher gets another name directly in Google; the sync of that person asks what is to hold. */
export async function renameInGoogle(
  { outside, around, random }: Scene,
  school: Connected,
): Promise<{ telling: Telling; question: Question | null }> {
  const { api } = around;
  const { classroomId } = school;
  const teaching = await someTeacher(api, school, random);
  if (teaching === null || classroomId === null) return { telling: [], question: null };
  const { teacher, title } = teaching;
  const { email } = teacher;
  const newName = otherName(teacher, random);
  await outside.inGoogle('renameUser', { email, familyName: newName });

  const journey = await setOut(api, school);
  const after = await liveCursor(api);
  await followLeg(journey, 'classroom', await triggerSync(api, classroomId, [teacher.id]), after, around);
  const { school: seen } = await api.ask(documents.conflicts, { schoolId: school.id }, answers.conflicts);
  const conflict = seen.conflicts.nodes.find(({ fields }) =>
    fields.some(({ externalValue }) => externalValue === newName),
  );
  const who = `${teacher.givenName} ${teacher.familyName}, who teaches ${title} (${school.name})`;
  const telling: Telling = [['In Google', `Somebody renames ${who}, to ${teacher.givenName} ${newName}.`]];
  if (conflict === undefined) return { telling: [...telling, ['Homeroom', 'finds nothing to ask.']], question: null };

  return { telling: [...telling, ...asking(conflict)], question: { conflict, school: school.name } };
}

/** Variables of ResolveConflict that have our value written to Google. */
export function answerTo({ id: conflictId, version }: Conflict) {
  return { input: { conflictId, version, resolution: 'PUSH_LOCAL' } };
}

function asking(conflict: Conflict): Telling {
  const fields = conflict.fields.map(
    ({ name, localValue, externalValue }) =>
      `${name} is “${told(localValue)}” here and “${told(externalValue)}” in Google`,
  );
  const variables = JSON.stringify(answerTo(conflict), null, 2).split('\n');
  return [
    ['Homeroom', `asks rather than overwrites: ${fields.join(', ')}.`],
    ['You decide', 'in GraphiQL, tab ResolveConflict, with these variables:'],
    ...variables.map((line): [string, string] => ['', line]),
    ['', 'PUSH_LOCAL writes our name to Google, ACCEPT_EXTERNAL takes Google’s over, IGNORE leaves both.'],
  ];
}

/** @param resolution null when both sides agreed again by themselves. */
export function settling({ conflict, school }: Question, resolution: string | null, by: string | null): Telling {
  const [field] = conflict.fields;
  const [ours, theirs] = [told(field?.localValue), told(field?.externalValue)];
  const outcomes: Record<string, string> = {
    PUSH_LOCAL: `our “${ours}” is written to Google`,
    ACCEPT_EXTERNAL: `Google’s “${theirs}” is taken over`,
    IGNORE: `“${ours}” here and “${theirs}” in Google both stay`,
  };
  const outcome = outcomes[resolution ?? ''] ?? 'both sides agree again';

  return [['Settled', `${conflict.entity.name} (${school}): ${outcome}${by === null ? '' : `, as ${by} decided`}.`]];
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

async function someTeacher(
  api: Api,
  school: Connected,
  random: Random,
): Promise<{ teacher: Teacher; title: string } | null> {
  const { school: seen } = await api.ask(documents.teachers, { schoolId: school.id }, answers.teachers);
  const teaching = seen.classes.nodes.flatMap(({ title, enrollments }) =>
    enrollments.nodes
      .filter(({ role, person }) => role === 'teacher' && person.email !== null)
      .map(({ person: teacher }) => ({ teacher, title })),
  );
  // A name that the reader can read makes the better story.
  const readable = teaching.filter(({ teacher }) => latin.test(`${teacher.givenName} ${teacher.familyName}`));
  const chosen = readable.length > 0 ? readable : teaching;

  return chosen.length === 0 ? null : random.pick(chosen);
}

function otherName({ familyName: present }: Teacher, random: Random): string {
  for (;;) {
    const { text } = familyName(random);
    if (text !== present && latin.test(text)) return text;
  }
}

function legTime({ beganAt, endedAt }: Leg): number {
  return (endedAt ?? 0) - (beganAt ?? 0);
}

/** `1 added, 1 removed` */
function whatWasDone({ counts, outcome }: Leg): string {
  const { created, updated, deleted, failed, skipped, conflicts } = counts;
  const parts = [
    created > 0 && `${created} added`,
    updated > 0 && `${updated} changed`,
    deleted > 0 && `${deleted} removed`,
    skipped > 0 && `${skipped} skipped`,
    failed > 0 && `${failed} failed`,
    conflicts > 0 && plural(conflicts, 'question'),
  ].filter((part) => part !== false);
  const what = parts.length === 0 && written(counts) === 0 ? 'nothing to do' : parts.join(', ');

  return outcome === null || outcome === 'SUCCEEDED' ? what : `${what} (${outcome})`;
}
