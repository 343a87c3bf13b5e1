/**
 * A school year between Auriga and Edusign, lived through on a clock that is put forward, held against the rules window by
 * window. `npm run year` lives through that of a large school.
 */
import { describe, it } from 'node:test';
import { ordinaryYear, prove } from './year/proof.ts';

describe('a school year', () => {
  it('ends with Edusign as the rules say, each window for the fewest calls', (test) =>
    prove({ ...ordinaryYear, learners: 300, say: (line) => test.diagnostic(line) }));
});
