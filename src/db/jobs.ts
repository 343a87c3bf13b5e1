/** The job queue: it carries "look at this integration", never a value; what is due and who may take it is decided in SQL of ours. */
import { type Db as IDatabase, PgBoss } from 'pg-boss';
import type { RunLane } from '../model/sync.ts';
import type { Sql, TransactionSql } from './client.ts';

/** Where to look: a lane of an integration. */
export interface SyncJob {
  tenantId: string;
  integrationId: string;
  lane: RunLane;
}

/** Puts "look at this integration" on the queue, inside the caller's transaction. */
export type Enqueue = (tx: TransactionSql, job: SyncJob, dueAt: Date) => Promise<void>;

const schemaName = 'pgboss';

/** A queue a lane, so that quick runs have workers of their own, however many bulk runs wait. */
const queues: Record<RunLane, string> = { BULK: 'sync', QUICK: 'sync-quick' };

/**
 * A killed worker's job comes back within 15 s: pg-boss accepts no heartbeat under 10 s. A run itself is taken over
 * sooner, see `worker.ts`. A day is longer than any run; the heartbeat is what ends a dead one.
 */
const queueOptions = {
  retryLimit: 5,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 60,
  expireInSeconds: 86_000,
  heartbeatSeconds: 10,
  notify: true,
  deleteAfterSeconds: 3600,
};

/** pg-boss over postgres.js. Statements without values may be several at once, hence the simple protocol. */
async function execute(sql: Sql | TransactionSql, text: string, values: readonly unknown[] = []) {
  const result = values.length > 0 ? await sql.unsafe(text, values as never[]) : await sql.unsafe(text).simple();
  const listed: readonly unknown[] = result;
  // Several statements answer several lists.
  const rows = listed.some(Array.isArray) ? listed.flat() : [...listed];

  return { rows };
}

function overPool(sql: Sql, listener: Sql | null): IDatabase {
  return {
    async executeSql(text, values) {
      if (!/^\s*begin\b/i.test(text)) return execute(sql, text, values);
      // Statements that open a transaction of their own need one connection from begin to commit.
      const reserved = await sql.reserve();
      try {
        return await execute(reserved, text, values);
      } catch (error) {
        await reserved`rollback`.catch(() => undefined);
        throw error;
      } finally {
        reserved.release();
      }
    },
    ...(listener && {
      async listen(channel: string, onNotification: (payload: string) => void, onReconnect: () => void) {
        const subscription = await listener.listen(channel, onNotification, onReconnect);
        return { close: () => subscription.unlisten() };
      },
    }),
  };
}

/** Makes the queue's own tables, as the owner, and lets the runtime roles work with them. Safe to call again. */
export async function installJobs(owner: Sql): Promise<void> {
  const boss = new PgBoss({ db: overPool(owner, null), schema: schemaName, supervise: false, schedule: false });
  await boss.start();
  try {
    for (const queue of Object.values(queues)) {
      if (await boss.getQueue(queue)) await boss.updateQueue(queue, queueOptions);
      else await boss.createQueue(queue, queueOptions);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  await owner`grant usage on schema pgboss to homeroom_app, homeroom_worker, homeroom_system`;
  await owner`grant select, insert, update, delete on all tables in schema pgboss to homeroom_app, homeroom_worker, homeroom_system`;
  await owner`grant execute on all functions in schema pgboss to homeroom_app, homeroom_worker, homeroom_system`;
  await owner`grant usage on all sequences in schema pgboss to homeroom_app, homeroom_worker, homeroom_system`;
}

type Ids = Pick<SyncJob, 'tenantId' | 'integrationId'>;

/** A job holds ids, whatever else its sender knows. */
function idsOf({ tenantId, integrationId }: Ids): Ids {
  return { tenantId, integrationId };
}

export interface Jobs {
  enqueue: Enqueue;
  /** Puts it on the queue at once, outside any transaction. */
  enqueueNow(job: SyncJob): Promise<void>;
  /** Hands out a lane's jobs, at most `concurrency` at once, until `stop`. */
  work(lane: RunLane, concurrency: number, handle: (job: SyncJob) => Promise<void>): Promise<void>;
  /** Takes no more jobs and waits for those under way. */
  stop(): Promise<void>;
}

/** `system`: connections of the system role; `listener`: one that may listen. `supervise`: also mind the queue, as workers do. */
export async function openJobs(options: {
  system: Sql;
  listener: Sql;
  supervise: boolean;
  log: { warn(facts: object, message: string): void };
}): Promise<Jobs> {
  const { log } = options;
  const boss = new PgBoss({
    db: overPool(options.system, options.supervise ? options.listener : null),
    schema: schemaName,
    migrate: false,
    schedule: false,
    supervise: options.supervise,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    useListenNotify: options.supervise,
  });
  boss.on('error', (error) => log.warn({ error }, 'the job queue is unwell'));
  await boss.start();

  return {
    async enqueue(tx, job, dueAt) {
      await boss.send(queues[job.lane], idsOf(job), {
        startAfter: dueAt,
        db: { executeSql: (text, values) => execute(tx, text, values) },
      });
    },
    async enqueueNow(job) {
      await boss.send(queues[job.lane], idsOf(job));
    },
    async work(lane, concurrency, handle) {
      await boss.work<Ids>(
        queues[lane],
        { batchSize: 1, localConcurrency: concurrency, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 1 },
        async (jobs) => {
          for (const { data } of jobs) await handle({ ...data, lane });
        },
      );
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: 20_000 });
    },
  };
}
