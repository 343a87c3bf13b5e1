/** Carrying out a recorded plan: makes and links in the order of the references, then changes, then removals in reverse. */
import { type Step, stepsLeft } from '../db/queries/engine/log.ts';
import type { OperationKind } from '../model/sync.ts';
import { applyHere, mendAfterCreates } from './apply-here.ts';
import { applyThere } from './apply-there.ts';
import { look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';

/** What does not wait for a person is carried out. May be called again after a crash: only what is PENDING is left. */
export async function apply(work: Work): Promise<void> {
  const left = await look(work, (tx) => stepsLeft(tx, work.run));
  for (const flow of work.flows) {
    await step(work, flow, 'link', left);
    await step(work, flow, 'create', left);
    await mendAfterCreates(work, flow);
  }
  for (const flow of work.flows) await step(work, flow, 'update', left);
  for (const flow of work.flows.toReversed()) await step(work, flow, 'remove', left);
}

/** Most steps of a plan are empty, and asking for each whether it is would be most of what an ordinary run does. */
async function step(work: Work, flow: Flow, kind: OperationKind, left: readonly Step[]): Promise<void> {
  const sides = left.flatMap((one) => (one.stream === flow.name && one.kind === kind ? one.side : []));
  if (sides.includes('here')) await applyHere(work, flow, kind);
  if (sides.includes('there')) await applyThere(work, flow, kind);
}
