/**
 * `npm test`: every test file in a process of its own, two at a time, all on one database server that lives as long as
 * the run. `npm test -- --help` lists the options.
 */
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestServer, testServerVariable } from './harness/server.ts';

const usage = `Usage: npm test -- [options] [files]

  files                          test files, folders of them, or patterns; all when left out
  --test-name-pattern <pattern>  only tests whose title matches; may be given several times
  --timeout <seconds>            for a file and for each test in it (default 420)
  --concurrency <number>         files at a time (default 2)

DATABASE_URL: a PostgreSQL server to test on (its login makes databases and roles) instead of an embedded one.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'test-name-pattern': { type: 'string', multiple: true, default: [] },
    timeout: { type: 'string', default: '420' },
    concurrency: { type: 'string', default: '2' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(usage);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const patterns = (positionals.length > 0 ? positionals : ['src', 'test']).map((given) =>
    statSync(given, { throwIfNoEntry: false })?.isDirectory() ? join(given, '**/*.test.ts') : given,
  );
  const files = (await Array.fromAsync(glob(patterns))).sort();
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${patterns.join(', ')}.\n`);
    return 1;
  }
  const server = await startTestServer({ databaseUrl: process.env.DATABASE_URL });
  try {
    const { admin, template } = server;
    return await runFiles(files, JSON.stringify({ admin, template } satisfies Omit<typeof server, 'stop'>));
  } finally {
    await server.stop();
  }
}

/** Node's own runner does the work and prints the result. Resolves with its exit code. */
function runFiles(files: readonly string[], server: string): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      `--test-concurrency=${values.concurrency}`,
      `--test-timeout=${Number(values.timeout) * 1000}`,
      ...values['test-name-pattern'].map((pattern) => `--test-name-pattern=${pattern}`),
      ...files,
    ],
    { stdio: 'inherit', env: { ...process.env, [testServerVariable]: server } },
  );
  // The terminal sends Ctrl-C to both of us; ours only must not end us before the clean-up.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  });
}
