import { countMembers, type MemberRow, type MemberStatus, membersByIds, pageOfMembers } from '../db/queries/member.ts';
import { builder } from './builder.ts';
import { connection, orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { grantedSchools } from './granted-schools.ts';
import { MemberRole } from './member-role.ts';
import { globalId, Node, registerNode } from './node.ts';
import { searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

const MemberStatusEnum = builder.enumType('MemberStatus', {
  description: 'Whether a person has come yet.',
  values: {
    INVITED: { description: 'Not yet: the first sign-in makes them ACTIVE.' },
    ACTIVE: { description: 'They have signed in.' },
  } as const satisfies Record<MemberStatus, { description: string }>,
});

const MemberInviter = builder.simpleObject('MemberInviter', {
  description: 'Who invited a member.',
  fields: (t) => ({ name: t.string({ description: 'The person’s name, or the key’s.' }) }),
});

export const Member = builder.loadableObject('Member', {
  description: 'A person who may enter the tenant with an access token of a trusted issuer (OpenID Connect).',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<MemberRow[]> =>
    context.read((db) => membersByIds(db, ids, context.identity.schoolIds)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Member')),
    name: t.exposeString('name', {
      nullable: true,
      description: 'What the issuer calls them; null until they have signed in, or when it does not say.',
    }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'The address they were invited by, in small letters; null when it was by `subject`.',
    }),
    issuer: t.exposeString('issuer', {
      nullable: true,
      description: 'Where they sign in, as in a token’s `iss`; null: wherever their address is vouched for first.',
    }),
    subject: t.exposeString('subject', {
      nullable: true,
      description: 'What the issuer knows them by, as in a token’s `sub`; null until they have signed in.',
    }),
    role: t.expose('role', { type: MemberRole, description: 'What they may do.' }),
    allSchools: t.boolean({
      description: 'Whether they may do so in every school of the tenant, also in one that is added later.',
      resolve: ({ schoolIds }) => schoolIds === null,
    }),
    schools: t.field({
      type: [School],
      description: 'In which schools they may do so; empty when `allSchools`.',
      authScopes: { scope: 'tenant:admin' },
      resolve: ({ schoolIds }, _args, context) => grantedSchools(schoolIds, context),
    }),
    status: t.field({
      type: MemberStatusEnum,
      description: 'Whether they have come yet.',
      resolve: ({ joinedAt }) => (joinedAt === null ? 'INVITED' : 'ACTIVE'),
    }),
    invitedBy: t.field({
      type: MemberInviter,
      description: 'Who invited them.',
      resolve: ({ invitedBy }) => ({ name: invitedBy }),
    }),
    invitedAt: t.expose('createdAt', { type: 'DateTime', description: 'When they were invited.' }),
    joinedAt: t.expose('joinedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When they first came; null before that.',
    }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When they were last here, to the minute; null before that.',
    }),
  }),
});

registerNode(Member, { scope: 'tenant:admin' });

const MemberConnection = builder.connectionObject(
  { type: Member, name: 'MemberConnection', description: 'A page of members.' },
  { name: 'MemberEdge', description: 'A member in a list.' },
);

const MemberFilter = builder.inputType('MemberFilter', {
  description: 'Which members to list: those that fit everything given here.',
  fields: (t) => ({
    status: t.field({ type: [MemberStatusEnum], description: 'In one of these states.' }),
    roles: t.field({ type: [MemberRole], description: 'With one of these roles.' }),
    search: t.string({
      description: `Each of whose words is in the name or the e-mail address, in whatever case. ${searchLimit}`,
    }),
  }),
});

const MemberOrder = orderInput('Member', { INVITED_AT: { description: 'When they were invited.' } });

builder.queryField('members', (t) =>
  t.field({
    type: MemberConnection,
    description:
      'The people who may enter the tenant, newest first unless told otherwise. Whoever is for some schools sees those that see none but these.',
    authScopes: { scope: 'tenant:admin' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: MemberFilter, description: 'Which members; left out: all.' }),
      orderBy: t.arg({ type: MemberOrder, description: 'In which order; left out: newest first.' }),
    },
    resolve: (_root, { filter, orderBy, ...args }, context) => {
      const wanted = {
        within: context.identity.schoolIds,
        status: filter?.status ?? undefined,
        roles: filter?.roles ?? undefined,
        words: filter?.search == null ? undefined : wordsIn(filter.search),
      };

      return connection<MemberRow>({
        name: 'members',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => row.id,
        load: (page) => context.read((db) => pageOfMembers(db, page, wanted)),
        count: () => context.read((db) => countMembers(db, wanted)),
      });
    },
  }),
);
