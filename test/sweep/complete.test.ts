/** Whoever adds to the API is told what the sweep needs to know of it, before anything passes unswept. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extendSchema, parse } from 'graphql';
import { schema } from '../../src/schema/index.ts';
import { complaints } from './complete.ts';
import { type Fillers, fillers } from './fillers.ts';
import { operationsOf } from './operations.ts';

/** What is said of the schema with this in it. */
function saidOf(addition: string, known: Fillers = fillers): string[] {
  const extended = addition === '' ? schema : extendSchema(schema, parse(addition));

  return complaints(extended, known, operationsOf(extended, known));
}

describe('the operations of the sweep', () => {
  it('leave nothing of the API out', () => {
    assert.deepEqual(saidOf(''), []);
  });

  for (const [what, addition, sentence] of [
    [
      'an argument of a query',
      'extend type Query { locker(lockerId: ID!): String }',
      /fill Query\.locker\.lockerId with/,
    ],
    [
      'an argument of a field',
      'extend type School { lockers(lockerIds: [ID!]): [String!] }',
      /fill School\.lockers\.lockerIds with/,
    ],
    ['a field of a filter', 'extend input PersonFilter { lockerId: ID }', /fill PersonFilter\.lockerId with/],
    [
      'a mutation',
      'extend type Mutation { openLocker(input: OpenLockerInput!): String } input OpenLockerInput { code: String! }',
      /fill OpenLockerInput\.code with/,
    ],
    [
      'a subscription',
      'extend type Subscription { lockerOpened(lockerId: ID!): String }',
      /fill Subscription\.lockerOpened\.lockerId with/,
    ],
    [
      'a type with an id',
      'type Locker implements Node { id: ID! } extend type Query { locker: Locker }',
      /^No world has a Locker/,
    ],
    [
      'what lies too deep to be selected',
      'extend type Query { a: A } type A { b: B } type B { c: C } type C { d: D } type D { e: Int }',
      /^No operation selects D\.e\.$/,
    ],
  ] as const) {
    it(`ask for more when ${what} is added`, () => {
      const said = saidOf(addition);
      assert.ok(
        said.some((each) => sentence.test(each)),
        said.join('\n'),
      );
    });
  }

  it('ask for less when what was filled is gone', () => {
    const more = { ...fillers, byName: { ...fillers.byName, 'lockerId: ID': { own: () => 'locker' } } };
    assert.deepEqual(saidOf('', more), ['The name "lockerId: ID" fills nothing any more.']);
  });
});
