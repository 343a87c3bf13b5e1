// users.list: one customer's or one domain's users, sorted, searched and in pages.
import type { Call } from '../api.ts';
import { directoryRefusal } from '../errors.ts';
import type { Domain, User } from '../world.ts';
import { type Projection, userJson } from './user-json.ts';
import { parseUserQuery } from './user-query.ts';

const USUAL_PAGE = 100;
const LARGEST_PAGE = 500;
/** A page token is good for three days. */
const TOKEN_LIFETIME_MS = 3 * 24 * 60 * 60 * 1_000;

/** By what a list is sorted; the e-mail address makes every key different. */
const SORT_KEYS: Readonly<Record<string, (user: User) => string>> = {
  email: ({ primaryEmail }) => primaryEmail,
  familyName: ({ familyName, primaryEmail }) => `${familyName.toLowerCase()} ${primaryEmail}`,
  givenName: ({ givenName, primaryEmail }) => `${givenName.toLowerCase()} ${primaryEmail}`,
};

/** The answer's body. Refuses with 400 when a parameter is missing or wrong. */
export function listUsers(call: Call): object {
  const { query, caller } = call;
  const { domain } = caller.user;
  checkWhose(domain, query);

  const search = query.get('query');
  const test = search === null ? undefined : parseUserQuery(search);
  if (search !== null && test === undefined) throw directoryRefusal(400, 'invalid', 'Invalid Input: query');

  const sorted = sortedUsers(domain, query.get('orderBy') ?? 'email', query.get('showDeleted') === 'true');
  const rows = test === undefined ? sorted : sorted.filter(({ user }) => test(user));
  const descending = query.get('sortOrder') === 'DESCENDING' && query.get('orderBy') !== null;
  const ordered = descending ? rows.map(({ user }, at) => ({ user, key: rows.length - at })).toReversed() : rows;

  const page = call.page(ordered, ({ key }) => key, { size: pageSizeOf(query), lifetimeMs: TOKEN_LIFETIME_MS });
  if (page === undefined) throw directoryRefusal(400, 'invalid', 'Invalid Input: pageToken');

  const projection = projectionOf(call);
  return {
    kind: 'admin#directory#users',
    etag: `"${domain.customerId} ${domain.usersVersion}"`,
    ...(page.items.length > 0 && { users: page.items.map(({ user }) => userJson(user, projection)) }),
    ...(page.nextPageToken !== undefined && { nextPageToken: page.nextPageToken }),
  };
}

/** Reads `projection`; refuses one that does not exist. */
export function projectionOf({ query }: Call): Projection {
  const projection = query.get('projection') ?? 'basic';
  if (projection === 'basic' || projection === 'custom' || projection === 'full') return projection;
  throw directoryRefusal(400, 'invalidParameter', `Invalid value for projection: ${projection}`);
}

function checkWhose(domain: Domain, query: URLSearchParams): void {
  const customer = query.get('customer');
  const name = query.get('domain');
  if (customer === null && name === null)
    throw directoryRefusal(400, 'required', 'Missing required parameter: customer');
  if (name !== null && name !== domain.name) throw directoryRefusal(404, 'notFound', 'Domain not found.');
  if (customer !== null && customer !== 'my_customer' && customer !== domain.customerId) {
    throw directoryRefusal(400, 'invalid', 'Invalid Input: customer');
  }
}

function pageSizeOf(query: URLSearchParams): number {
  const size = Number(query.get('maxResults') ?? USUAL_PAGE);
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST_PAGE) return size;
  throw directoryRefusal(
    400,
    'invalidParameter',
    `Invalid value '${query.get('maxResults')}'. Values must be within the range: [1, 500]`,
  );
}

interface SortedUser {
  readonly user: User;
  readonly key: string | number;
}

/** Sorted lists by domain, kept until one of its users changes. */
const sortedLists = new WeakMap<Domain, { version: number; lists: Map<string, SortedUser[]> }>();

function sortedUsers(domain: Domain, orderBy: string, deleted: boolean): SortedUser[] {
  const keyOf = SORT_KEYS[orderBy];
  if (keyOf === undefined) throw directoryRefusal(400, 'invalidParameter', `Invalid value for orderBy: ${orderBy}`);

  let kept = sortedLists.get(domain);
  if (kept?.version !== domain.usersVersion) {
    kept = { version: domain.usersVersion, lists: new Map() };
    sortedLists.set(domain, kept);
  }
  const name = `${orderBy} ${deleted}`;
  const list =
    kept.lists.get(name) ??
    [...(deleted ? domain.deletedUsers : domain.users).values()]
      .map((user) => ({ user, key: keyOf(user) }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
  kept.lists.set(name, list);
  return list;
}
