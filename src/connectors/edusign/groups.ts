/** Groups and who is in them, where the school wants them. They are made and changed, never deleted. */
import { z } from 'zod';
import { type Pushed, type PushRequest, stream } from '../kit/contract.ts';
import { ask, type EdusignClient } from './client.ts';
import { apiIdOf, listPages, lookUp, pageSizes, readById, readByOurs } from './listing.ts';
import { apiType } from './marks.ts';

const optionalText = z.string().nullish().catch(undefined);

const group = z.object({
  ID: z.string().min(1),
  NAME: optionalText,
  DESCRIPTION: optionalText,
  STUDENTS: z.array(z.string()).nullish().catch(undefined),
  API_ID: optionalText,
});

type Group = z.output<typeof group>;

export const groups = stream<EdusignClient, 'group', Group>({
  entity: 'group',
  born: 'here',
  action: 'edusign.group',
  wire: group,
  key: (wire) => wire.ID,
  ours: (wire) => wire.API_ID || undefined,
  match: [{ by: ['title'], adopt: 'ask' }],
  fields: {
    title: {
      read: ({ NAME }) => NAME?.trim() ?? '',
      write: (value) => ({ NAME: value ?? '' }),
      canonical: (value) => value.trim(),
      owner: 'homeroom',
      needed: true,
    },
    code: {
      read: ({ DESCRIPTION }) => DESCRIPTION?.trim() || null,
      write: (value) => ({ DESCRIPTION: value ?? '' }),
      canonical: (value) => value.trim(),
      owner: 'homeroom',
    },
  },
  refs: {
    // Members who are in no session ahead are not in Edusign yet: they follow once they are.
    members: {
      stream: 'learners',
      read: ({ STUDENTS }) => STUDENTS ?? [],
      write: (keys) => ({ STUDENTS: keys }),
      unordered: true,
      missing: 'omit',
    },
  },
  selects: { describe: 'Active groups, where the school wants groups', leaving: 'park' },
  wanted: (settings) => settings.groupSync === true,
  pull: {
    all: (from) => listPages(from, { doing: 'read groups', path: '/v1/group', size: pageSizes.others }),
    some: (from, asked) =>
      lookUp(from, asked, (sought, signal) =>
        sought.key === null
          ? readByOurs(from.client, 'group', apiIdOf(sought), signal)
          : readById(from.client, 'group', sought.key, signal),
      ),
  },
  push: { create, update },
});

async function create(client: EdusignClient, request: PushRequest): Promise<Pushed<Group>> {
  const { patch, signal, uncertain } = request;
  const apiId = apiIdOf(request);
  if (uncertain) {
    const made = group.safeParse(await readByOurs(client, 'group', apiId, signal));
    if (made.success) return { wire: made.data, note: 'It was there already, from an earlier try.' };
  }
  const body = { group: { ...patch, API_ID: apiId, API_TYPE: apiType } };
  return {
    wire: await ask(client, { doing: 'make a group', method: 'POST', path: '/v1/group', body, shape: group, signal }),
  };
}

async function update(client: EdusignClient, key: string, request: PushRequest): Promise<Pushed<Group>> {
  const { patch, signal } = request;
  const body = { group: { ID: key, ...patch, API_ID: apiIdOf(request), API_TYPE: apiType } };
  return {
    wire: await ask(client, {
      doing: 'change a group',
      method: 'PATCH',
      path: '/v1/group',
      body,
      shape: group,
      signal,
    }),
  };
}
