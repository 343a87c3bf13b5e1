/** The demo in this process: the same gateway and worker as `serve`, with a simulated district around them. */
import { asTenant } from '../db/client.ts';
import { runDemo } from '../demo/demo.ts';
import type { DemoOptions } from '../demo/options.ts';
import type { Output } from '../demo/screen.ts';
import { systemClock } from '../model/clock.ts';
import { scopes } from '../model/identity.ts';
import { createApiKey } from '../server/api-keys.ts';
import { openGateway, openWorker, type Process } from './parts.ts';

export interface DemoCommand {
  size: DemoOptions['size'];
  seed: string;
  once: boolean;
  port?: number;
}

/** Runs until a signal, or with `once` until the summary; answers the exit code. */
export async function demo(process: Process, command: DemoCommand, out: Output): Promise<number> {
  const { config, database, lifetime } = process;
  await database.migrate();
  const app = await database.pool('app', { max: 2, name: 'demo' });

  return runDemo({
    size: command.size,
    seed: command.seed,
    once: command.once,
    out,
    clock: systemClock,
    now: () => performance.now(),
    app,
    async createKey(tenantId) {
      const identity = { tenantId, schoolIds: null, actor: 'demo' };
      const wanted = { tenantId, name: 'Demo', scopes, schoolIds: null, environment: 'demo' };
      const { key } = await asTenant(app, identity, (tx) => createApiKey(tx, wanted, systemClock));
      return key;
    },
    async serve({ allowedHosts, graphiql }) {
      const port = command.port ?? config.port;
      const hosts = [...config.allowedHosts, ...allowedHosts];
      const own: Process = { ...process, config: { ...config, port, allowedHosts: hosts } };
      await openWorker(own);
      return openGateway(own, { graphiql });
    },
    onEnd: (name, close) => lifetime.onEnd(name, close),
  });
}
