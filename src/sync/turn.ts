/**
 * Taking turns: a person's quick run goes in between two batches of the bulk run of the same integration (ADR 16). Whoever
 * writes has the turn; a bulk run has it while it plans a stream or carries out a batch, a quick run while it applies.
 */
import { giveTurn, keepsTurn, takeTurn } from '../db/queries/engine/turn.ts';
import { commit, look, type Work } from './engine.ts';
import { pause } from './pause.ts';

/** Real milliseconds between two looks whether the other run has finished. */
const askAgainMs = 50;

/** Whether the run may write another batch at once. */
export function keepTurn(work: Work): Promise<boolean> {
  return look(work, (tx) => keepsTurn(tx, work.run));
}

/**
 * Resolves when the run may write: at once while it has the turn and nobody it gives way to waits; else it lets go, with
 * nothing of its own under way, and waits until the other has ended, or its worker is gone.
 */
export async function myTurn(work: Work): Promise<void> {
  if (await keepTurn(work)) return;
  await commit(work, (tx) => giveTurn(tx, work.run));
  while (!(await commit(work, (tx) => takeTurn(tx, work.run)))) await pause(askAgainMs, work.signal);
}
