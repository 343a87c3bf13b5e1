// The `query` parameter of users.list: clauses such as `email:ann*`, `familyName='van Dam'`, `isSuspended=true`, all of which must hold.
import type { User } from '../world.ts';

type Test = (user: User) => boolean;

/** What a clause's field is compared with: some of the user's texts. */
const FIELDS: Readonly<Record<string, (user: User) => readonly string[]>> = {
  email: ({ primaryEmail, aliases }) => [primaryEmail, ...aliases],
  givenName: ({ givenName }) => [givenName],
  familyName: ({ familyName }) => [familyName],
  name: ({ givenName, familyName }) => [givenName, familyName, `${givenName} ${familyName}`],
  externalId: ({ externalIds }) => externalIds.map(({ value }) => value),
  orgUnitPath: ({ orgUnitPath }) => [orgUnitPath],
  isSuspended: ({ suspended }) => [String(suspended)],
  isArchived: ({ archived }) => [String(archived)],
  isAdmin: ({ isAdmin }) => [String(isAdmin)],
};

const CLAUSE = /\s*(\w+)(=|:)(?:'((?:[^'\\]|\\.)*)'|([^\s']+))/y;

/** Reads a query. Undefined when it is not one, or names a field that is not known here. */
export function parseUserQuery(text: string): Test | undefined {
  const tests: Test[] = [];
  CLAUSE.lastIndex = 0;
  let end = 0;

  for (let clause = CLAUSE.exec(text); clause !== null; clause = CLAUSE.exec(text)) {
    const [, field = '', operator, quoted, bare] = clause;
    const read = FIELDS[field];
    if (read === undefined) return undefined;
    tests.push(makeTest(read, operator === ':', quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? ''));
    end = CLAUSE.lastIndex;
  }
  if (text.slice(end).trim() !== '') return undefined;
  return (user) => tests.every((test) => test(user));
}

/** `=` wants the whole text, `:` a part of it, and with a star at the end its beginning; case does not count. */
function makeTest(read: (user: User) => readonly string[], part: boolean, wanted: string): Test {
  const text = wanted.toLowerCase();
  const compare = (value: string) => {
    if (text.endsWith('*')) return value.startsWith(text.slice(0, -1));
    return part ? value.includes(text) : value === text;
  };
  return (user) => read(user).some((value) => compare(value.toLowerCase()));
}
