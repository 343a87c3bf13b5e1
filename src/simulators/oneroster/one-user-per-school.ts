/** The quirk `one-user-per-school`: people who are at two schools become two users, with ids made of school and person. */
import type { CollectionName, Enrollment, Records, User } from '../district/records.ts';
import { remember, type Source } from './source.ts';

const idAt = (org: string, user: string) => `${org}-${user}`;
const byId = (a: { sourcedId: string }, b: { sourcedId: string }) => (a.sourcedId < b.sourcedId ? -1 : 1);

/** The same records with such users in it, and all that refers to users referring to these. */
export function createSplit(source: Source): Source {
  const users = remember((all: readonly User[]) => {
    const orgsOf = new Map(
      all.map(({ sourcedId, roles }) => [sourcedId, [...new Set(roles.map((one) => one.orgSourcedId))]]),
    );
    const agentAt = (agent: string, org: string) => {
      const orgs = orgsOf.get(agent) ?? [];
      return idAt(orgs.includes(org) ? org : (orgs[0] ?? org), agent);
    };
    const copies = all.flatMap((user) =>
      (orgsOf.get(user.sourcedId) ?? []).map(
        (org): User => ({
          ...user,
          sourcedId: idAt(org, user.sourcedId),
          roles: user.roles.filter(({ orgSourcedId }) => orgSourcedId === org),
          primaryOrgSourcedId: org,
          agentSourcedIds: user.agentSourcedIds.map((agent) => agentAt(agent, org)),
        }),
      ),
    );
    return { copies: copies.sort(byId), orgsOf };
  });
  const enrollments = remember((all: readonly Enrollment[]) =>
    all.map((one) => ({ ...one, userSourcedId: idAt(one.schoolSourcedId, one.userSourcedId) })),
  );
  const demographics = remember(
    (all: readonly Records['demographics'][], orgsOf: ReadonlyMap<string, readonly string[]>) =>
      all
        .flatMap((one) =>
          (orgsOf.get(one.sourcedId) ?? []).map((org) => ({ ...one, sourcedId: idAt(org, one.sourcedId) })),
        )
        .sort(byId),
  );

  const lists: Partial<{ [C in CollectionName]: () => readonly Records[C][] }> = {
    users: () => users(source.records('users')).copies,
    enrollments: () => enrollments(source.records('enrollments')),
    demographics: () => demographics(source.records('demographics'), users(source.records('users')).orgsOf),
  };
  return { records: (collection) => lists[collection]?.() ?? source.records(collection) };
}
