import { z } from 'zod';
import type { TransactionSql } from '../db/client.ts';
import {
  deleteMember,
  hasOtherAdministrator,
  insertMember,
  type MemberRow,
  memberToChange,
  updateMemberRights,
} from '../db/queries/member.ts';
import { schoolsByIds } from '../db/queries/school.ts';
import { newId } from '../model/ids.ts';
import { InvalidState, NotFound } from '../model/problems.ts';
import { type Role, rightsOf } from '../model/roles.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { requiredText } from './form-fields.ts';
import { encodeId } from './ids.ts';
import { idIn, idsIn, invalid, validated } from './input.ts';
import { Member } from './member.ts';
import { MemberRole } from './member-role.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';

const schoolIdsWords =
  'The schools it is for, at most 200. SCHOOL_ADMIN and PARTNER need some, TENANT_ADMIN takes none; a VIEWER without sees every school.';

const InviteMemberInput = builder.inputType('InviteMemberInput', {
  description: 'Whom to let in, by their `email`, or by `subject` where an issuer’s access tokens carry no address.',
  fields: (t) => ({
    email: t.string({
      description:
        'The address that the issuer vouches for when they first sign in; from then on their `subject` counts.',
    }),
    subject: t.string({ description: 'What the issuer knows them by, as in a token’s `sub`.' }),
    issuer: t.string({
      description:
        'Where they sign in, as in a token’s `iss`: one that is trusted for this tenant. Left out: any of them; with `subject`: the only one.',
    }),
    role: t.field({ type: MemberRole, required: true, description: 'What they may do.' }),
    schoolIds: t.idList({ description: schoolIdsWords }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const InviteMemberPayload = builder.simpleObject('InviteMemberPayload', {
  description: 'They may come. No letter is sent: tell them where to sign in.',
  fields: (t) => ({ member: t.field({ type: Member, description: 'The member, INVITED.' }) }),
});

const Invitation = z.object({
  email: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.email('This is no e-mail address.').max(254, 'At most 254 characters.'))
    .nullish(),
  subject: requiredText.nullish(),
  issuer: requiredText.nullish(),
});

/** How somebody who comes is told to be the one who was invited. @throws ValidationFailed */
function invitedAs(input: object, issuers: readonly string[]): Pick<MemberRow, 'email' | 'subject' | 'issuer'> {
  const { email = null, subject = null, issuer = null } = validated(Invitation, input);
  if ((email === null) === (subject === null)) {
    throw invalid('email', 'Name the person by their address or by their subject: one of the two.');
  }
  const [only, ...others] = issuers;
  if (only === undefined) {
    throw invalid(
      'issuer',
      'Nobody can sign in yet: no issuer is trusted for this tenant. Whoever runs Homeroom sets one up.',
    );
  }
  if (issuer !== null && !issuers.includes(issuer)) {
    throw invalid('issuer', `This issuer is not trusted for this tenant. There is: ${issuers.join(', ')}.`);
  }
  if (subject !== null && issuer === null && others.length > 0) {
    throw invalid('issuer', `Say at which issuer they have this subject: ${issuers.join(', ')}.`);
  }

  return { email, subject, issuer: issuer ?? (subject === null ? null : only) };
}

/**
 * The schools a role is to be for, null for all of them.
 *
 * @throws ValidationFailed when the role is not meant so, or gives more than the caller has.
 * @throws NotFound for a school that is not the caller's.
 */
async function granted(
  tx: TransactionSql,
  context: Context,
  role: Role,
  schoolIds: readonly string[] | null,
): Promise<string[] | null> {
  const { scopes, reach } = rightsOf[role];
  const lacking = scopes.filter((scope) => !context.has(scope));
  if (lacking.length > 0) throw invalid('role', `Nobody gives what they do not have: you lack ${lacking.join(', ')}.`);
  if (reach === 'named' && schoolIds === null) throw invalid('schoolIds', 'This role is for named schools: name some.');
  if (reach === 'all' && schoolIds !== null) {
    throw invalid('schoolIds', 'This role is for all schools of the tenant: name none.');
  }
  if (schoolIds === null) {
    if (context.identity.schoolIds === null) return null;
    throw invalid('schoolIds', 'You are for some schools: name some of them.');
  }
  const wanted = [...new Set(schoolIds)];
  const found = await schoolsByIds(tx, wanted);
  if (found.length < wanted.length) throw new NotFound('There is no such school.');

  return wanted;
}

/**
 * Nobody locks the last person out who could let others in. A key may: it can invite somebody anew.
 *
 * @throws InvalidState
 */
async function keepAdministrator(tx: TransactionSql, { identity }: Context, present: MemberRow): Promise<void> {
  if (identity.actor.kind === 'API_KEY' || present.role !== 'TENANT_ADMIN' || present.joinedAt === null) return;
  if (await hasOtherAdministrator(tx, present.id)) return;
  throw new InvalidState(
    'Nobody else administers this tenant: make somebody else a TENANT_ADMIN first, who has signed in.',
  );
}

builder.mutationField('inviteMember', (t) =>
  t.field({
    type: InviteMemberPayload,
    description: 'Lets a person in who signs in at an issuer of OpenID Connect.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: InviteMemberInput, required: true, description: 'Whom.' }) },
    resolve: once(async (input, context) => {
      const { deps, identity } = context;
      const { role } = input;
      const invited = invitedAs(input, deps.issuersOf(identity.tenantId));
      const schoolIds = idsIn('School', 'schoolIds', input.schoolIds) ?? null;
      const id = newId();
      await context.write(async (tx) => {
        const rights = { role, schoolIds: await granted(tx, context, role, schoolIds) };
        const about = { id, invitedBy: identity.actor.name, createdAt: deps.clock.now() };
        if (!(await insertMember(tx, identity.tenantId, { ...invited, ...rights, ...about }))) {
          throw invalid(invited.email === null ? 'subject' : 'email', 'This person is a member already.');
        }
      });

      return { member: id };
    }),
  }),
);

const UpdateMemberInput = builder.inputType('UpdateMemberInput', {
  description: 'What to change about a member. Left out: as it is.',
  fields: (t) => ({
    memberId: t.id({ required: true, description: 'The member.' }),
    role: t.field({ type: MemberRole, description: 'What they may do.' }),
    schoolIds: t.idList({ description: `${schoolIdsWords} Null: all of them.` }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateMemberPayload = builder.simpleObject('UpdateMemberPayload', {
  description: 'The member was changed.',
  fields: (t) => ({ member: t.field({ type: Member, description: 'The member as it is now.' }) }),
});

builder.mutationField('updateMember', (t) =>
  t.field({
    type: UpdateMemberPayload,
    description:
      'Changes what a member may do, and where. From ten seconds on, at the latest, it holds everywhere; what they have open under other rights ends.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: UpdateMemberInput, required: true, description: 'What to change.' }) },
    resolve: once(async (input, context) => {
      const id = idIn('Member', input.memberId);
      if (input.role === null) throw invalid('role', 'This cannot be empty.');
      const named = idsIn('School', 'schoolIds', input.schoolIds) ?? null;
      await context.write(async (tx) => {
        const present = await memberToChange(tx, id, context.identity.schoolIds);
        if (!present) throw new NotFound('There is no such member.');
        const role = input.role ?? present.role;
        if (role !== present.role) await keepAdministrator(tx, context, present);
        const schoolIds = await granted(tx, context, role, input.schoolIds === undefined ? present.schoolIds : named);
        await updateMemberRights(tx, { id, role, schoolIds });
      });

      return { member: id };
    }),
  }),
);

const RemoveMemberInput = builder.inputType('RemoveMemberInput', {
  description: 'Whom to let in no longer.',
  fields: (t) => ({
    memberId: t.id({ required: true, description: 'The member.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RemoveMemberPayload = builder.simpleObject('RemoveMemberPayload', {
  description: 'They may enter no longer, and nothing is kept about them but what they did.',
  fields: (t) => ({ removedMemberId: t.id({ description: 'The id that led to them.' }) }),
});

builder.mutationField('removeMember', (t) =>
  t.field({
    type: RemoveMemberPayload,
    description:
      'Lets a person in no longer. From ten seconds on, at the latest, they are refused everywhere, and what they have open ends. They can be invited again.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: 'Whom.' }) },
    resolve: once(async (input, context) => {
      const id = idIn('Member', input.memberId);
      await context.write(async (tx) => {
        const present = await memberToChange(tx, id, context.identity.schoolIds);
        if (!present) throw new NotFound('There is no such member.');
        await keepAdministrator(tx, context, present);
        await deleteMember(tx, id);
      });

      return { removedMemberId: encodeId('Member', id) };
    }),
  }),
);
