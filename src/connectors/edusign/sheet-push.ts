/** Writing sheets: made once, changed in what changed, deleted only before anybody could have signed. */
import { z } from 'zod';
import type { Closed, Pushed, PushRequest } from '../kit/contract.ts';
import { ask, type EdusignClient } from './client.ts';
import { isLocked, isNotFound } from './envelope.ts';
import { apiIdOf, readById, readByOurs } from './listing.ts';
import { apiType } from './marks.ts';
import { closedSheet, lockedSheet, type Sheet, sheet } from './sheet-wire.ts';

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
  return { wire: await ask(client, { doing: 'make a sheet', method: 'POST', path, body, shape: sheet, signal }) };
}

export async function update(
  client: EdusignClient,
  key: string,
  request: PushRequest,
): Promise<Pushed<Sheet> | Closed> {
  const { patch, signal } = request;
  return unlessClosed(client, key, request, 'update', async () => {
    const body = { course: { ID: key, ...patch }, editSurveys: false };
    return { wire: await ask(client, { doing: 'change a sheet', method: 'PATCH', path, body, shape: sheet, signal }) };
  });
}

/** Already gone is as wanted. */
export async function remove(client: EdusignClient, key: string, request: PushRequest): Promise<Closed | undefined> {
  const { signal } = request;
  const gone = { doing: 'delete a sheet', path: `/v1/course/${encodeURIComponent(key)}`, shape: z.unknown(), signal };
  try {
    return await unlessClosed(client, key, request, 'remove', async () => {
      await ask(client, { ...gone, method: 'DELETE' });
      return undefined;
    });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Looks first at a sheet that its run has not just read: it may have been signed or locked long ago. One that is locked
 * between the look and the call is refused by Edusign, and is left alone like one that was locked before.
 */
async function unlessClosed<T>(
  client: EdusignClient,
  key: string,
  { seen, signal }: PushRequest,
  to: 'update' | 'remove',
  write: () => Promise<T>,
): Promise<T | Closed> {
  const there = seen ? null : sheet.safeParse(await readById(client, 'course', key, signal));
  const closed = there?.success ? closedSheet(there.data, to) : undefined;
  if (closed) return { closed };
  try {
    return await write();
  } catch (error) {
    if (isLocked(error)) return { closed: lockedSheet };
    throw error;
  }
}
