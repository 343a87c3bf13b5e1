/** Adding people to courses and taking them out: both safe to repeat, for Classroom knows each person once a course. */
import { z } from 'zod';
import type { Push, PushRequest } from '../kit/contract.ts';
import { NotPermitted, Refused } from '../kit/errors.ts';
import { ask, type GoogleClient } from './client.ts';
import { isAlreadyThere, isNotFound } from './errors.ts';
import { addMember, deleteMember, findMember, type Member, type Roster, readKey } from './members.ts';
import { namedProblem } from './named-errors.ts';

type MemberPush = Required<Push<GoogleClient, Member>>;

/** How long a person who was just taken out, or just made, needs to be found again, as seen by others who add in bulk. */
const settlingMs = 1_000;

const ownsIt = 'The person owns the course, and so teaches it already.';

/** Adds the person to the course; somebody who is in it already is as wanted. */
export function addTo(roster: Roster): MemberPush['create'] {
  return async (client, { refs, signal, uncertain }) => {
    const who = { courseId: refs.class?.[0] ?? '', userId: refs.person?.[0] ?? '' };
    if (roster === 'teachers' && client.owners.get(who.courseId) === who.userId) return { wire: who, note: ownsIt };
    const there = async () => {
      const found = await findMember(client, signal, roster, who);
      return found === undefined ? undefined : { wire: found, note: 'The person was there already.' };
    };
    const seen = uncertain ? await there() : undefined;
    if (seen !== undefined) return seen;

    try {
      return { wire: await addOrAgain(client, signal, roster, who) };
    } catch (error) {
      if (!isAlreadyThere(error)) throw error;
      const inThisRole = await there();
      if (inThisRole !== undefined) return inThisRole;
      throw inOtherRole(roster);
    }
  };
}

/** Takes the person out of the course; somebody who is not in it is as wanted. */
export function removeFrom(roster: Roster): MemberPush['remove'] {
  return async (client, key, { signal }: PushRequest) => {
    const who = readKey(key);
    try {
      await deleteMember(client, signal, roster, who);
    } catch (error) {
      if (isNotFound(error)) return;
      if (roster === 'teachers' && error instanceof NotPermitted && (await owns(client, signal, who))) {
        throw namedProblem('@CannotRemoveCourseOwner', error.details) ?? error;
      }
      throw error;
    }
  };
}

/** A 404 may mean that Google has not caught up yet: asked once more after a moment. */
async function addOrAgain(client: GoogleClient, signal: AbortSignal, roster: Roster, who: Member): Promise<Member> {
  try {
    return await addMember(client, signal, roster, who);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await client.pause(settlingMs, signal);
    return addMember(client, signal, roster, who);
  }
}

/** Whether the person owns the course: asked when Google says only that we may not, as it was seen to say of owners too. */
async function owns(client: GoogleClient, signal: AbortSignal, { courseId, userId }: Member): Promise<boolean> {
  const params = { id: courseId, fields: 'ownerId' };
  const owned = z.object({ ownerId: z.string().optional() });
  const { ownerId } = await ask(client, { doing: 'look up a course', shape: owned, signal }, (options) =>
    client.classroom.courses.get(params, options),
  );
  return ownerId === userId;
}

function inOtherRole(roster: Roster): Refused {
  const [wanted, present] = roster === 'teachers' ? ['teacher', 'student'] : ['student', 'teacher'];
  return new Refused({
    code: 'google_in_other_role',
    message: `The person is in the course as a ${present}, and Classroom knows each person in one role only.`,
    remedy: `Take the person out of the course in Classroom if ${wanted} is right, then sync again.`,
  });
}
