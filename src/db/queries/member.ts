/** People who may enter a tenant. All of it is the tenant's own business: a token says which one it is for. */
import type { Role } from '../../model/roles.ts';
import type { TransactionSql } from '../client.ts';
import type { Keyset } from './keyset.ts';
import { containsWords } from './record.ts';

export interface MemberRow {
  readonly id: string;
  readonly email: string | null;
  readonly issuer: string | null;
  readonly subject: string | null;
  readonly name: string | null;
  readonly role: Role;
  /** Null: every school of the tenant. */
  readonly schoolIds: readonly string[] | null;
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly joinedAt: Date | null;
  readonly lastSeenAt: Date | null;
}

export type NewMember = Pick<
  MemberRow,
  'id' | 'email' | 'issuer' | 'subject' | 'role' | 'schoolIds' | 'invitedBy' | 'createdAt'
>;

export type MemberStatus = 'INVITED' | 'ACTIVE';

export interface MemberFilter {
  /** Schools in the caller's reach, null for all: a member who sees more is not shown. */
  readonly within: readonly string[] | null;
  readonly status?: readonly MemberStatus[] | undefined;
  readonly roles?: readonly Role[] | undefined;
  /** Each of which is in the name or the address, in whatever case. */
  readonly words?: readonly string[] | undefined;
}

const columns = `m.id, m.email, m.issuer, m.subject, m.name, m.role, m.school_ids as "schoolIds", m.invited_by as "invitedBy",
  m.created_at as "createdAt", m.joined_at as "joinedAt", m.last_seen_at as "lastSeenAt"`;

/** False when somebody with this address, or this subject at this issuer, is there already. */
export async function insertMember(tx: TransactionSql, tenantId: string, member: NewMember): Promise<boolean> {
  const { id, email, issuer, subject, role, schoolIds, invitedBy, createdAt } = member;
  const { count } = await tx`
    insert into member (tenant_id, id, email, issuer, subject, role, school_ids, invited_by, created_at)
    values (${tenantId}, ${id}, ${email}, ${issuer}, ${subject}, ${role}, ${schoolIds && [...schoolIds]}::uuid[],
            ${invitedBy}, ${createdAt})
    on conflict do nothing`;

  return count > 0;
}

export async function membersByIds(
  db: TransactionSql,
  ids: readonly string[],
  within: readonly string[] | null,
): Promise<MemberRow[]> {
  return db<MemberRow[]>`
    select ${db.unsafe(columns)} from member m where m.id = any (${ids}::uuid[]) ${reached(db, within)}`;
}

/** The member, locked for the change to come. */
export async function memberToChange(
  tx: TransactionSql,
  id: string,
  within: readonly string[] | null,
): Promise<MemberRow | undefined> {
  const [row] = await tx<MemberRow[]>`
    select ${tx.unsafe(columns)} from member m where m.id = ${id} ${reached(tx, within)} for update`;

  return row;
}

/** Whether somebody else has come who administers the tenant. Until the end of the transaction nobody else changes who does. */
export async function hasOtherAdministrator(tx: TransactionSql, id: string): Promise<boolean> {
  const rows = await tx<{ id: string }[]>`
    select id from member where role = 'TENANT_ADMIN' and joined_at is not null order by id for update`;

  return rows.some((row) => row.id !== id);
}

export async function updateMemberRights(
  tx: TransactionSql,
  { id, role, schoolIds }: Pick<MemberRow, 'id' | 'role' | 'schoolIds'>,
): Promise<void> {
  await tx`update member set role = ${role}, school_ids = ${schoolIds && [...schoolIds]}::uuid[] where id = ${id}`;
}

export async function deleteMember(tx: TransactionSql, id: string): Promise<void> {
  await tx`delete from member where id = ${id}`;
}

/** In the order they were invited. Relies on the primary key. */
export async function pageOfMembers(
  db: TransactionSql,
  { after, limit, descending }: Keyset,
  filter: MemberFilter,
): Promise<MemberRow[]> {
  return db<MemberRow[]>`
    select ${db.unsafe(columns)} from member m
    where true ${matching(db, filter)}
      ${after === null ? db`` : descending ? db`and m.id < ${after}` : db`and m.id > ${after}`}
    order by m.id ${descending ? db`desc` : db`asc`} limit ${limit}`;
}

export async function countMembers(db: TransactionSql, filter: MemberFilter): Promise<number> {
  const [row] = await db<{ count: number }[]>`
    select count(*)::int as count from member m where true ${matching(db, filter)}`;

  return row?.count ?? 0;
}

function matching(db: TransactionSql, { within, status, roles, words = [] }: MemberFilter) {
  return db`${reached(db, within)} and ${containsWords('m.name, m.email', words)(db)}
    ${status === undefined ? db`` : db`and case when m.joined_at is null then 'INVITED' else 'ACTIVE' end = any (${status}::text[])`}
    ${roles === undefined ? db`` : db`and m.role = any (${roles}::text[])`}`;
}

/** A member without schools sees all of them. */
function reached(db: TransactionSql, within: readonly string[] | null) {
  return within === null ? db`` : db`and m.school_ids <@ ${within}::uuid[]`;
}

/** Whom an issuer knows by a name. */
export interface Subject {
  readonly issuer: string;
  readonly subject: string;
}

/** Those of them who are members, in any order. Relies on `member_subject`. */
export async function membersBySubjects(db: TransactionSql, subjects: readonly Subject[]): Promise<MemberRow[]> {
  const [issuers, names] = [subjects.map(({ issuer }) => issuer), subjects.map(({ subject }) => subject)];

  return db<MemberRow[]>`
    select ${db.unsafe(columns)} from unnest(${issuers}::text[], ${names}::text[]) as asked (issuer, subject)
      join member m on m.issuer = asked.issuer and m.subject = asked.subject`;
}

/** Somebody as their issuer tells of them. */
export interface Comer extends Subject {
  /** In small letters; null when the issuer does not vouch for one. */
  readonly email: string | null;
  readonly name: string | null;
  readonly at: Date;
}

/** Binds the invitation of somebody who comes for the first time, found by their subject, else by their address; nothing when there is none. */
export async function joinMember(tx: TransactionSql, { issuer, subject, email, name, at }: Comer): Promise<void> {
  await tx`
    update member m set issuer = ${issuer}, subject = ${subject}, name = ${name}, joined_at = ${at}
     where m.joined_at is null
       and ((m.issuer = ${issuer} and m.subject = ${subject})
         or (m.subject is null and m.email = ${email} and (m.issuer is null or m.issuer = ${issuer})
           and not exists (select from member o where o.issuer = ${issuer} and o.subject = ${subject})))`;
}

/** Several processes may say so within a minute; one of them writes. */
export async function markMemberSeen(
  tx: TransactionSql,
  id: string,
  { name, at }: { readonly name: string | null; readonly at: Date },
): Promise<void> {
  await tx`
    update member set last_seen_at = ${at}, name = coalesce(${name}, name)
     where id = ${id} and (last_seen_at is null or last_seen_at < ${at}::timestamptz - interval '1 minute')`;
}
