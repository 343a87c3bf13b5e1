/** What the engine is given, and one run with all it needs: the vocabulary of the files beside this one. */
import type { Connector, Http, Limit, Settings } from '../connectors/kit/contract.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import type { Enqueue } from '../db/jobs.ts';
import { type Activity, recordActivity } from '../db/queries/activity.ts';
import { moveRun, type RunRow } from '../db/queries/engine/run.ts';
import type { Vault } from '../db/vault.ts';
import type { Clock } from '../model/clock.ts';
import type { Flow } from './flow.ts';

export interface EngineLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** On whose behalf calls go out. */
export interface Caller {
  connector: Connector;
  limits: readonly Limit[];
  quotaKeys: Readonly<Record<string, string>>;
  tenantId: string;
  /** Ends every call. */
  signal: AbortSignal;
  /** Of a run: asked right before each call, see `claim.ts`. */
  permit: (() => Promise<void>) | undefined;
}

export interface Engine {
  /** Connections of the worker role. */
  db: Sql;
  connectors: readonly Connector[];
  vault: Vault;
  clock: Clock;
  log: EngineLog;
  enqueue: Enqueue;
  /** The outbound door for one integration: its quotas, its allowed hosts. */
  http(caller: Caller): Http;
  /** Something was committed that live clients may follow. */
  wake(): void;
  /** A number for chance; tests fix it. */
  random(): number;
}

/** One run at work. */
export interface Work {
  engine: Engine;
  run: RunRow;
  connector: Connector;
  settings: Settings;
  client: unknown;
  flows: readonly Flow[];
  signal: AbortSignal;
  /**
   * False while a preview is drawn up: nothing but the run and its log is written, here or there. No question, no link,
   * no checkpoint, no page that counts as known.
   */
  writes: boolean;
  /** Nobody has approved a plan of this destination yet. */
  firstPlan: boolean;
  /** Streams of a source in which this worker has compared also what came as before. */
  afresh: Set<string>;
}

/** A short transaction that sees the run's school and nothing else; wakes the live feed after its commit. */
export async function commit<T>(
  work: Pick<Work, 'engine' | 'run'>,
  fn: (tx: TransactionSql) => Promise<T>,
): Promise<T> {
  const answer = await asTenant(work.engine.db, identityOf(work.run), fn);
  work.engine.wake();

  return answer;
}

/** A commit that moves nothing of the run itself, refused all the same once another worker has taken the run. */
export function commitStep<T>(work: Pick<Work, 'engine' | 'run'>, fn: (tx: TransactionSql) => Promise<T>): Promise<T> {
  return commit(work, async (tx) => {
    const answer = await fn(tx);
    await moveRun(tx, work.run, {});

    return answer;
  });
}

/** The same without writing: nothing to wake for. */
export function look<T>(work: Pick<Work, 'engine' | 'run'>, fn: (tx: TransactionSql) => Promise<T>): Promise<T> {
  return asTenant(work.engine.db, identityOf(work.run), fn, { readOnly: true });
}

function identityOf(run: RunRow) {
  return { tenantId: run.tenantId, schoolIds: [run.schoolId], actor: `run:${run.id}` };
}

/** Tells live clients what this transaction changed. */
export async function tell(
  tx: TransactionSql,
  run: Pick<RunRow, 'tenantId' | 'schoolId'>,
  news: readonly (Pick<Activity, 'kind' | 'ids'> & Partial<Activity>)[],
): Promise<void> {
  const rows = news.filter((each) => each.ids.length > 0);
  await recordActivity(
    tx,
    rows.map((each) => ({ entity: null, parentId: null, ...each, tenantId: run.tenantId, schoolId: run.schoolId })),
  );
}

export function flowNamed(work: Pick<Work, 'flows'>, name: string): Flow {
  const flow = work.flows.find((candidate) => candidate.name === name);
  if (!flow) throw new Error(`No stream is called ${name}.`);

  return flow;
}
