/** The people of a tenant who show an access token: the token says who they are, our own table what they may do. */
import { asTenant, type Sql, type TransactionSql } from '../../db/client.ts';
import { findMemberBySubject, joinMember, type MemberRow, markMemberSeen } from '../../db/queries/member.ts';
import type { Clock } from '../../model/clock.ts';
import type { Identity } from '../../model/identity.ts';
import { rightsOf } from '../../model/roles.ts';
import type { Credentials } from '../authenticator.ts';
import { createBelieved } from '../believed.ts';
import type { LastUse } from '../last-use.ts';
import { NotAdmitted } from '../not-admitted.ts';
import type { Holder, Tokens } from './tokens.ts';

export interface MembersOptions {
  readonly tokens: Tokens;
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  readonly clock: Clock;
  readonly lastUse: LastUse;
  /** Milliseconds a member's row is believed; their removal takes effect within that. */
  readonly cacheMs: number;
}

export function createMembers({ tokens, app, clock, lastUse, cacheMs }: MembersOptions): Credentials {
  const believed = createBelieved<MemberRow | undefined>(cacheMs);

  function inTenant<T>({ tenantId }: Holder, fn: (tx: TransactionSql) => Promise<T>, readOnly = false): Promise<T> {
    return asTenant(app, { tenantId, schoolIds: null, actor: 'sign-in' }, fn, { readOnly });
  }

  /** Who was invited by their address is bound to their subject when they first come. */
  async function find(holder: Holder): Promise<MemberRow | undefined> {
    const { issuer, subject, email, name } = holder;
    const member = await inTenant(holder, (tx) => findMemberBySubject(tx, issuer, subject), true);
    if (member !== undefined && member.joinedAt !== null) return member;
    const comer = { issuer, subject, email, name, at: clock.now() };
    await inTenant(holder, (tx) => joinMember(tx, comer));

    return inTenant(holder, (tx) => findMemberBySubject(tx, issuer, subject), true);
  }

  return {
    fits: (text) => text.includes('.'),
    async admit(token) {
      const holder = await tokens.verify(token);
      const { tenantId, issuer, subject, name, until } = holder;
      const member = await believed.get(JSON.stringify([tenantId, issuer, subject]), () => find(holder));
      if (member === undefined) throw NotAdmitted.token('stranger');
      const now = clock.now();
      lastUse.note(member.id, now, () => inTenant(holder, (tx) => markMemberSeen(tx, member.id, { name, at: now })));

      return { identity: identityOf(tenantId, member, name), until };
    },
    close: () => lastUse.close(),
  };
}

function identityOf(tenantId: string, { id, role, schoolIds, ...member }: MemberRow, name: string | null): Identity {
  const known = name ?? member.name ?? member.email ?? 'A member';

  return {
    tenantId,
    schoolIds,
    actor: { kind: 'USER', id, name: known },
    scopes: new Set(rightsOf[role].scopes),
  };
}
