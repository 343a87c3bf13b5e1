/** Groups of learners. */
import { z } from 'zod';
import { stream } from '../kit/contract.ts';
import type { AurigaClient } from './client.ts';
import { inPages } from './pages.ts';
import { type GroupRecord, groupsOf } from './read-groups.ts';

export const groups = stream<AurigaClient, 'group', GroupRecord>({
  entity: 'group',
  born: 'there',
  action: 'auriga.roster.group',
  wire: z.custom<GroupRecord>((value) => typeof value === 'object' && value !== null && 'findings' in value),
  key: ({ id }) => id,
  findings: ({ findings }) => findings,
  fields: {
    title: { read: ({ title }) => title, owner: 'provider' },
    code: { read: ({ code }) => code, owner: 'provider' },
  },
  refs: {
    // A member without a session in the favourite is not known yet, and joins when they are.
    members: { stream: 'people', read: ({ members }) => members, missing: 'omit' },
  },
  pull: {
    all: async function* (from) {
      from.signal.throwIfAborted();
      const read = await groupsOf(from.client, from.signal);
      yield* inPages(read?.groups ?? [], from, read?.unsteady ?? false);
    },
  },
});
