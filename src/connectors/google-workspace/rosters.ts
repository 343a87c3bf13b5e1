/** Who teaches and who attends a course: two streams that differ in their roster only. */
import type { From, Page, Sought, Stream } from '../kit/contract.ts';
import { stream } from '../kit/contract.ts';
import { withRetries } from '../kit/retry.ts';
import type { GoogleClient } from './client.ts';
import { readInGroups } from './listing.ts';
import { findMember, keyOf, listMembers, type Member, member, type Roster, readKey } from './members.ts';
import { addTo, removeFrom } from './roster-push.ts';

export const teachers = roster('teachers', {
  action: 'google_classroom.roster.teacher',
  describe: 'Active teachers of mirrored classes',
  role: 'teacher',
});

export const students = roster('students', {
  action: 'google_classroom.roster.student',
  describe: 'Active students of mirrored classes',
  role: 'student',
});

function roster(name: Roster, facts: { action: string; describe: string; role: string }): Stream<GoogleClient> {
  return stream<GoogleClient, 'enrollment', Member>({
    entity: 'enrollment',
    born: 'here',
    action: facts.action,
    wire: member,
    key: keyOf,
    match: [{ by: ['class', 'person'], adopt: 'link' }],
    refs: {
      class: { stream: 'courses', read: (wire) => [wire.courseId], missing: 'wait', container: true },
      person: { stream: 'accounts', read: (wire) => [wire.userId], missing: 'wait' },
    },
    fields: {},
    selects: { describe: facts.describe, where: { role: [facts.role] }, leaving: 'remove' },
    pull: {
      all: (from) => pullAll(name, from),
      some: (from, asked) => pullSome(name, from, asked),
    },
    push: { create: addTo(name), remove: removeFrom(name) },
  });
}

/**
 * The members of every course we mirror, a few courses a page; the checkpoint is the last course that was read. Courses that
 * were unlinked meanwhile cannot be found in the list again: then all is read anew, for a gap would look like people gone.
 */
async function* pullAll(name: Roster, from: From<GoogleClient>): AsyncGenerator<Page, void, undefined> {
  const { client, signal, checkpoint } = from;
  signal.throwIfAborted();
  const courses = await Array.fromAsync(from.keys('courses'));
  const left = checkpoint === null ? courses : courses.slice(courses.indexOf(checkpoint) + 1);

  yield* readInGroups(
    left,
    (course) => course,
    (course) => listMembers(client, signal, name, course),
  );
}

/** Exactly the members asked for: a course is listed when several of its members are, else each is looked up. */
async function* pullSome(
  name: Roster,
  { client, signal, clock }: From<GoogleClient>,
  asked: readonly Sought[],
): AsyncGenerator<Page, void, undefined> {
  const patience = { clock, signal, sleep: client.pause };
  const wanted = asked.flatMap((sought) => whoIsSought(sought) ?? []);
  const byCourse = [...Map.groupBy(wanted, ({ courseId }) => courseId).values()];

  yield* readInGroups(
    byCourse,
    ([first]) => first?.courseId ?? '',
    async (members) => {
      const [first, ...others] = members;
      if (first === undefined) return [];
      if (others.length === 0) {
        const found = await withRetries(() => findMember(client, signal, name, first), patience);
        return found === undefined ? [] : [found];
      }

      const keys = new Set(members.map(keyOf));
      const all = await listMembers(client, signal, name, first.courseId);
      return all.filter((record) => keys.has(keyOf(member.safeParse(record).data ?? { courseId: '', userId: '' })));
    },
  );
}

/** The ids at Google; undefined while the course or the account is not known there, so that nobody can be a member. */
function whoIsSought({ key, refs }: Sought): Member | undefined {
  if (key !== null) return readKey(key);

  const [courseId] = refs.class ?? [];
  const [userId] = refs.person ?? [];
  return courseId === undefined || userId === undefined ? undefined : { courseId, userId };
}
