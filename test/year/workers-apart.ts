/** Workers in a process of their own, so that one can be killed with `kill -9` in the middle of a window. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../src/simulators/district/random.ts';
import type { Simulator } from '../../src/simulators/kit/server.ts';
import type { Stage } from './stage.ts';
import { lead, type Workers } from './workers.ts';

/** The line on a worker's standard input by which it comes to know its place. */
export interface Place {
  database: unknown;
  /** In base64. */
  masterKey: string;
  allowedHosts: readonly string[];
  tenantId: string;
}

/** Every further line: which time it is, and whose runs are to be carried out. */
export interface Order {
  now: string;
  integrationId: string;
}

/** A sync of Edusign reads its four lists at least. */
const fewestCalls = 4;

const program = fileURLToPath(new URL('worker-process.ts', import.meta.url));

export async function workersApart(stage: Stage, random: Random): Promise<Workers> {
  const { homeroom, source, there, ids, clock } = stage;
  const place: Place = {
    database: homeroom.database.target,
    masterKey: homeroom.masterKey.toString('base64'),
    allowedHosts: [source.origin, source.keycloak.origin, there.origin].map((origin) => new URL(origin).host),
    tenantId: homeroom.school.tenant.id,
  };
  let worker = start(place);
  let deaths = 0;

  const kill = async () => {
    deaths += 1;
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
    worker = start(place);
  };

  /** Kills the worker when it has made so many calls. */
  const dieAt = async ({ journal }: Simulator, calls: number, integrationId: string) => {
    const work = Promise.race([order(worker, clock.now(), integrationId), once(worker, 'exit')]);
    const seen = new Set<number>();
    await journal.waitFor(({ number }) => seen.add(number).size >= calls, { timeoutMs: 120_000 });
    await kill();
    await work;
  };

  return {
    window: async (dies) => {
      const first = dies && random.chance(0.2);
      if (first) await dieAt(source, 1, ids.source);
      await order(worker, clock.now(), ids.source);
      clock.advance(lead);
      if (dies && !first) await dieAt(there, 1 + random.int(fewestCalls), ids.there);
      await order(worker, clock.now(), ids.there);
    },
    deaths: () => deaths,
    end: async () => {
      worker.stdin?.end();
      if (worker.exitCode === null) await once(worker, 'exit');
    },
  };
}

function start(place: Place): ChildProcess {
  const worker = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  worker.stdin?.on('error', () => undefined);
  worker.stdin?.write(`${JSON.stringify(place)}\n`);

  return worker;
}

/** Has an integration's work done; resolves once the worker says so. */
async function order(worker: ChildProcess, now: Date, integrationId: string): Promise<void> {
  worker.stdin?.write(`${JSON.stringify({ now: now.toISOString(), integrationId } satisfies Order)}\n`);
  if (worker.stdout) await once(worker.stdout, 'data');
}
