import {
  type ApiKeyStatus,
  apiKeysByIds,
  countApiKeys,
  type ListedApiKey,
  pageOfApiKeys,
} from '../db/queries/api-key.ts';
import type { Scope as ScopeName } from '../model/identity.ts';
import { builder } from './builder.ts';
import { connection, orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { grantedSchools } from './granted-schools.ts';
import { globalId, Node, registerNode } from './node.ts';
import { searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

type Described<Word extends string> = Record<Word, { description: string }>;

const ApiKeyStatusEnum = builder.enumType('ApiKeyStatus', {
  description: 'Whether a key opens anything.',
  values: {
    ACTIVE: { description: 'It does.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'Somebody ended it.' },
  } as const satisfies Described<ApiKeyStatus>,
});

const scopeWords: Record<ScopeName, string> = {
  'roster:read': 'Read schools, their records, runs and conflicts.',
  'roster:write': 'Change people, classes, enrollments, courses, terms and guardian links.',
  'sync:run': 'Ask for runs, stop and undo them.',
  'sync:approve': 'Approve plans and settle conflicts.',
  'integration:admin': 'Connect, change and disconnect integrations; change a school.',
  'tenant:admin': 'Add schools; make, see and revoke keys; invite, change and remove members.',
  'pii:read': 'Read contact details.',
};

/** What may be in a key's `scopes`, with what each allows. */
export const scopesDescription = Object.entries(scopeWords)
  .map(([scope, meaning]) => `\`${scope}\`: ${meaning.charAt(0).toLowerCase()}${meaning.slice(1, -1)}`)
  .join('; ');

function statusOf({ revokedAt, expiresAt }: ListedApiKey, now: Date): ApiKeyStatus {
  if (revokedAt !== null) return 'REVOKED';

  return expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
}

export const ApiKey = builder.loadableObject('ApiKey', {
  description: 'What a program shows to be let in. Its secret is not kept.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<ListedApiKey[]> =>
    context.read((db) => apiKeysByIds(db, ids, context.identity.schoolIds)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('ApiKey')),
    name: t.exposeString('name', { description: 'Who or what uses it.' }),
    publicPart: t.exposeString('lookup', {
      description: 'Eight characters of the key itself, by which a person recognises it: `hr_live_Ab3dEf9h_…`.',
    }),
    scopes: t.stringList({
      description: `What it allows. ${scopesDescription}.`,
      resolve: ({ scopes }) => [...scopes].sort(),
    }),
    allSchools: t.boolean({
      description: 'Whether it opens every school of the tenant, also one that is added later.',
      resolve: ({ schoolIds }) => schoolIds === null,
    }),
    schools: t.field({
      type: [School],
      description: 'The schools it opens; empty when `allSchools`.',
      authScopes: { scope: 'tenant:admin' },
      resolve: ({ schoolIds }, _args, context) => grantedSchools(schoolIds, context),
    }),
    status: t.field({
      type: ApiKeyStatusEnum,
      description: 'Whether it opens anything.',
      resolve: (row, _args, { deps }) => statusOf(row, deps.clock.now()),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it is good.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody ended it; null when nobody did.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last used, to the minute; null before that.',
    }),
  }),
});

registerNode(ApiKey, { scope: 'tenant:admin' });

const ApiKeyConnection = builder.connectionObject(
  { type: ApiKey, name: 'ApiKeyConnection', description: 'A page of keys.' },
  { name: 'ApiKeyEdge', description: 'A key in a list.' },
);

const ApiKeyFilter = builder.inputType('ApiKeyFilter', {
  description: 'Which keys to list: those that fit everything given here.',
  fields: (t) => ({
    status: t.field({ type: [ApiKeyStatusEnum], description: 'In one of these states.' }),
    search: t.string({
      description: `Each of whose words is in the name or the public part, in whatever case. ${searchLimit}`,
    }),
  }),
});

const ApiKeyOrder = orderInput('ApiKey', { CREATED_AT: { description: 'When it was made.' } });

builder.queryField('apiKeys', (t) =>
  t.field({
    type: ApiKeyConnection,
    description:
      'The tenant’s keys, newest first unless told otherwise. Whoever is for some schools sees those that open none but these.',
    authScopes: { scope: 'tenant:admin' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: ApiKeyFilter, description: 'Which keys; left out: all.' }),
      orderBy: t.arg({ type: ApiKeyOrder, description: 'In which order; left out: newest first.' }),
    },
    resolve: (_root, { filter, orderBy, ...args }, context) => {
      const { identity, deps } = context;
      const wanted = {
        within: identity.schoolIds,
        status: filter?.status ?? undefined,
        words: filter?.search == null ? undefined : wordsIn(filter.search),
        now: deps.clock.now(),
      };

      return connection<ListedApiKey>({
        name: 'apiKeys',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => row.id,
        load: (page) => context.read((db) => pageOfApiKeys(db, page, wanted)),
        count: () => context.read((db) => countApiKeys(db, wanted)),
      });
    },
  }),
);
