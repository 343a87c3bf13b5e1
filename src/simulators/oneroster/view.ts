/** What one client may see of the SIS: everything, or what belongs to its orgs. */
import type { CollectionName, Records, User } from '../district/records.ts';
import type { Sis } from '../district/sis.ts';
import { createSplit } from './one-user-per-school.ts';
import { remember, type Source } from './source.ts';

export interface View extends Source {
  find<C extends CollectionName>(collection: C, sourcedId: string): Records[C] | undefined;
}

/** @param orgs sourcedIds of the orgs the client may see; undefined for all of them. */
export function createView(sis: Sis, orgs: readonly string[] | undefined, split: boolean): View {
  const narrowed = orgs === undefined ? sis : narrow(sis, orgs);
  const source = split ? createSplit(narrowed) : narrowed;
  return {
    records: (collection) => source.records(collection),
    find: (collection, sourcedId) => findOrdered(source.records(collection), sourcedId),
  };
}

function findOrdered<R extends { sourcedId: string }>(ordered: readonly R[], sourcedId: string): R | undefined {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle]?.sourcedId ?? '') < sourcedId) low = middle + 1;
    else high = middle;
  }
  const found = ordered[low];
  return found?.sourcedId === sourcedId ? found : undefined;
}

type Lists = { [C in CollectionName]: () => readonly Records[C][] };

/** Only what belongs to these orgs and the orgs below them; the orgs above are there too, so that parents resolve. */
function narrow(sis: Sis, allowed: readonly string[]): Source {
  const reach = remember((orgs: readonly Records['orgs'][]) => {
    const parents = new Map(orgs.map(({ sourcedId, parentSourcedId }) => [sourcedId, parentSourcedId]));
    const chain = (id: string | undefined): string[] => (id === undefined ? [] : [id, ...chain(parents.get(id))]);
    const inside = new Set(
      orgs.map(({ sourcedId }) => sourcedId).filter((id) => chain(id).some((one) => allowed.includes(one))),
    );
    const above = new Set(allowed.flatMap(chain));
    return { inside, above, orgs: orgs.filter(({ sourcedId }) => inside.has(sourcedId) || above.has(sourcedId)) };
  });
  const reached = () => reach(sis.records('orgs'));

  const users = remember((all: readonly User[], { inside }: { inside: ReadonlySet<string> }) => {
    const theirs = all.filter(({ roles }) => roles.some(({ orgSourcedId }) => inside.has(orgSourcedId)));
    const ids = new Set(theirs.map(({ sourcedId }) => sourcedId));
    return theirs.map((user) => narrowUser(user, inside, ids));
  });
  const courses = remember((all: readonly Records['courses'][], { inside, above }: ReturnType<typeof reached>) =>
    all.filter(({ orgSourcedId: org }) => org === undefined || inside.has(org) || above.has(org)),
  );
  const classes = remember((all: readonly Records['classes'][], { inside }: { inside: ReadonlySet<string> }) =>
    all.filter(({ schoolSourcedId }) => inside.has(schoolSourcedId)),
  );
  const enrollments = remember((all: readonly Records['enrollments'][], { inside }: { inside: ReadonlySet<string> }) =>
    all.filter(({ schoolSourcedId }) => inside.has(schoolSourcedId)),
  );
  const demographics = remember((all: readonly Records['demographics'][], visible: readonly User[]) => {
    const ids = new Set(visible.map(({ sourcedId }) => sourcedId));
    return all.filter(({ sourcedId }) => ids.has(sourcedId));
  });

  const lists: Lists = {
    orgs: () => reached().orgs,
    academicSessions: () => sis.records('academicSessions'),
    courses: () => courses(sis.records('courses'), reached()),
    classes: () => classes(sis.records('classes'), reached()),
    users: () => users(sis.records('users'), reached()),
    enrollments: () => enrollments(sis.records('enrollments'), reached()),
    demographics: () => demographics(sis.records('demographics'), lists.users()),
  };
  return { records: (collection) => lists[collection]() };
}

/** The user as these orgs know it: roles elsewhere and agents of other schools are nobody's business here. */
function narrowUser(user: User, inside: ReadonlySet<string>, visible: ReadonlySet<string>): User {
  const roles = user.roles.filter(({ orgSourcedId }) => inside.has(orgSourcedId));
  const agentSourcedIds = user.agentSourcedIds.filter((id) => visible.has(id));
  if (roles.length === user.roles.length && agentSourcedIds.length === user.agentSourcedIds.length) return user;

  const home = user.primaryOrgSourcedId;
  const primaryOrgSourcedId = home !== undefined && inside.has(home) ? home : roles[0]?.orgSourcedId;
  return { ...user, roles, agentSourcedIds, primaryOrgSourcedId };
}
