/** Our side of the mirror: what a run has read is there already, and the product's planner plans. A process of its own. */
import { connectors } from '../../src/connectors/index.ts';
import { asTenant, connect, type Sql, type Target } from '../../src/db/client.ts';
import { findIntegration } from '../../src/db/queries/engine/integration.ts';
import { claimRun } from '../../src/db/queries/engine/run.ts';
import type { Progress } from '../../src/db/queries/engine/staging.ts';
import { seedTenant } from '../../src/db/seed.ts';
import { createVault } from '../../src/db/vault.ts';
import { createLog } from '../../src/log.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { Engine, Work } from '../../src/sync/engine.ts';
import { wantedFlows } from '../../src/sync/flow.ts';
import { planRun } from '../../src/sync/plan-run.ts';
import { answerParent } from '../child.ts';
import { watchWriting } from '../writing.ts';
import { agree, type Case, change, enrol, fillSchool, type Run, stage } from './district.ts';

export interface Prepared extends Run {
  readonly target: Target;
}

export interface Planned {
  readonly seconds: number;
  /** The most memory this process ever had, in MiB. */
  readonly peakMiB: number;
  /** The most that lived on the heap, garbage included, in MiB: seen every 20 ms. */
  readonly heapMiB: number;
  readonly statements: number;
  /** The longest a transaction that had written was open, in milliseconds, to about 20. */
  readonly longestMs: number;
  /** Operations by stream and kind, and what was counted as unchanged. */
  readonly plan: Readonly<Record<string, number>>;
}

answerParent({ prepare, plan });

/** A school whose run has been read and not planned. Its tables are analysed, as after a pull. */
async function prepare({
  target,
  memberships,
  which,
}: {
  target: Target;
  memberships: number;
  which: Case;
}): Promise<Prepared> {
  const owner = connect({ target, role: 'owner', max: 2 });
  const worker = connect({ target, role: 'worker', max: 1, statementTimeout: 0 });
  const tenant = await seedTenant(owner);
  const school = await tenant.school({ settings: { previewFirst: false } });
  const settings = { domain: 'school.example' };
  const integration = await school.integration({ settings, approvedAt: new Date() });
  const { id: runId } = await integration.run({ status: 'QUEUED', mode: 'FULL', startedAt: null });
  const run: Run = { tenantId: tenant.id, schoolId: school.id, integrationId: integration.id, runId };
  await tenant.write((tx) => fillSchool(tx, run, memberships));
  await owner`vacuum analyze`;
  await tenant.write((tx) => enrol(tx, run, memberships));
  await tenant.write((tx) => agree(tx, run, memberships, which));
  const identity = { tenantId: tenant.id, schoolIds: null, actor: 'bench' };
  await asTenant(worker, identity, (tx) => stage(tx, run, memberships, which));
  await worker`select homeroom_analyze()`;
  if (which === 'changed') await asTenant(worker, identity, (tx) => change(tx, run));
  await owner`vacuum analyze`;
  await Promise.all([owner.end(), worker.end()]);

  return { target, ...run };
}

/** Plans the whole run, all streams read to their end. */
async function plan({ target, tenantId, integrationId, runId }: Prepared): Promise<Planned> {
  let statements = 0;
  const db = connect({ target, role: 'worker', max: 4, debug: () => void (statements += 1) });
  const identity = { tenantId, schoolIds: null, actor: 'bench' };
  const work = await workOf(db, identity, { tenantId, integrationId });
  const progress = await progressOf(db, runId, work);
  const writing = watchWriting(target);
  let heap = 0;
  const watch = setInterval(() => {
    heap = Math.max(heap, process.memoryUsage().heapUsed);
  }, 20);
  statements = 0;
  const began = performance.now();
  await planRun(work, progress, null);
  const seconds = (performance.now() - began) / 1_000;
  const sent = statements;
  clearInterval(watch);
  const longestMs = await writing.stop();
  const found = await asTenant(db, identity, (tx) => countPlan(tx, runId));
  await db.end();

  return {
    seconds,
    peakMiB: process.resourceUsage().maxRSS / 1_024,
    heapMiB: heap / 2 ** 20,
    statements: sent,
    longestMs,
    plan: found,
  };
}

async function workOf(
  db: Sql,
  identity: Parameters<typeof asTenant>[1],
  place: { tenantId: string; integrationId: string },
): Promise<Work> {
  const log = createLog({ level: 'warn', stream: process.stderr, pretty: false });
  const engine: Engine = {
    db,
    connectors,
    vault: createVault({ masterKey: Buffer.alloc(32) }),
    clock: systemClock,
    log,
    enqueue: async () => undefined,
    http: () => {
      throw new Error('Planning asks no provider.');
    },
    wake: () => undefined,
    random: Math.random,
  };
  const integration = await asTenant(db, identity, (tx) => findIntegration(tx, place));
  const run = await asTenant(db, identity, (tx) => claimRun(tx, { ...place, lane: 'BULK' }, 1, systemClock.now()));
  const connector = connectors.find(({ id }) => id === integration?.provider);
  if (!integration || !run || !connector) throw new Error('There is no such run.');
  const settings = connector.settings.parse(integration.settings);
  const flows = wantedFlows(connector, settings);

  return {
    engine,
    run,
    connector,
    settings,
    client: null,
    flows,
    signal: new AbortController().signal,
    writes: true,
    afresh: new Set(),
    firstPlan: false,
  };
}

async function progressOf(db: Sql, runId: string, { flows }: Work): Promise<Progress[]> {
  const rows = await db<{ stream: string; staged: number }[]>`
    select stream, count(*)::int as staged from staging where run_id = ${runId} group by stream`;
  const staged = new Map(rows.map((row) => [row.stream, row.staged]));

  return flows.map(({ name: stream }) => ({
    stream,
    snapshot: true,
    pages: 1,
    staged: staged.get(stream) ?? 0,
    known: 0,
    next: null,
    mark: null,
    done: true,
  }));
}

async function countPlan(
  tx: Parameters<Parameters<typeof asTenant>[2]>[0],
  runId: string,
): Promise<Record<string, number>> {
  const rows = await tx<{ what: string; count: number }[]>`
    select stream || ' ' || kind as what, count(*)::int as count from sync_log where run_id = ${runId} group by 1
    union all select 'unchanged', unchanged from sync_run where id = ${runId}`;

  return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
}
