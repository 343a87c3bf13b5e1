/** Teachers who get another name in Google, the questions that come of it, and a person who answers them over the API. */
import { setTimeout as delay } from 'node:timers/promises';
import { encodeId } from '../../src/schema/ids.ts';
import type { Random } from '../../src/simulators/district/random.ts';
import { mutate } from '../harness/client.ts';
import { atRest } from './onlooker.ts';
import type { Place } from './place.ts';

export type Resolution = 'ACCEPT_EXTERNAL' | 'PUSH_LOCAL' | 'IGNORE';

interface Teacher {
  id: string;
  email: string;
  /** Family names as they must be in the end. */
  here: string;
  there: string;
}

interface Question {
  id: string;
  version: number;
  teacher: Teacher;
}

export interface Questions {
  /** Renames somebody in Google and syncs that person: their question is open afterwards. */
  ask(): Promise<Question>;
  /** Answers, again if need be, until the question itself says that the answer arrived. */
  answer(question: Question, resolution: Resolution): Promise<void>;
  /** Answers once more what came back undecided because its push failed; says how many those were. */
  answerAgain(): Promise<number>;
  /** What does not agree with the answers given. */
  disagreements(): Promise<string[]>;
}

export function openQuestions(place: Place, random: Random): Questions {
  const teachers: Teacher[] = [];
  const answered = new Map<string, { resolution: Resolution; teacher: Teacher }>();
  let names = 0;

  const statusOf = (id: string) =>
    place.look(async (tx) => {
      const [row] = await tx<{ status: string; version: number; resolution: string | null }[]>`
        select status, version, resolution from sync_conflict where id = ${id}`;
      return row;
    });

  const renameable = async (): Promise<Teacher[]> => {
    if (teachers.length === 0) {
      const found = await place.look(
        (tx) => tx<{ id: string; email: string; name: string }[]>`
          select distinct p.id, lower(p.email) as email, p.family_name as name
          from enrollment e join person p on p.tenant_id = e.tenant_id and p.id = e.person_id
          where e.role = 'teacher' and e.status = 'ACTIVE' and p.status = 'ACTIVE' and p.email is not null order by p.id`,
      );
      teachers.push(...found.map(({ id, email, name }) => ({ id, email, here: name, there: name })));
    }
    const known = await place.look(
      (tx) => tx<{ id: string }[]>`
        select record_id as id from link where integration_id = ${place.google} and stream = 'accounts' and state = 'LINKED'`,
    );
    const linked = new Set(known.map(({ id }) => id));
    return teachers.filter(({ id }) => linked.has(id));
  };

  const send = async (id: string, version: number, resolution: Resolution) => {
    for (;;) {
      try {
        await mutate(place.api(), 'ResolveConflict', { conflictId: encodeId('SyncConflict', id), version, resolution });
        return;
      } catch {
        // Whether it arrived, the question says; while it cannot be asked, nothing does.
        const now = await statusOf(id).catch(() => null);
        if (now && now.status !== 'OPEN') return;
        await delay(50);
      }
    }
  };

  return {
    async ask() {
      await atRest(place);
      if ((await renameable()).length === 0) {
        // Nothing has been synced yet.
        await place.sync(place.sis);
        await atRest(place);
      }
      const teacher = random.pick(await renameable());
      names += 1;
      teacher.there = `Renamed-${names}`;
      await place.world.google.act('renameUser', {
        domain: place.world.domain,
        email: teacher.email,
        familyName: teacher.there,
      });
      await place.sync(place.google, [teacher.id]);
      await atRest(place);
      const [question] = await place.look(
        (tx) => tx<{ id: string; version: number }[]>`
          select id, version from sync_conflict where record_id = ${teacher.id} and status = 'OPEN'`,
      );
      if (!question) throw new Error(`Nobody asked about ${teacher.email}, renamed to ${teacher.there}.`);

      return { ...question, teacher };
    },

    async answer({ id, version, teacher }, resolution) {
      answered.set(id, { resolution, teacher });
      if (resolution === 'ACCEPT_EXTERNAL') teacher.here = teacher.there;
      if (resolution === 'PUSH_LOCAL') teacher.there = teacher.here;
      await send(id, version, resolution);
    },

    async answerAgain() {
      let again = 0;
      for (const [id, { resolution }] of answered) {
        const now = await statusOf(id);
        if (now?.status !== 'OPEN') continue;
        again += 1;
        await send(id, now.version, resolution);
      }
      return again;
    },

    async disagreements() {
      const found: string[] = [];
      for (const [id, { resolution }] of answered) {
        const now = await statusOf(id);
        if (now?.status !== 'RESOLVED' || now.resolution !== resolution)
          found.push(`A question was answered ${resolution} and is ${now?.status} ${now?.resolution}.`);
      }
      const [domain] = (await place.world.google.state({ domain: place.world.domain })) as {
        users: { primaryEmail: string; familyName: string }[];
      }[];
      const there = new Map(domain?.users.map(({ primaryEmail, familyName }) => [primaryEmail, familyName]));
      const people = await place.look(
        (tx) => tx<{ id: string; name: string }[]>`select id, family_name as name from person`,
      );
      const here = new Map(people.map(({ id, name }) => [id, name]));
      for (const teacher of teachers) {
        if (here.get(teacher.id) !== teacher.here)
          found.push(`${teacher.email} should be called ${teacher.here} here and is ${here.get(teacher.id)}.`);
        if (there.get(teacher.email) !== teacher.there)
          found.push(`${teacher.email} should be called ${teacher.there} there and is ${there.get(teacher.email)}.`);
      }
      return found;
    },
  };
}
