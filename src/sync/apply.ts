/** Carrying out a recorded plan: makes and links in the order of the references, then changes, then removals in reverse. */
import type { OperationKind } from '../model/sync.ts';
import { applyHere } from './apply-here.ts';
import { applyThere } from './apply-there.ts';
import type { Work } from './engine.ts';
import type { Flow } from './flow.ts';

/** What does not wait for a person is carried out. May be called again after a crash: only what is PENDING is left. */
export async function apply(work: Work): Promise<void> {
  for (const flow of work.flows) {
    await step(work, flow, 'link');
    await step(work, flow, 'create');
  }
  for (const flow of work.flows) await step(work, flow, 'update');
  for (const flow of work.flows.toReversed()) await step(work, flow, 'remove');
}

async function step(work: Work, flow: Flow, kind: OperationKind): Promise<void> {
  await applyHere(work, flow, kind);
  await applyThere(work, flow, kind);
}
