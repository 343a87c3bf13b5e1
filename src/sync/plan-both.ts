/** Planning a stream that is born on either side: all of ours as a destination's, then what is new there as a source's. */
import { newBeside, newRangesBeside } from '../db/queries/engine/both.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import type { Work } from './engine.ts';
import type { Flow } from './flow.ts';
import type { Tally } from './guard.ts';
import type { PlanStream } from './plan-mirror-stream.ts';
import { isBulk, planNewRecords, scopeOf } from './plan-source-stream.ts';
import type { Recorder } from './record.ts';

/**
 * Our records go first: who of those there is one of them, and who might be, is known only then. A run that looked up
 * some records of ours has not seen what else is there, so it takes nothing in.
 */
export async function planBothStream(
  work: Work,
  flow: Flow,
  read: Progress,
  recorder: Recorder,
  mirror: PlanStream,
): Promise<Tally> {
  const tally = await mirror(flow, read);
  const onlySought = !work.run.whole && (flow.stream.pull.some !== undefined || work.run.retries !== null);
  if (onlySought) return tally;

  const scope = { ...scopeOf(work, flow), schoolId: work.run.schoolId };
  await planNewRecords(work, flow, recorder, isBulk(read), {
    singly: (tx, limit) => newBeside(tx, scope, limit),
    ranges: (tx, size) => newRangesBeside(tx, scope, size),
  });

  return tally;
}
