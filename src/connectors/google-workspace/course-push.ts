/** Writing courses: made once, whatever happens to the answers, and archived instead of deleted. */
import { z } from 'zod';
import type { Pushed, PushRequest } from '../kit/contract.ts';
import { NotPermitted, Refused } from '../kit/errors.ts';
import { ask, type GoogleClient } from './client.ts';
import { type Course, course, courseFields as fields } from './course-wire.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import { addMember, deleteMember, findMember } from './members.ts';

const adopted = 'It was there already, from an earlier try.';
const restored = 'It had been archived, and was restored.';

/**
 * Makes the course, active at once so that no teacher has to accept it. Its alias is made of the idempotency key: a second
 * try finds what the first one made ("Classroom API: Courses", aliases in `id`).
 */
export async function create(client: GoogleClient, request: PushRequest): Promise<Pushed<Course>> {
  const { patch, signal, idempotencyKey, uncertain } = request;
  const alias = `p:homeroom-${idempotencyKey}`;
  if (uncertain) {
    const made = await findByAlias(client, signal, alias);
    if (made !== undefined) return takeUp(client, signal, made);
  }

  try {
    const filled = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== ''));
    // Without a teacher the account we act as is the owner, as Classroom wants one; the first teacher takes over later.
    const requestBody = { ownerId: 'me', ...filled, id: alias, courseState: 'ACTIVE' };
    const params = { fields, requestBody };
    const wire = await ask(client, { doing: 'make a course', shape: course, signal }, (options) =>
      client.classroom.courses.create(params, options),
    );
    noteOwner(client, wire);
    return { wire };
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
    const made = await findByAlias(client, signal, alias);
    if (made === undefined) throw error;
    return takeUp(client, signal, made);
  }
}

/** A course of ours that is there already: from an earlier try, or archived when its class was; then it is restored. */
async function takeUp(client: GoogleClient, signal: AbortSignal, made: Course): Promise<Pushed<Course>> {
  if (made.courseState !== 'ARCHIVED') return { wire: made, note: adopted };
  const params = { id: made.id, updateMask: 'courseState', fields, requestBody: { courseState: 'ACTIVE' } };
  const wire = await ask(client, { doing: 'restore a course', shape: course, signal }, (options) =>
    client.classroom.courses.patch(params, options),
  );

  return { wire, note: restored };
}

function noteOwner({ owners }: GoogleClient, { id, ownerId }: Course): void {
  if (ownerId !== undefined) owners.set(id, ownerId);
}

/** Writes what the patch holds and nothing else. */
export async function update(client: GoogleClient, key: string, request: PushRequest): Promise<Pushed<Course>> {
  const { patch, signal } = request;
  const names = Object.keys(patch);
  // A class that lost its last teacher keeps its owner: nothing can be written, and Google refuses an empty mask.
  if (names.length === 0) return { wire: await read(client, signal, key) };
  if (typeof patch.ownerId === 'string') await makeTeacher(client, signal, key, patch.ownerId);
  const before = typeof patch.ownerId === 'string' ? await read(client, signal, key) : null;

  const params = { id: key, updateMask: names.join(','), fields, requestBody: patch };
  const wire = await ask(client, { doing: 'change a course', shape: course, signal }, (options) =>
    client.classroom.courses.patch(params, options),
  );
  if (before !== null) {
    noteOwner(client, wire);
    await stepBack(client, request, before);
  }

  return { wire };
}

/** The account we act as owned the course only until a teacher came: it leaves, unless it really teaches the class. */
async function stepBack(client: GoogleClient, { signal, refs, uncertain }: PushRequest, before: Course): Promise<void> {
  const us = await findMember(client, signal, 'teachers', { courseId: before.id, userId: 'me' });
  if (us === undefined || refs.teachers?.includes(us.userId)) return;
  // An earlier try may have handed the course over and come no further: then its owner tells nothing any more.
  if (us.userId !== before.ownerId && !uncertain) return;
  try {
    await deleteMember(client, signal, 'teachers', us);
  } catch (error) {
    // Google may still be handing things over; an administrator too many in a course does no harm.
    if (!(error instanceof Refused || error instanceof NotPermitted) && !isNotFound(error)) throw error;
  }
}

/** Archives the course: its work and grades stay readable, and it can be restored. */
export async function archive(client: GoogleClient, key: string, { signal }: PushRequest): Promise<void> {
  const params = { id: key, updateMask: 'courseState', fields: 'id', requestBody: { courseState: 'ARCHIVED' } };
  try {
    await ask(client, { doing: 'archive a course', shape: z.object({}), signal }, (options) =>
      client.classroom.courses.patch(params, options),
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function read(client: GoogleClient, signal: AbortSignal, id: string): Promise<Course> {
  return ask(client, { doing: 'look up a course', shape: course, signal }, (options) =>
    client.classroom.courses.get({ id, fields }, options),
  );
}

async function findByAlias(client: GoogleClient, signal: AbortSignal, alias: string): Promise<Course | undefined> {
  try {
    return await read(client, signal, alias);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Classroom hands a course only to one of its teachers, and the roster is written after the course. */
async function makeTeacher(client: GoogleClient, signal: AbortSignal, courseId: string, userId: string): Promise<void> {
  try {
    await addMember(client, signal, 'teachers', { courseId, userId });
  } catch (error) {
    if (!isAlreadyThere(error)) throw error;
  }
}
