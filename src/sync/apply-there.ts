/** Operations at the provider: the intent committed, the call made, the answer committed; several calls under way at once. */
import { type LogEntry, markSent, pendingEntries, unmarkSent } from '../db/queries/engine/log.ts';
import { soughtRows } from '../db/queries/engine/mirror.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { OperationKind } from '../model/sync.ts';
import { Answers } from './answers.ts';
import { commit, commitStep, look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { mirrorScope } from './mirror-scope.ts';
import { ProviderDown, type Sending, type Subject, send } from './send.ts';
import { myTurn } from './turn.ts';

/** Operations whose intent is committed together. */
const groupSize = 50;

/** So many operations in a row that the provider left unanswered: it is down, and going on would only hurt. */
const patience = 5;

export async function applyThere(work: Work, flow: Flow, kind: OperationKind): Promise<void> {
  const answers = new Answers(work, flow);
  let unanswered = 0;
  for (;;) {
    work.signal.throwIfAborted();
    await myTurn(work);
    const group = await look(work, (tx) =>
      pendingEntries(tx, work.run, { stream: flow.name, kind, side: 'there' }, groupSize),
    );
    if (group.length > 0) await sendGroup(group);
    if (group.length < groupSize) return;
  }

  async function sendGroup(group: readonly LogEntry[]): Promise<void> {
    const subjects = await prepare(work, flow, group);
    const queue = [...group];
    const lane = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        work.signal.throwIfAborted();
        const outcome = await send({
          work,
          flow,
          entry,
          subject: subjects.get(entry.recordId ?? ''),
        } satisfies Sending);
        unanswered = outcome.unanswered ? unanswered + 1 : 0;
        await answers.add(entry, outcome);
        if (outcome.stops) throw outcome.stops;
        if (unanswered >= patience) throw new ProviderDown(work.connector.name);
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: work.connector.concurrency }, lane));
    await answers.flush();
    const failed = lanes.find((each) => each.status === 'rejected');
    if (!failed) return;
    const unsent = queue.filter((entry) => entry.sentAt === null).map((entry) => entry.id);
    if (unsent.length > 0) await commitStep(work, (tx) => unmarkSent(tx, work.run, unsent));
    throw failed.reason;
  }
}

/** Commits the intent and reads the records as they are now, with the keys their references have by now. */
async function prepare(work: Work, flow: Flow, group: readonly LogEntry[]): Promise<Map<string, Subject>> {
  const ids = group.flatMap((entry) => entry.recordId ?? []);
  await commit(work, async (tx) => {
    await markSent(
      tx,
      work.run,
      group.filter((entry) => entry.sentAt === null).map((entry) => entry.id),
    );
    await moveRun(tx, work.run, { inTurn: true });
  });
  const rows = await look(work, (tx) => soughtRows(tx, mirrorScope(work, flow, false), ids));

  return new Map(rows.map((row) => [row.recordId, row]));
}
