/** `npm run check`: all that can be known of Homeroom without running it. Two checks at a time, one line each. */
import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Check {
  name: string;
  command: string;
  args: readonly string[];
}

/** The slowest first, so that the short ones fill the gaps. */
const checks: readonly Check[] = [
  { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
  { name: 'types', command: 'tsc', args: ['--noEmit', '--project', '.'] },
  { name: 'schema.graphql', command: process.execPath, args: ['scripts/print-schema.ts'] },
  { name: 'printed pages', command: process.execPath, args: ['scripts/print-docs.ts'] },
  { name: 'unused code', command: 'knip', args: ['--no-progress', '--no-config-hints'] },
  { name: 'format', command: 'biome', args: ['check', '--error-on-warnings'] },
  { name: 'promises kept', command: process.execPath, args: ['scripts/breaking-changes.ts'] },
  { name: 'house rules', command: process.execPath, args: ['scripts/house-rules.ts'] },
];

interface Result extends Check {
  seconds: number;
  passed: boolean;
  output: string;
}

/** Runs one command to its end and keeps what it says. A command that cannot be started has failed. */
function run(check: Check): Promise<Result> {
  const began = performance.now();
  const tools = resolve(root, 'node_modules/.bin');
  // The tools ask for "node": they get the one that npm installed, whatever the system has.
  const env = { ...process.env, PATH: `${tools}${delimiter}${process.env.PATH ?? ''}` };
  const child = spawn(check.command, check.args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));

  return new Promise((done) => {
    const end = (passed: boolean) => done({ ...check, passed, output, seconds: (performance.now() - began) / 1000 });
    child.once('error', (error) => {
      output += `${error.message}\n`;
      end(false);
    });
    child.once('close', (code) => end(code === 0));
  });
}

const waiting = [...checks];
const failed: Result[] = [];

async function lane(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    const result = await run(check);
    const { name, passed, seconds } = result;
    process.stdout.write(`${passed ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)} ${seconds.toFixed(1).padStart(5)} s\n`);
    if (!passed) failed.push(result);
  }
}

await Promise.all([lane(), lane()]);
for (const { name, command, args, output } of failed) {
  const shown = [command === process.execPath ? 'node' : command, ...args].join(' ');
  process.stdout.write(`\n--- ${name}: ${shown}\n${output.trimEnd()}\n`);
}
if (failed.length > 0) process.exitCode = 1;
