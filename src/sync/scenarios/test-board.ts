/** A destination for stories: a notice board that mirrors the school. Accounts, courses and their members follow Homeroom. */

import { z } from 'zod';
import { inMemory } from '../../../test/harness/memory.ts';
import {
  type Connector,
  connector,
  type Field,
  type Owner,
  type Pushed,
  type PushRequest,
  type Sought,
  type Stream,
  stream,
} from '../../connectors/kit/contract.ts';
import type { EntityName } from '../../model/entities.ts';
import type { Entry, Outside } from './test-outside.ts';

const text = z.string().nullish();
const wire = z.object({
  id: z.string(),
  archived: z.boolean().optional(),
  givenName: text,
  familyName: text,
  email: text,
  phone: text,
  username: text,
  title: text,
  location: text,
  owner: text,
  course: text,
  account: text,
  made: text,
});
type Wire = z.output<typeof wire>;

export interface BoardTraits {
  /** It makes accounts for people who have none. */
  makesAccounts?: boolean;
  /** Sealed courses look like others in its list, and are neither changed nor archived. */
  seals?: boolean;
  /** New courses are only promised at first: the wish is kept, and the course is there once the story says so. */
  promises?: boolean;
  /** What becomes of an account found by its e-mail address. */
  adopt?: 'link' | 'ask';
  /** What happens to a course whose class is no longer wanted while it is active here. */
  onlyClassesIn?: readonly string[];
  leaving?: 'park' | 'remove';
  /** It shows only classes of terms that are under way. */
  currentTerms?: boolean;
}

export function boardOf(outside: Outside, traits: BoardTraits = {}): Connector {
  const { leaving = 'park', adopt = 'link' } = traits;
  const shelf = <E extends EntityName>(entity: E, name: string, rest: Rest<E>) =>
    stream<null, E, Wire>({
      entity,
      born: 'here',
      wire,
      key: (record) => record.id,
      gone: (record) => record.archived ?? false,
      pull: {
        all: ({ checkpoint, signal }) => outside.pages(name, checkpoint, signal),
        some: ({ signal }, asked) => some(name, asked, signal),
      },
      ...rest,
    });
  const some = async function* (name: string, asked: readonly Sought[], signal: AbortSignal) {
    await outside.reach(`look up ${name}`, signal);
    const records = outside.entries(name).filter((entry) => asked.some((sought) => isSought(entry, sought)));
    yield { records, next: null };
  };
  const write = async (verb: string, name: string, request: PushRequest, id: string, entry: Entry | null) => {
    await outside.reach(`${verb} ${name}`, request.signal);
    if (entry) outside.put(name, entry);
    else if (name === 'courses') outside.change(name, id, { archived: true });
    else if (outside.find(name, id)) outside.drop(name, id);
    outside.note(`${verb} ${name} ${id}`);
    await outside.reach(`${verb}d ${name}`, request.signal);

    return { wire: (entry ?? { id }) as Wire };
  };
  const make =
    (name: string, word: string) =>
    async (_client: null, request: PushRequest): Promise<Pushed<Wire>> => {
      const made = outside.entries(name).find((entry) => entry.made === request.idempotencyKey);
      if (made) return { wire: made, note: 'It was there already.' };
      if (traits.promises && name === 'courses' && request.handle === null) {
        return { accepted: { until: new Date(0), handle: request.idempotencyKey } };
      }
      const id = outside.newId(word);
      return write('create', name, request, id, { ...request.patch, id, made: request.idempotencyKey });
    };
  const sealOf = async (verb: string, name: string, key: string, { signal }: PushRequest) => {
    if (!traits.seals || !outside.find(name, key)?.sealed) return undefined;
    await outside.reach(`${verb} ${name}`, signal);
    outside.note(`refuse to ${verb} ${name} ${key}`);
    return { closed: sealed };
  };
  const change = (name: string) => async (_client: null, key: string, request: PushRequest) =>
    (await sealOf('update', name, key, request)) ??
    write('update', name, request, key, { ...outside.find(name, key), id: key, ...request.patch });
  const remove = (name: string) => async (_client: null, key: string, request: PushRequest) => {
    const closed = await sealOf('remove', name, key, request);
    if (!closed) await write('remove', name, request, key, null);
    return closed;
  };

  return connector<null, Record<string, never>, Record<string, never>>({
    id: 'board',
    name: 'Board',
    ...inMemory,
    streams: {
      accounts: shelf('person', 'accounts', {
        action: 'board.account',
        match: [{ by: ['email'], adopt }],
        fields: {
          email: { read: ({ email }) => email, owner: 'homeroom', ...(traits.makesAccounts && written('email')) },
          givenName: field('givenName', 'homeroom'),
          familyName: field('familyName', 'homeroom'),
          phone: field('phone', 'shared'),
          username: field('username', 'provider'),
        },
        selects: {
          describe: 'Active teachers and students with an e-mail address',
          where: { role: ['teacher', 'student'] },
          needs: ['email'],
          leaving: 'park',
        },
        push: { update: change('accounts'), ...(traits.makesAccounts && { create: make('accounts', 'account') }) },
      }),
      courses: shelf('class', 'courses', {
        action: 'board.course',
        fields: { title: field('title', 'homeroom'), location: field('location', 'shared') },
        refs: {
          teachers: {
            stream: 'accounts',
            read: ({ owner }) => (owner ? [owner] : []),
            write: ([owner]) => ({ owner }),
            canonical: (keys) => keys.slice(0, 1),
            missing: 'omit',
          },
        },
        selects: {
          describe: 'Active classes',
          ...(traits.currentTerms && { currentTerms: () => true }),
          ...(traits.onlyClassesIn && { where: { location: traits.onlyClassesIn } }),
          leaving,
        },
        blocks: (row) =>
          row.title === 'Secret'
            ? { code: 'may_not_be_shown', message: 'A secret class is not shown.', remedy: 'Give it another title.' }
            : undefined,
        push: { create: make('courses', 'course'), update: change('courses'), remove: remove('courses') },
      }),
      members: shelf('enrollment', 'members', {
        action: 'board.member',
        match: [{ by: ['class', 'person'], adopt: 'link' }],
        refs: {
          class: { stream: 'courses', read: ({ course }) => [course ?? ''], missing: 'wait', container: true },
          person: { stream: 'accounts', read: ({ account }) => [account ?? ''], missing: 'wait' },
        },
        fields: {},
        selects: { describe: 'Members of mirrored classes', leaving: 'remove' },
        push: {
          create: async (_client, request) => {
            const [course = ''] = request.refs.class ?? [];
            const [account = ''] = request.refs.person ?? [];
            const id = `${course}/${account}`;
            const there = outside.find('members', id);
            if (there) return { wire: there, note: 'It was there already.' };
            return write('create', 'members', request, id, { id, course, account });
          },
          remove: remove('members'),
        },
      }),
    },
  });
}

const sealed = { code: 'sealed', message: 'The course is sealed.', remedy: 'Ask its teacher to unseal it.' };

type Rest<E extends EntityName> = Pick<Stream<null, E, Wire>, 'fields' | 'action'> & Partial<Stream<null, E, Wire>>;

function field(name: 'givenName' | 'familyName' | 'phone' | 'username' | 'title' | 'location', owner: Owner) {
  return { read: (record: Wire) => record[name] ?? null, owner, ...written(name) } satisfies Field<Wire, string>;
}

function written(name: string) {
  return { write: (value: string | null) => ({ [name]: value }) };
}

function isSought(entry: Entry, { key, row, refs }: Sought): boolean {
  if (key !== null) return entry.id === key;
  if (entry.course !== undefined) return refs.class?.[0] === entry.course && refs.person?.[0] === entry.account;

  return typeof row.email === 'string' && entry.email === row.email;
}
