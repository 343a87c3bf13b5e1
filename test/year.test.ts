/** A school year between Auriga and Edusign, lived through on a clock that is put forward, held against the rules. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { live } from './year/life.ts';

describe('a school that plans in Auriga and signs in Edusign', () => {
  it('has in Edusign what the rules say, window by window, for the fewest calls', async (test) => {
    const life = await live({
      seed: 'a fortnight',
      learners: 100,
      from: '2026-09-14',
      until: '2026-09-22',
      groupSync: false,
      say: (line) => test.diagnostic(line),
    });
    assert.deepEqual(life.wrong, []);
    assert.deepEqual([...life.due].toSorted(), [...life.told].toSorted());
    assert.deepEqual([life.harmed, life.problems], [[], []]);
    assert.ok(
      life.windows === 18 && life.calls <= life.leastCalls * 1.05,
      `${life.calls} calls, ${life.leastCalls} would do`,
    );
  });
});
