import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Owner } from '../connectors/kit/contract.ts';
import type { Value } from '../model/entities.ts';
import { mergeField, type Sides, type Verdict } from './merge.ts';

const rows: readonly [title: string, sides: Sides, verdicts: Record<Owner, Verdict>][] = [
  ['all alike', { base: 'a', local: 'a', external: 'a' }, { provider: 'keep', homeroom: 'keep', shared: 'keep' }],
  [
    'both moved to the same',
    { base: 'a', local: 'b', external: 'b' },
    { provider: 'agree', homeroom: 'agree', shared: 'agree' },
  ],
  [
    'only there changed',
    { base: 'a', local: 'a', external: 'b' },
    { provider: 'pull', homeroom: 'ask', shared: 'pull' },
  ],
  [
    'only here changed',
    { base: 'a', local: 'b', external: 'a' },
    { provider: 'pull', homeroom: 'push', shared: 'push' },
  ],
  [
    'both changed differently',
    { base: 'a', local: 'b', external: 'c' },
    { provider: 'pull', homeroom: 'ask', shared: 'ask' },
  ],
  [
    'first contact, empty there',
    { base: undefined, local: 'a', external: null },
    { provider: 'pull', homeroom: 'push', shared: 'push' },
  ],
  [
    'first contact, alike',
    { base: undefined, local: 'a', external: 'a' },
    { provider: 'agree', homeroom: 'agree', shared: 'agree' },
  ],
  [
    'the other side says nothing',
    { base: 'a', local: 'b', external: undefined },
    { provider: 'pull', homeroom: 'push', shared: 'push' },
  ],
];

describe('the table of fields', () => {
  for (const [title, sides, verdicts] of rows) {
    for (const [owner, verdict] of Object.entries(verdicts)) {
      it(`${title}, ${owner} owns it: ${verdict}`, () => assert.equal(mergeField(owner as Owner, sides), verdict));
    }
  }
});

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom(null, 'a', 'b', 'c', true, false),
  fc.array(fc.constantFrom('x', 'y'), { maxLength: 2 }),
);
const sides = fc.record({ base: value, local: value, external: value });
const owners = fc.constantFrom<Owner>('provider', 'homeroom', 'shared');

describe('merging any three values', () => {
  it('has nothing to do where nothing changed (L1)', () => {
    fc.assert(
      fc.property(owners, value, (owner, same) => {
        assert.equal(mergeField(owner, { base: same, local: same, external: same }), 'keep');
      }),
    );
  });

  it('settles: what is written or agreed on is alike the next time (L2)', () => {
    fc.assert(
      fc.property(owners, sides, (owner, given) => {
        const verdict = mergeField(owner, given);
        if (verdict === 'ask') return;
        const settled = verdict === 'pull' ? given.external : given.local;
        assert.equal(mergeField(owner, { base: settled, local: settled, external: settled }), 'keep');
      }),
    );
  });

  it('never writes over a side that alone has changed, unless the other side owns the value (L3)', () => {
    fc.assert(
      fc.property(value, value, (base, changed) => {
        assert.notEqual(mergeField('homeroom', { base, local: base, external: changed }), 'push');
        assert.notEqual(mergeField('shared', { base, local: base, external: changed }), 'push');
        assert.notEqual(mergeField('shared', { base, local: changed, external: base }), 'pull');
      }),
    );
  });

  it('mirrors: swapping the sides of a shared field swaps pull and push only (L5)', () => {
    const swapped: Record<Verdict, Verdict> = { keep: 'keep', agree: 'agree', ask: 'ask', pull: 'push', push: 'pull' };
    fc.assert(
      fc.property(sides, ({ base, local, external }) => {
        const one = mergeField('shared', { base, local, external });
        const other = mergeField('shared', { base, local: external, external: local });
        assert.equal(other, swapped[one]);
      }),
    );
  });
});
