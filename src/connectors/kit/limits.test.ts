import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Bucket, bucketOf, makeQuotas, type TakeCalls } from './limits.ts';

/** A world with its own clock (milliseconds) in which pauses take no time, and the bucket that all processes share. */
function world() {
  const state = { now: 0, asked: 0, tokens: new Map<string, { left: number; at: number }>() };
  const takeCalls: TakeCalls = async (name, want, { capacity, perSecond }) => {
    state.asked += 1;
    const { left, at } = state.tokens.get(name) ?? { left: capacity, at: state.now };
    const after = Math.min(capacity, left + ((state.now - at) / 1_000) * perSecond) - want;
    state.tokens.set(name, { left: after, at: state.now });
    return { granted: want, waitMs: after >= 0 ? 0 : (-after / perSecond) * 1_000 };
  };
  const limit = { name: 'calls', per: 'user', source: 'https://provider.example/limits' };
  const open = (calls: number, seconds: number) =>
    makeQuotas({
      limits: [{ ...limit, calls, seconds }],
      quotaKeys: { user: 'ann' },
      takeCalls,
      sleep: async (ms) => void (state.now += ms),
      monotonic: () => state.now,
    });
  return { state, open };
}

const signal = new AbortController().signal;

/** The most that happened within any window of this length. */
function mostWithin(times: readonly number[], milliseconds: number): number {
  return Math.max(0, ...times.map((from) => times.filter((time) => time >= from && time < from + milliseconds).length));
}

describe('a quota', () => {
  test('as a bucket allows 98 % of its calls: a twentieth when full, the rest as time goes', () => {
    const of = (calls: number, seconds: number): Bucket & { most: number } => {
      const { keeps, ...bucket } = bucketOf({ calls, seconds });
      return { ...bucket, most: bucket.capacity + bucket.perSecond * (seconds + keeps / 1_000) };
    };
    assert.equal(of(600, 60).capacity, 30);
    for (const [calls, seconds] of [
      [600, 60],
      [100, 100],
      [10, 1],
      [3, 86_400],
      [2, 1],
    ] as const) {
      assert.ok(Math.abs(of(calls, seconds).most - calls * 0.98) < 1e-9, `${calls} in ${seconds}`);
    }
    assert.ok(of(1, 1).most < 2, 'of one call, that one');
  });

  test('of a minute or longer is used to nine tenths by whoever has enough to do', () => {
    for (const [calls, seconds] of [
      [1_200, 60],
      [3_000, 60],
      [2_400, 60],
      [4_000_000, 86_400],
    ] as const) {
      const share = (bucketOf({ calls, seconds }).perSecond * seconds) / calls;
      assert.ok(share >= 0.9, `${calls} in ${seconds} s: ${share}`);
    }
  });

  test('is never overdrawn, whatever the pace and however many processes draw', async () => {
    const pace = fc.array(fc.nat({ max: 400 }), { minLength: 30, maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 3 }),
        pace,
        async (calls, seconds, processes, pauses) => {
          const { state, open } = world();
          const doors = Array.from({ length: processes }, () => open(calls, seconds));
          const times: number[] = [];
          for (const [place, pause] of pauses.entries()) {
            state.now += pause;
            await doors[place % processes]?.take('/', signal);
            times.push(state.now);
          }
          const most = mostWithin(times, seconds * 1_000);
          assert.ok(most <= Math.max(1, calls * 0.98), `${most} of ${calls} in ${seconds} s`);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('asks for several calls at once while they are used, and for one when they were not', async () => {
    const { state, open } = world();
    const quotas = open(2_000, 60);
    for (let call = 0; call < 100; call += 1) await quotas.take('/', signal);
    assert.ok(state.asked <= 14, `${state.asked} times`);

    state.now += 5_000;
    const before = state.tokens.get('calls/ann')?.left ?? 0;
    await quotas.take('/', signal);
    const after = state.tokens.get('calls/ann')?.left ?? 0;
    assert.ok(after >= before - 1, 'one call was drawn');
  });

  test('counts only calls of its paths', async () => {
    const { state } = world();
    const quotas = makeQuotas({
      limits: [{ name: 'v1', calls: 10, seconds: 1, per: 'user', paths: ['/v1/'], source: '' }],
      quotaKeys: { user: 'ann' },
      takeCalls: async () => ({ granted: ++state.asked, waitMs: 0 }),
    });
    await quotas.take('/v2/courses', signal);
    assert.equal(state.asked, 0);
    await quotas.take('/v1/courses', signal);
    assert.equal(state.asked, 1);
  });

  test('serves those who wait even when the one who draws for them is told to stop', async () => {
    const first = new AbortController();
    const reason = new Error('Enough.');
    const held = Promise.withResolvers<{ granted: number; waitMs: number }>();
    let asked = 0;
    const quotas = makeQuotas({
      limits: [{ name: 'calls', calls: 10, seconds: 1, per: 'user', source: '' }],
      quotaKeys: { user: 'ann' },
      takeCalls: () => (++asked === 1 ? held.promise : Promise.resolve({ granted: 1, waitMs: 0 })),
    });
    const stopped = quotas.take('/', first.signal);
    const served = quotas.take('/', signal);
    first.abort(reason);
    held.resolve({ granted: 1, waitMs: 3_600_000 });
    await assert.rejects(stopped, (error) => error === reason);
    await served;
    assert.equal(asked, 2);
  });

  test('lets one who waits for another’s drawing go when told', async () => {
    const held = Promise.withResolvers<{ granted: number; waitMs: number }>();
    const quotas = makeQuotas({
      limits: [{ name: 'calls', calls: 10, seconds: 1, per: 'user', source: '' }],
      quotaKeys: { user: 'ann' },
      takeCalls: () => held.promise,
    });
    const stop = new AbortController();
    const drawing = quotas.take('/', signal);
    const waiting = quotas.take('/', stop.signal);
    stop.abort(new Error('Enough.'));
    await assert.rejects(waiting, /Enough/);
    held.resolve({ granted: 1, waitMs: 0 });
    await drawing;
  });

  test('without a key for whom it is counted is a mistake of the connector', () => {
    const limits = [{ name: 'calls', calls: 10, seconds: 1, per: 'project', source: '' }];
    const takeCalls = async () => ({ granted: 1, waitMs: 0 });
    assert.throws(() => makeQuotas({ limits, quotaKeys: { user: 'ann' }, takeCalls }), TypeError);
  });
});
