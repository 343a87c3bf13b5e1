/**
 * How a law is tried: a few cases in every test run, as many as wanted by `--runs`. A long try ends at the first case that
 * breaks a law and tells its seed and path at once; with `--seed` and `--path` that case is tried again and made smaller.
 */
import { it } from 'node:test';
import { parseArgs } from 'node:util';
import fc from 'fast-check';

const { values: given } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } },
  strict: false,
});

/** Cases of a law that needs a database. */
export const lawRuns = Number(given.runs ?? 6);

export function law<Case>(title: string, property: fc.IAsyncProperty<Case>, times = lawRuns): void {
  const again = {
    ...(given.seed !== undefined && { seed: Number(given.seed) }),
    ...(given.path !== undefined && { path: String(given.path) }),
  };
  const long = given.runs !== undefined && given.path === undefined;
  it(title, async () => {
    try {
      await fc.assert(property, { numRuns: times, endOnFailure: long, ...again });
    } catch (error) {
      // The runner tells it when all laws have been tried, which may be an hour later.
      if (long) process.stderr.write(`${title}\n${String(error)}\n`);
      throw error;
    }
  });
}
