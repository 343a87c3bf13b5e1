/** What a worker does when Classroom has answered: the settled entry, the run's counts and the news of both, in one commit. */
import { setTimeout as delay } from 'node:timers/promises';
import { asTenant, connect, type Sql, type Target } from '../../src/db/client.ts';
import { insertEntries, type LogEntry } from '../../src/db/queries/engine/log.ts';
import { beat, moveRun, workerLocks } from '../../src/db/queries/engine/run.ts';
import { createWake, type Wake } from '../../src/live/wake.ts';
import { createLog } from '../../src/log.ts';
import { newId } from '../../src/model/ids.ts';
import { tell } from '../../src/sync/engine.ts';
import { answerParent } from '../child.ts';
import type { FollowedRun } from './runs.ts';
import { now } from './time.ts';

export interface OpenInput {
  readonly target: Target;
  readonly runs: readonly FollowedRun[];
}

export interface PaceInput {
  readonly perSecond: number;
  readonly count: number;
}

/** When an entry was committed, by its id; see `now`. */
export type Commits = Readonly<Record<string, number>>;

interface Open {
  readonly db: Sql;
  readonly system: Sql;
  readonly alive: Awaited<ReturnType<Sql['reserve']>>;
  readonly beating: NodeJS.Timeout;
  readonly wake: Wake;
  readonly runs: readonly FollowedRun[];
}

let opened: Open | undefined;
let seq = 0;

answerParent({ open, write, pace }, async () => {
  clearInterval(opened?.beating);
  await opened?.wake.close();
  opened?.alive.release();
  await Promise.all([opened?.db.end(), opened?.system.end()]);
});

const beatMs = 3_000;

/** The runs stay this process's, also beside a worker that looks for those of dead ones. */
async function open({ target, runs }: OpenInput): Promise<void> {
  const db = connect({ target, role: 'worker', max: 5 });
  const system = connect({ target, role: 'system', max: 1 });
  const alive = await db.reserve();
  const log = createLog({ level: 'warn', stream: process.stderr, pretty: false });
  await alive`select pg_advisory_lock(${workerLocks}::int, ${process.pid}::int)`;
  const as = (run: FollowedRun) => ({ tenantId: run.tenantId, schoolIds: null, actor: 'bench' });
  for (const run of runs) {
    await asTenant(db, as(run), (tx) => tx`update sync_run set worker = ${process.pid} where id = ${run.id}`);
    await asTenant(db, as(run), (tx) => beat(tx, run));
  }
  const beating = setInterval(() => {
    for (const run of runs) void asTenant(db, as(run), (tx) => beat(tx, run));
  }, beatMs);
  opened = { db, system, alive, beating, runs, wake: createWake(system, log) };
}

function parts(): Open {
  if (opened === undefined) throw new Error('The writer has not been opened.');
  return opened;
}

/** One entry in every run, a commit each. */
async function write(): Promise<void> {
  for (const run of parts().runs) await settle(run);
}

/** One entry at a time, in one run after the other, so many a second. */
async function pace({ perSecond, count }: PaceInput): Promise<Commits> {
  const { runs } = parts();
  const commits: Record<string, number> = {};
  const began = performance.now();
  for (let number = 0; number < count; number += 1) {
    await delay(Math.max(0, began + (number * 1_000) / perSecond - performance.now()));
    const run = runs[number % runs.length];
    if (run !== undefined) commits[await settle(run)] = now();
  }
  return commits;
}

/** Answers the entry's id once it is committed. */
async function settle(run: FollowedRun): Promise<string> {
  const { db, wake } = parts();
  const identity = { tenantId: run.tenantId, schoolIds: [run.schoolId], actor: `run:${run.id}` };
  seq += 1;
  const entry = entryOf(seq);
  await asTenant(db, identity, async (tx) => {
    await insertEntries(tx, run, new Date(), [entry]);
    await moveRun(tx, run, { counts: { created: 1 }, completed: 1 });
    await tell(tx, run, [
      { kind: 'log', parentId: run.id, ids: [entry.id] },
      { kind: 'run', parentId: run.id, ids: [run.id] },
    ]);
  });
  wake();
  return entry.id;
}

function entryOf(seq: number): LogEntry {
  return {
    id: newId(),
    seq,
    stream: 'students',
    side: 'there',
    kind: 'create',
    action: 'google_classroom.roster.student.add',
    status: 'SUCCESS',
    waits: false,
    entity: 'enrollment',
    recordId: newId(),
    key: `course-${seq}/student-${seq}`,
    name: 'Zoë Åkesson',
    before: null,
    after: { role: 'student' },
    refs: null,
    reason: 'New in Homeroom.',
    details: { status: 200 },
    size: 1,
    lastKey: null,
    fingerprint: null,
    sentAt: null,
  };
}
