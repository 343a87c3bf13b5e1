/** The people of a tenant who show an access token: the token says who they are, our own table what they may do. */
import DataLoader from 'dataloader';
import { asTenant, type Sql, type TransactionSql } from '../../db/client.ts';
import {
  joinMember,
  type MemberRow,
  markMemberSeen,
  membersBySubjects,
  type Subject,
} from '../../db/queries/member.ts';
import type { Clock } from '../../model/clock.ts';
import type { Identity } from '../../model/identity.ts';
import { rightsOf } from '../../model/roles.ts';
import type { Credentials } from '../authenticator.ts';
import { createBelieved, forgetOldest } from '../believed.ts';
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

type Loader = DataLoader<Subject, MemberRow | undefined>;

const mostAtOnce = 500;
const mostTenants = 1_000;

export function createMembers({ tokens, app, clock, lastUse, cacheMs }: MembersOptions): Credentials {
  const believed = createBelieved<MemberRow | undefined>(cacheMs);
  const loaders = new Map<string, Loader>();

  function inTenant<T>(tenantId: string, fn: (tx: TransactionSql) => Promise<T>, readOnly = false): Promise<T> {
    return asTenant(app, { tenantId, schoolIds: null, actor: 'sign-in' }, fn, { readOnly });
  }

  /** An event that thousands of a tenant's people follow asks about all of them at once. */
  function loaderOf(tenantId: string): Loader {
    const known = loaders.get(tenantId) ?? new DataLoader(load, { cache: false, maxBatchSize: mostAtOnce });
    loaders.delete(tenantId);
    loaders.set(tenantId, known);
    if (loaders.size > mostTenants) forgetOldest(loaders);

    return known;

    async function load(subjects: readonly Subject[]): Promise<(MemberRow | undefined)[]> {
      const rows = await inTenant(tenantId, (tx) => membersBySubjects(tx, subjects), true);
      const bySubject = new Map(rows.map((row) => [nameOf(row), row]));

      return subjects.map((subject) => bySubject.get(nameOf(subject)));
    }
  }

  /** Who was invited by their address is bound to their subject when they first come. */
  async function find({ tenantId, issuer, subject, email, name }: Holder): Promise<MemberRow | undefined> {
    const loader = loaderOf(tenantId);
    const member = await loader.load({ issuer, subject });
    if (member !== undefined && member.joinedAt !== null) return member;
    await inTenant(tenantId, (tx) => joinMember(tx, { issuer, subject, email, name, at: clock.now() }));

    return loader.load({ issuer, subject });
  }

  return {
    fits: (text) => text.includes('.'),
    async admit(token) {
      const holder = await tokens.verify(token);
      const { tenantId, name, until } = holder;
      const member = await believed.get(`${tenantId} ${nameOf(holder)}`, () => find(holder));
      if (member === undefined) throw NotAdmitted.token('stranger');
      const now = clock.now();
      lastUse.note(member.id, now, () => inTenant(tenantId, (tx) => markMemberSeen(tx, member.id, { name, at: now })));

      return { identity: identityOf(tenantId, member, name), until };
    },
    close: () => lastUse.close(),
  };
}

function nameOf({ issuer, subject }: { readonly issuer: string | null; readonly subject: string | null }): string {
  return JSON.stringify([issuer, subject]);
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
