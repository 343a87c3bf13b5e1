/** Sessions: Auriga's interventions. */
import { z } from 'zod';
import { type Finding, stream } from '../kit/contract.ts';
import type { AurigaClient } from './client.ts';
import { inPages } from './pages.ts';
import { groupsOf } from './read-groups.ts';
import { interventionsOf, type MeetingRecord } from './read-interventions.ts';

export const meetings = stream<AurigaClient, 'meeting', MeetingRecord>({
  entity: 'meeting',
  born: 'there',
  action: 'auriga.planning.meeting',
  wire: z.custom<MeetingRecord>((value) => typeof value === 'object' && value !== null && 'findings' in value),
  key: ({ id }) => id,
  findings: ({ findings }) => findings,
  fields: {
    title: { read: ({ title }) => title, owner: 'provider' },
    description: { read: ({ description }) => description, owner: 'provider' },
    startsAt: { read: ({ startsAt }) => startsAt, owner: 'provider' },
    endsAt: { read: ({ endsAt }) => endsAt, owner: 'provider' },
    location: { read: ({ location }) => location, owner: 'provider' },
  },
  refs: {
    instructors: { stream: 'people', read: ({ instructors }) => instructors, missing: 'omit' },
    learners: { stream: 'people', read: ({ learners }) => learners, missing: 'omit' },
    groups: { stream: 'groups', read: ({ groups }) => groups, missing: 'omit' },
  },
  pull: {
    // A school's favourite may leave out what is over: only a session that has not begun can be called off.
    covers: { field: 'startsAt', since: ({ now }) => now },
    all: async function* (from) {
      from.signal.throwIfAborted();
      const { meetings: all, unsteady } = await interventionsOf(from.client, from.signal);
      const known = await groupsOf(from.client, from.signal);
      const ids = known && new Set(known.groups.map(({ id }) => id));
      yield* inPages(
        all.map((meeting) => withGroups(meeting, ids)),
        from,
        unsteady,
      );
    },
  },
});

/** Without a groups favourite no group is known, and none is missed; with one, a group it lacks is told. */
function withGroups(meeting: MeetingRecord, known: ReadonlySet<string> | null): MeetingRecord {
  if (known === null) return { ...meeting, groups: [] };
  const groups = meeting.groups.filter((id) => known.has(id));

  return groups.length === meeting.groups.length
    ? meeting
    : { ...meeting, groups, findings: [...meeting.findings, groupUnknown] };
}

const groupUnknown: Finding = {
  code: 'GROUP_UNKNOWN',
  message: 'The session names a group that the groups favourite does not list; the session is kept without it.',
  remedy: 'See whether the groups favourite leaves this group out.',
  refuses: false,
};
