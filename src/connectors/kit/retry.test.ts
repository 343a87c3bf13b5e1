import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Refused, Unwell, Wait } from './errors.ts';
import { type Patience, sleep, withRetries } from './retry.ts';

const now = new Date('2026-09-01T08:00:00Z');
const facts = { code: 'c', message: 'm', remedy: 'r' };
const unwell = () => new Unwell(facts);
const waitFor = (ms: number) => new Wait({ ...facts, until: new Date(now.getTime() + ms) });

/** Runs a call that fails with these errors in turn and then answers; tells how long was paused between. */
async function run(errors: readonly Error[], options: Partial<Patience> = {}) {
  const pauses: number[] = [];
  let calls = 0;
  const patience = {
    clock: { now: () => now },
    signal: new AbortController().signal,
    random: () => 1,
    sleep: async (ms: number) => void pauses.push(ms),
    ...options,
  };
  const result = await withRetries(async () => {
    calls += 1;
    const error = errors[calls - 1];
    if (error) throw error;
    return 'answer';
  }, patience).catch((error: unknown) => error);
  return { result, calls, pauses };
}

describe('trying again', () => {
  test('pauses longer each time, up to a bound', async () => {
    const errors = Array.from({ length: 7 }, unwell);
    const { result, pauses } = await run(errors, { attempts: 8 });
    assert.equal(result, 'answer');
    assert.deepEqual(pauses, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  test('pauses by chance, anywhere from nothing to the full pause', async () => {
    const { pauses } = await run([unwell(), unwell(), unwell()], { random: () => 0.25 });
    assert.deepEqual(pauses, [250, 500, 1_000]);
  });

  test('gives up after the last attempt with the last error', async () => {
    const errors = Array.from({ length: 5 }, unwell);
    const { result, calls } = await run(errors, { attempts: 3 });
    assert.equal(result, errors[2]);
    assert.equal(calls, 3);
  });

  test('repeats nothing but what may pass by itself', async () => {
    for (const error of [new Refused(facts), new TypeError('mistake')]) {
      const { result, calls } = await run([error]);
      assert.equal(result, error);
      assert.equal(calls, 1);
    }
  });

  test('waits as long as the provider asks, and at least as long as it would have anyway', async () => {
    const { result, pauses } = await run([waitFor(58_000), waitFor(-5_000), waitFor(10)]);
    assert.equal(result, 'answer');
    assert.deepEqual(pauses, [58_000, 2_000, 4_000]);
  });

  test('hands a wait that is too long to whoever can come back later', async () => {
    const error = waitFor(60_001);
    const { result, calls } = await run([error]);
    assert.equal(result, error);
    assert.equal(calls, 1);
  });

  test('ends with the reason of the signal, before a call and in the middle of a pause', async () => {
    const reason = new Error('Enough.');
    assert.equal((await run([], { signal: AbortSignal.abort(reason) })).result, reason);

    const stop = new AbortController();
    const pause = withRetries(() => Promise.reject(unwell()), {
      clock: { now: () => now },
      signal: stop.signal,
      sleep: (ms, signal) => {
        queueMicrotask(() => stop.abort(reason));
        return sleep(ms + 3_600_000, signal);
      },
    });
    await assert.rejects(pause, (error) => error === reason);
  });
});
