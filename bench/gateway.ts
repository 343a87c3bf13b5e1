/** The product as a stranger runs it, in a process of its own, with a key for one tenant. */
import type { Target } from '../src/db/client.ts';
import { runCommand, startGateway } from '../test/harness/gateway.ts';
import { addressOf } from '../test/harness/server.ts';
import { profiling } from './child.ts';
import type { Bench } from './context.ts';

export interface Gateway {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  readonly pid: number;
  readonly key: string;
}

/** What a caller may spend and hold open is raised: a figure is not to measure the refusals. */
const caps = {
  POINTS_PER_CALLER: '1000000',
  POINTS_PER_TENANT: '1000000',
  CONNECTIONS_PER_CALLER: '1000000',
  CONNECTIONS_PER_TENANT: '1000000',
};

/** `homeroom serve --no-worker` on this database, until the bench ends. */
export async function openGateway(bench: Bench, target: Target, tenantId: string): Promise<Gateway> {
  const home = { dataDir: bench.dir, databaseUrl: addressOf(target), allowedHosts: [] };
  const made = await runCommand(home, ['api-key', 'create', '--tenant', tenantId]);
  const key = /^key\s+(\S+)/m.exec(made)?.[1] ?? '';
  const { url, pid, end } = await startGateway({ ...home, env: { ...profiling(bench.options.profile), ...caps } }, [
    'serve',
    '--no-worker',
  ]);
  bench.onEnd(async () => void (await end()));

  return { url, pid, key };
}
