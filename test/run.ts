/**
 * `npm test`: every test file in a process of its own, three at a time, all on one database server that lives as long as
 * the run. `npm test -- --help` lists the options.
 */
import { statSync } from 'node:fs';
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { startTestServer, testServerVariable } from './harness/server.ts';

const usage = `Usage: npm test -- [options] [files]

  files                          test files, folders of them, or patterns; all when left out
  --test-name-pattern <pattern>  only tests whose title matches; may be given several times
  --timeout <seconds>            for a file and for each test in it (default 800)
  --concurrency <number>         files at a time (default 3)

DATABASE_URL: a PostgreSQL server to test on (its login makes databases and roles) instead of an embedded one.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'test-name-pattern': { type: 'string', multiple: true, default: [] },
    timeout: { type: 'string', default: '800' },
    concurrency: { type: 'string', default: '3' },
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
  const files = inOrder(await Array.fromAsync(glob(patterns)));
  if (files.length === 0) {
    process.stderr.write(`No test file matches ${patterns.join(', ')}.\n`);
    return 1;
  }
  const server = await startTestServer({ databaseUrl: process.env.DATABASE_URL });
  // Hundreds of processes load the same files: compiled once for all, each begins half a second earlier.
  const compiled = await mkdtemp(join(tmpdir(), 'homeroom-compiled-'));
  process.env.NODE_COMPILE_CACHE = compiled;
  try {
    const { admin, template } = server;
    return await runFiles(files, JSON.stringify({ admin, template } satisfies Omit<typeof server, 'stop'>));
  } finally {
    await server.stop();
    await rm(compiled, { recursive: true, force: true });
  }
}

/** Journeys of whole processes first, the year before all others: one that takes minutes must not be the last to begin. */
function inOrder(files: readonly string[]): string[] {
  return files.toSorted().toReversed();
}

/** Node's own runner does the work and prints the result. Resolves with an exit code. */
async function runFiles(files: readonly string[], server: string): Promise<number> {
  process.env[testServerVariable] = server;
  const stop = new AbortController();
  // Ours must not end us before the clean-up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  let failed = false;
  const results = run({
    files: [...files],
    concurrency: Number(values.concurrency),
    timeout: Number(values.timeout) * 1000,
    testNamePatterns: values['test-name-pattern'],
    signal: stop.signal,
    // With compilers of their own threads some of the hundreds would wait for ever at their end: see src/lifetime.ts.
    execArgv: ['--no-concurrent-recompilation'],
  });
  results.on('test:fail', ({ todo }) => {
    failed ||= todo === undefined;
  });
  const report = results.compose(spec);
  report.pipe(process.stdout);
  await finished(report);

  return failed || stop.signal.aborted ? 1 : 0;
}
