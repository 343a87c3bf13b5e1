/** The calls of Classroom's two rosters: teachers and students differ in their names only. */
import { z } from 'zod';
import { ask, type GoogleClient, read } from './client.ts';
import { isNotFound } from './errors.ts';
import { listAll } from './listing.ts';

export type Roster = 'teachers' | 'students';

/** A member of a course as Classroom answers it, as far as we use it. */
export const member = z.object({ courseId: z.string().min(1), userId: z.string().min(1) });

export type Member = z.output<typeof member>;

const fields = 'courseId,userId';
const listed = z.object({
  teachers: z.array(z.unknown()).optional(),
  students: z.array(z.unknown()).optional(),
  nextPageToken: z.string().optional(),
});

/** A member's external key: the ids of both are unique only together. */
export function keyOf({ courseId, userId }: Member): string {
  return `${courseId}/${userId}`;
}

/** The two ids in a key. */
export function readKey(key: string): Member {
  const [courseId = '', userId = ''] = key.split('/');
  return { courseId, userId };
}

/** All members of a course in this roster; none when the course is not there, which is for its own stream to tell. */
export async function listMembers(
  client: GoogleClient,
  signal: AbortSignal,
  roster: Roster,
  courseId: string,
): Promise<readonly unknown[]> {
  try {
    return await listAll(async (pageToken) => {
      const params = { courseId, pageSize: 100, pageToken, fields: `nextPageToken,${roster}(${fields})` };
      const page = await read(client, { doing: 'read rosters', shape: listed, signal }, (options) =>
        client.classroom.courses[roster].list(params, options),
      );
      return { records: page[roster] ?? [], nextPageToken: page.nextPageToken };
    });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** One member of this roster, or undefined. */
export async function findMember(
  client: GoogleClient,
  signal: AbortSignal,
  roster: Roster,
  { courseId, userId }: Member,
): Promise<Member | undefined> {
  const params = { courseId, userId, fields };
  try {
    return await ask(client, { doing: 'look up a member', shape: member, signal }, (options) =>
      client.classroom.courses[roster].get(params, options),
    );
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Adds a member. Throws `Refused` with `google_already_exists` when the person is in the course, in whichever role. */
export function addMember(
  client: GoogleClient,
  signal: AbortSignal,
  roster: Roster,
  { courseId, userId }: Member,
): Promise<Member> {
  const params = { courseId, fields, requestBody: { userId } };
  return ask(client, { doing: 'add a member', shape: member, signal }, (options) =>
    client.classroom.courses[roster].create(params, options),
  );
}

/** Takes a member out of this roster. Throws `Refused` with `google_not_found` when the person is not in it. */
export async function deleteMember(
  client: GoogleClient,
  signal: AbortSignal,
  roster: Roster,
  { courseId, userId }: Member,
): Promise<void> {
  const params = { courseId, userId };
  await ask(client, { doing: 'remove a member', shape: z.object({}), signal }, (options) =>
    client.classroom.courses[roster].delete(params, options),
  );
}
