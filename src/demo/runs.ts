/** Sync runs as a client of the API sees them: asked for, followed to their end, found when a data change set them off. */
import { setTimeout as pause } from 'node:timers/promises';
import { answers, type LogEntry, type RunUpdate } from './answers.ts';
import type { Api } from './api.ts';
import { documents } from './documents.ts';
import { isAtRest } from './leg.ts';
import { DemoProblem } from './problem.ts';

export interface Watcher {
  onUpdate(run: RunUpdate): void;
  onLog(entries: readonly LogEntry[]): void;
}

/** Milliseconds that the last log entries may come after the run's end. */
const patience = 10_000;

/** Asks for a run and answers its id. `personIds`: only these people. */
export async function triggerSync(api: Api, integrationId: string, personIds?: readonly string[]): Promise<string> {
  const input = { integrationId, ...(personIds && { personIds }) };
  const { syncRun } = await api.act(documents.triggerSync, input, answers.triggered);

  return syncRun.id;
}

/** A place in the stream of events from which on everything is told. */
export async function liveCursor(api: Api): Promise<string> {
  return (await api.ask(documents.liveCursor, {}, answers.liveCursor)).liveCursor;
}

/**
 * Follows a run until it has ended or waits for a person, and its log until the last entry has come.
 *
 * @param after where to begin: a cursor from before the run was asked for, so that no entry is missed.
 * @throws DemoProblem when live entries are missing.
 */
export async function followRun(api: Api, runId: string, after: string, watcher: Watcher): Promise<RunUpdate> {
  let received = 0;
  let onReceived = () => {};
  const log = api.follow(documents.syncLog, { syncRunId: runId, after }, answers.syncLog, ({ syncLogAdded: event }) => {
    if (event.__typename !== 'SyncLogAdded') return;
    received += event.logs.length;
    watcher.onLog(event.logs);
    onReceived();
  });
  try {
    const run = await followToRest(api, runId, watcher);
    const { node } = await api.ask(documents.settledCount, { runId }, answers.settledCount);
    const expected = node.logs.totalCount;
    const complete = new Promise<void>((resolve) => {
      onReceived = () => received >= expected && resolve();
      onReceived();
    });
    const late = new AbortController();
    const tooLate = pause(patience, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([complete, tooLate, log.ended]);
    late.abort();
    if (received !== expected) {
      throw new DemoProblem(`Of ${expected} log entries of a run, ${received} came live.`);
    }
    return run;
  } finally {
    log.stop();
  }
}

/** Null when the subscription ended before the run did, as it does when the gateway stops. */
async function followToRest(api: Api, runId: string, watcher: Watcher): Promise<RunUpdate> {
  let last: RunUpdate | null = null;
  const state = api.follow(
    documents.syncRunUpdated,
    { id: runId },
    answers.syncRunUpdated,
    ({ syncRunUpdated: run }) => {
      last = run;
      watcher.onUpdate(run);
      // A held run is at rest, but it has not ended: the subscription would go on.
      if (isAtRest(run.status)) state.stop();
    },
  );
  await state.ended;
  const seen = last as RunUpdate | null;
  if (seen === null || !isAtRest(seen.status)) throw new DemoProblem('A run was no longer told of before its end.');

  return seen;
}

/** Ids of the integration's newest runs, the oldest first. */
export async function recentRuns(api: Api, integrationId: string): Promise<string[]> {
  const { integration } = await api.ask(documents.runs, { integrationId }, answers.runs);

  return integration.syncRuns.nodes.map(({ id }) => id).reverse();
}
