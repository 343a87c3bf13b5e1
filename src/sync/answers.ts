/** Answers of a provider on their way into the log: a few at a time in one commit, none waiting long. */
import type { TransactionSql } from '../db/client.ts';
import { settleQuestions } from '../db/queries/engine/conflict.ts';
import { changeLinks, forgetKeys, holdersOf, type LinkChange } from '../db/queries/engine/link.ts';
import { type LogEntry, settleEntries } from '../db/queries/engine/log.ts';
import { countRemovals } from '../db/queries/engine/removal.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { Value } from '../model/entities.ts';
import type { OperationKind, RunCounts } from '../model/sync.ts';
import { closedTo } from './closed.ts';
import { commit, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { lookLater, type Promised } from './looks.ts';
import type { Outcome } from './send.ts';

/** In a burst live clients get log entries together, none later than this many milliseconds. */
const flushMs = 60;
const flushAt = 25;

interface Answer {
  entry: LogEntry;
  outcome: Outcome;
}

const counted: Record<OperationKind, keyof RunCounts | null> = {
  create: 'created',
  update: 'updated',
  remove: 'deleted',
  link: 'unchanged',
  skip: null,
};

/** Collects and commits; `flush` waits until all is written and throws what went wrong on the way. */
export class Answers {
  readonly #work: Work;
  readonly #flow: Flow;
  #waiting: Answer[] = [];
  #writing: Promise<void> = Promise.resolve();
  #oldest = 0;

  constructor(work: Work, flow: Flow) {
    this.#work = work;
    this.#flow = flow;
  }

  /** Resolves once the answer is taken; every so often that is when it and those before it are committed. */
  async add(entry: LogEntry, outcome: Outcome): Promise<void> {
    if (this.#waiting.length === 0) this.#oldest = performance.now();
    this.#waiting.push({ entry, outcome });
    if (this.#waiting.length >= flushAt || performance.now() - this.#oldest >= flushMs) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = [];
    const before = this.#writing;
    this.#writing = before.then(() => (batch.length > 0 ? this.#write(batch) : undefined));
    await this.#writing;
  }

  async #write(answers: readonly Answer[]): Promise<void> {
    const { run, engine } = this.#work;
    const now = engine.clock.now();
    await commit(this.#work, async (tx) => {
      const place = { ...run, stream: this.#flow.name };
      const batch = await this.#withoutTwins(tx, answers);
      const gone = batch.filter(({ entry, outcome }) => entry.kind === 'remove' && outcome.status === 'SUCCESS');
      await changeLinks(
        tx,
        place,
        run.id,
        batch.flatMap((answer) => this.#linkChange(answer) ?? []),
      );
      await lookLater(tx, this.#work, this.#flow, batch.flatMap(promised));
      await forgetKeys(
        tx,
        place,
        gone.flatMap(({ entry }) => entry.key ?? []),
      );
      await countRemovals(
        tx,
        run,
        this.#flow.name,
        gone.map(({ entry }) => entry.id),
        now,
      );
      await settleEntries(
        tx,
        run,
        now,
        batch.map(({ entry, outcome }) => ({
          id: entry.id,
          status: outcome.status,
          details: outcome.details,
          recordId: null,
          key: outcome.external?.key ?? null,
          name: null,
        })),
      );
      const done = batch
        .filter(({ outcome }) => outcome.status === 'SUCCESS')
        .flatMap(({ entry }) => entry.recordId ?? []);
      const settled = await settleQuestions(tx, run, this.#flow.name, done, now);
      await moveRun(tx, run, { completed: batch.length, counts: countOf(batch), inTurn: true });
      await tell(tx, run, [
        { kind: 'log', parentId: run.id, ids: batch.map(({ entry }) => entry.id) },
        { kind: 'run', parentId: run.id, ids: [run.id] },
        { kind: 'conflict', ids: settled },
        { kind: 'integration', parentId: run.integrationId, ids: settled.length > 0 ? [run.integrationId] : [] },
      ]);
    });
  }

  /** Two of our records can stand for one out there (the same person twice in a class): the second is told so. */
  async #withoutTwins(tx: TransactionSql, answers: readonly Answer[]): Promise<Answer[]> {
    const keys = answers.flatMap(({ outcome }) => outcome.external?.key ?? []);
    const holders = await holdersOf(tx, { ...this.#work.run, stream: this.#flow.name }, keys);

    return answers.map((answer) => {
      const { entry, outcome } = answer;
      const key = outcome.external?.key;
      if (key === undefined || entry.recordId === null) return answer;
      const holder = holders.get(key) ?? entry.recordId;
      holders.set(key, holder);
      if (holder === entry.recordId) return answer;
      const details = { code: 'held_by_another_record', why: 'Another record stands for it already.' };
      return { entry, outcome: { ...outcome, status: 'SKIPPED', details, external: null } };
    });
  }

  #linkChange({ entry, outcome }: Answer): LinkChange | null {
    const { recordId } = entry;
    if (recordId === null) return null;
    if (outcome.accepted) {
      // What is changed later only is looked at later; what is made later is not made again meanwhile.
      const { handle, until } = outcome.accepted;
      return entry.kind === 'create'
        ? { recordId, key: null, state: 'MAKING', blocker: null, handle, until, generation: outcome.generation }
        : null;
    }
    // What an undo could not take back is not wanted any more by the next run.
    if (outcome.closed && this.#work.run.undoes === null) {
      const blocker = String(outcome.details.code);
      return { recordId, blocker, closed: closedTo(entry, outcome.closed) };
    }
    if (outcome.status !== 'SUCCESS') return null;
    const undone = outcome.undone && outcome.undone !== 'forget' ? outcome.undone : {};
    if (outcome.external === null) return undone.state ? { recordId, ...undone } : null;

    return {
      recordId,
      key: outcome.external.key,
      state: 'LINKED',
      base: entry.kind === 'link' ? (entry.after ?? {}) : this.#agreed(entry, outcome),
      external: null,
      spent: true,
      blocker: null,
      closed: null,
      handle: null,
      until: null,
      generation: outcome.generation,
      ...undone,
    };
  }

  /** What both sides now say of the fields that were written: the answer's words, for they are what is compared next. */
  #agreed(entry: LogEntry, outcome: Outcome): Record<string, Value> {
    const names = entry.kind === 'update' ? Object.keys(entry.after ?? {}) : this.#flow.merged;
    const { external } = outcome;

    return Object.fromEntries(names.map((name) => [name, external?.refs[name] ?? external?.values[name] ?? null]));
  }
}

function promised({ entry: { recordId }, outcome: { accepted } }: Answer): Promised[] {
  return recordId !== null && accepted ? [{ recordId, until: accepted.until }] : [];
}

function countOf(batch: readonly Answer[]): Partial<RunCounts> {
  const counts: Partial<Record<keyof RunCounts, number>> = {};
  for (const { entry, outcome } of batch) {
    const name =
      outcome.status === 'SUCCESS' ? counted[entry.kind] : outcome.status === 'FAILED' ? 'failed' : 'skipped';
    if (name) counts[name] = (counts[name] ?? 0) + 1;
  }

  return counts;
}
