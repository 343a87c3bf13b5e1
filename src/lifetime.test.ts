import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that takes over its own end, says what it closes, and goes on until it is ended. */
async function start(
  body: string,
  oneKeyPress = 1_000,
): Promise<{ child: ChildProcess; said: () => string; ended: Promise<unknown[]> }> {
  const script = `
    import { takeLifetime } from ${JSON.stringify(import.meta.resolve('./lifetime.ts'))};
    const say = (words) => process.stdout.write(words + '\\n');
    const log = { info: (_, m) => say(m), error: (o, m) => say(m + ': ' + o.part), fatal: (_, m) => say(m) };
    const lifetime = takeLifetime({ log, patience: 20_000, oneKeyPress: ${oneKeyPress} });
    const part = (name) => lifetime.onEnd(name, async () => say('closed ' + name));
    setInterval(() => undefined, 1000);
    ${body}
    say('up');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  const ended = once(child, 'close');
  while (!text.includes('up\n')) await Promise.race([once(child.stdout, 'data'), ended]);
  return { child, said: () => text.replace(/^up\n/m, ''), ended };
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} closes everything, the last opened first, and ends well`, async () => {
    const { child, said, ended } = await start(`part('database'); part('server');`);
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(said(), 'stopping\nclosed server\nclosed database\n');
  });
}

test('a part that cannot be closed does not keep the others open, and is told', async () => {
  const { child, said, ended } = await start(
    `part('database'); lifetime.onEnd('server', async () => { throw new Error('stuck'); });`,
  );
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [1, null]);
  assert.equal(said(), 'stopping\ncould not close cleanly: server\nclosed database\n');
});

test('a second signal ends at once what does not end', async () => {
  const { child, said, ended } = await start(
    `
    part('database');
    lifetime.onEnd('server', () => { say('closing'); return new Promise(() => undefined); });`,
    0,
  );
  child.kill('SIGINT');
  while (!said().includes('closing')) await once(child.stdout ?? child, 'data');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [130, null]);
});

test('one Ctrl-C that arrives twice, from the terminal and from npm, is one wish', async () => {
  const { child, said, ended } = await start(`
    lifetime.onEnd('server', () => new Promise((done) => { process.once('SIGUSR2', done); say('closing'); }));`);
  child.kill('SIGINT');
  while (!said().includes('closing')) await once(child.stdout ?? child, 'data');
  child.kill('SIGINT');
  child.kill('SIGUSR2');
  assert.deepEqual(await ended, [0, null]);
});

test('what takes too long to close is given up', async () => {
  const { child, said, ended } = await start(`
    const short = takeLifetime({ log, patience: 30 });
    short.onEnd('server', () => new Promise(() => undefined));
    process.removeAllListeners('SIGTERM').on('SIGTERM', () => void short.end(0));`);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [1, null]);
  assert.equal(said(), 'could not stop in time\n');
});

for (const [what, body] of [
  ['an exception', `setImmediate(() => { throw new Error('bug'); });`],
  ['a rejection', `setImmediate(() => void Promise.reject(new Error('bug')));`],
] as const) {
  test(`${what} nobody caught closes everything and ends badly`, async () => {
    const { said, ended } = await start(`part('database'); ${body}`);
    assert.deepEqual(await ended, [1, null]);
    assert.equal(said(), 'an error nobody expected\nclosed database\n');
  });
}

test('work that is done ends the process with its own exit code', async () => {
  const { said, ended } = await start(`part('database'); setImmediate(() => void lifetime.end(3));`);
  assert.deepEqual(await ended, [3, null]);
  assert.equal(said(), 'closed database\n');
});
