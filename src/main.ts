/** The one place that wires: the settings, the database, the server, and how it all ends. */
import { existsSync, readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { inspect } from 'node:util';
import type { Process } from './commands/parts.ts';

const oldestNode = 24;
if (Number.parseInt(process.versions.node, 10) < oldestNode) {
  process.stderr.write(
    `Homeroom needs Node ${oldestNode} or newer; this is ${process.version}. ` +
      'npm installs one with it: run "npm ci" without --omit=optional, then "npm start".\n',
  );
  process.exit(1);
}
enableCompileCache();

// Only now, for an older Node could not even read them; and they come from the cache.
const [
  { Command, Option },
  { ConfigError, loadMasterKey, readConfig },
  { loadTrustedDocuments },
  { createLog },
  { DatabaseError },
  { openDatabase },
  { takeLifetime },
  { readTracingSettings, TracingMisconfigured, tracingWanted },
] = await Promise.all([
  import('commander'),
  import('./config.ts'),
  import('./config/trusted-documents.ts'),
  import('./log.ts'),
  import('./db/error.ts'),
  import('./db/open.ts'),
  import('./lifetime.ts'),
  import('./telemetry/tracing-settings.ts'),
]);

const program = new Command('homeroom')
  .description('Connects the systems a school runs on, kept in step through one live GraphQL API.')
  .showHelpAfterError()
  .addHelpText('after', '\nSettings are read from the environment and from .env: see .env.example.');

program
  .command('serve', { isDefault: true })
  .description('serve the API and carry out syncs, until told to stop')
  .option('--no-worker', 'serve only: other processes run "homeroom worker"')
  .action((options: { worker: boolean }) =>
    run(async (process) => {
      const [{ openGateway, openWorker }, { openMetrics }] = await Promise.all([
        import('./commands/parts.ts'),
        import('./commands/metrics.ts'),
      ]);
      await process.database.migrate();
      const metrics = await openMetrics(process);
      if (options.worker) await openWorker(process);
      const { url } = await openGateway(process, { metrics });
      process.log.info({ url }, `Homeroom is ready: ${url}`);
      return null;
    }),
  );

program
  .command('worker')
  .description('carry out syncs only, beside processes that serve')
  .action(() =>
    run(async (process) => {
      const [{ openWorker }, { openMetrics, serveMetrics }] = await Promise.all([
        import('./commands/parts.ts'),
        import('./commands/metrics.ts'),
      ]);
      await process.database.migrate();
      const metrics = await openMetrics(process);
      await serveMetrics(process, metrics);
      await openWorker(process);
      return null;
    }),
  );

program
  .command('migrate')
  .description('bring the database up to date, and end')
  .action(() =>
    run(async ({ database, log }) => {
      await database.migrate();
      log.info('the database is up to date');
      return 0;
    }),
  );

program
  .command('demo')
  .description('watch a simulated district travel from its SIS through Homeroom into Google Classroom')
  .addOption(
    new Option('--size <size>', 'how large the district is').choices(['small', 'district', 'large']).default('small'),
  )
  .option('--once', 'end after the summary, with exit code 0 when all went well', false)
  .option('--seed <seed>', 'the same seed makes the same district', 'homeroom')
  .option('--port <port>', 'listen here instead of PORT', Number)
  .action((options) =>
    run(async (process) => {
      const { demo } = await import('./commands/demo.ts');
      return demo(process, options, globalThis.process.stdout);
      // The screen tells the story; what the parts say of themselves matters only when something is wrong.
    }, true),
  );

const apiKey = program.command('api-key').description('make and revoke keys that callers of the API carry');

apiKey
  .command('create')
  .description('make a key and print it once')
  .option('--tenant <id>', 'the tenant it is for')
  .option('--new-tenant <name>', 'make a new tenant of this name for it')
  .option('--new-school <name...>', 'also make schools of these names', [])
  .option('--name <name>', 'who or what uses it', 'command line')
  .option('--scopes <scope...>', 'what it may do', [
    'roster:read',
    'roster:write',
    'sync:run',
    'sync:approve',
    'integration:admin',
    'tenant:admin',
    'pii:read',
  ])
  .option('--days <number>', 'how long it is good for, at most a year', Number, 365)
  .action((options) =>
    run(async (process) => {
      const { createKey } = await import('./commands/api-key.ts');
      await process.database.migrate();
      return createKey(process, options, globalThis.process.stdout);
    }),
  );

apiKey
  .command('revoke')
  .description('end a key, everywhere, within ten seconds')
  .argument('<key>', 'the key, its first part (hr_live_Ab3dEf9h) or its id')
  .action((key: string) =>
    run(async (process) => {
      const { revokeKey } = await import('./commands/api-key.ts');
      await process.database.migrate();
      return revokeKey(process, key, globalThis.process.stdout);
    }),
  );

try {
  await program.parseAsync();
} catch (error) {
  tell(error);
  process.exitCode = 1;
}

/**
 * Runs a command on an open database and ends the process: with the exit code the command answers, or 1 when it fails.
 * A command that serves answers null and goes on until a signal. A quiet one logs warnings and errors only.
 */
async function run(command: (process: Process) => Promise<number | null>, quiet = false): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile();
  const config = readConfig(process.env);
  const log = createLog({
    level: quiet ? 'warn' : config.logLevel,
    stream: process.stderr,
    pretty: process.stderr.isTTY,
  });
  const lifetime = takeLifetime({ log });
  try {
    if (tracingWanted(process.env)) {
      const settings = readTracingSettings(process.env);
      const { startTracing } = await import('./telemetry/tracing.ts');
      const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
        version: string;
      };
      const tracing = await startTracing(settings, version);
      lifetime.onEnd('tracing', () => tracing.close());
    }
    const database = await openDatabase({
      ...config.database,
      dataDir: config.dataDir,
      log,
      onLost: () => void lifetime.end(1),
    });
    lifetime.onEnd('database', () => database.close());
    const masterKey = () => loadMasterKey(config);
    const trustedDocuments = () => loadTrustedDocuments(config);
    const exitCode = await command({ config, log, lifetime, database, masterKey, trustedDocuments });
    if (exitCode !== null) await lifetime.end(exitCode);
  } catch (error) {
    tell(error);
    await lifetime.end(1);
  }
}

/** Our own errors say all there is to say; of any other its origin is wanted. */
function tell(error: unknown): void {
  const ours = [ConfigError, DatabaseError, TracingMisconfigured];
  const known = error instanceof Error && ours.some((kind) => error instanceof kind);
  const { code, port } = error as { code?: string; port?: number };
  const taken = `Port ${port} is taken by another process: choose another with PORT.`;
  process.stderr.write(`${known ? error.message : code === 'EADDRINUSE' ? taken : inspect(error)}\n`);
}
