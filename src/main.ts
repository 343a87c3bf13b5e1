/** The one place that wires: the settings, the database, the server, and how it all ends. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { inspect } from 'node:util';
import type { Config } from './config.ts';
import type { Database } from './db/open.ts';
import type { Lifetime } from './lifetime.ts';
import type { Logger } from './log.ts';

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
const [{ Command }, { ConfigError, readConfig }, { createLog }, { DatabaseError }, { openDatabase }, { takeLifetime }] =
  await Promise.all([
    import('commander'),
    import('./config.ts'),
    import('./log.ts'),
    import('./db/error.ts'),
    import('./db/open.ts'),
    import('./lifetime.ts'),
  ]);

const program = new Command('homeroom')
  .description('Connects the systems a school runs on, kept in step through one live GraphQL API.')
  .showHelpAfterError();

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

try {
  await program.parseAsync();
} catch (error) {
  tell(error);
  process.exitCode = 1;
}

/** What every command works with. The end closes the database, and before it what the command gives to `onEnd`. */
interface Process {
  readonly config: Config;
  readonly log: Logger;
  readonly lifetime: Lifetime;
  readonly database: Database;
}

/**
 * Runs a command on an open database and ends the process: with the exit code the command answers, or 1 when it fails.
 * A command that serves answers null and goes on until a signal.
 */
async function run(command: (process: Process) => Promise<number | null>): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile();
  const config = readConfig(process.env);
  const log = createLog({ level: config.logLevel, stream: process.stderr, pretty: process.stderr.isTTY });
  const lifetime = takeLifetime({ log });
  try {
    const database = await openDatabase({
      ...config.database,
      dataDir: config.dataDir,
      log,
      onLost: () => void lifetime.end(1),
    });
    lifetime.onEnd('database', () => database.close());
    const exitCode = await command({ config, log, lifetime, database });
    if (exitCode !== null) await lifetime.end(exitCode);
  } catch (error) {
    tell(error);
    await lifetime.end(1);
  }
}

/** Our own errors say all there is to say; of any other its origin is wanted. */
function tell(error: unknown): void {
  const known = error instanceof ConfigError || error instanceof DatabaseError;
  process.stderr.write(`${known ? error.message : inspect(error)}\n`);
}
