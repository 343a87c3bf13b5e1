/** Writing sheets: made once, changed in what changed, deleted only before anybody could have signed. */
import { z } from 'zod';
import type { Blocker, Closed, Pushed, PushRequest } from '../kit/contract.ts';
import { ask, type EdusignClient } from './client.ts';
import { isNotFound } from './envelope.ts';
import { apiIdOf, readById, readByOurs } from './listing.ts';
import { apiType } from './marks.ts';
import { closedSheet, type Sheet, sheet } from './sheet-wire.ts';

/** `fromStudents`: the learners are those we name, not those of the groups. */
const path = '/v1/course?fromStudents=true';

export async function create(client: EdusignClient, request: PushRequest): Promise<Pushed<Sheet>> {
  const { patch, signal, uncertain, settings } = request;
  const apiId = apiIdOf(request);
  if (uncertain) {
    const made = sheet.safeParse(await readByOurs(client, 'course', apiId, signal));
    if (made.success) return { wire: made.data, note: 'It was there already, from an earlier try.' };
  }

  const stand = typeof settings.fallbackProfessorId === 'string' ? { PROFESSOR: settings.fallbackProfessorId } : {};
  const marks = { API_ID: apiId, API_TYPE: apiType, NEED_STUDENTS_SIGNATURE: true };
  const body = { course: { ...stand, ...patch, ...marks } };
  const wire = await ask(client, { doing: 'make a sheet', method: 'POST', path, body, shape: sheet, signal });
  client.listed.add(wire.ID);
  return { wire };
}

export async function update(
  client: EdusignClient,
  key: string,
  request: PushRequest,
): Promise<Pushed<Sheet> | Closed> {
  const { patch, signal } = request;
  const against = await look(client, key, signal, 'update');
  if (against !== undefined) return { closed: against };
  const body = { course: { ID: key, ...patch }, editSurveys: false };
  const wire = await ask(client, { doing: 'change a sheet', method: 'PATCH', path, body, shape: sheet, signal });
  return { wire };
}

/** Already gone is as wanted. */
export async function remove(client: EdusignClient, key: string, { signal }: PushRequest): Promise<Closed | undefined> {
  try {
    const against = await look(client, key, signal, 'remove');
    if (against !== undefined) return { closed: against };
    const gone = { doing: 'delete a sheet', path: `/v1/course/${encodeURIComponent(key)}`, shape: z.unknown(), signal };
    await ask(client, { ...gone, method: 'DELETE' });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }

  return undefined;
}

/** What stands against it: a sheet that no list of this run has shown may have been signed or locked long ago. */
async function look(
  client: EdusignClient,
  key: string,
  signal: AbortSignal,
  to: 'update' | 'remove',
): Promise<Blocker | undefined> {
  if (client.listed.has(key)) return undefined;
  const there = sheet.safeParse(await readById(client, 'course', key, signal));

  return there.success ? closedSheet(there.data, to) : undefined;
}
