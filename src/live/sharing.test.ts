import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createShares } from './sharing.ts';

/** Work that counts how often it is done. */
function counted(): { done: number; work: () => Promise<number> } {
  const counter = { done: 0, work: async () => (counter.done += 1) };
  return counter;
}

describe('what equal subscriptions share', () => {
  test('is done once, also when it is asked for again while it is under way', async () => {
    const shares = createShares();
    const [one, two] = [shares.join('a'), shares.join('a')];
    const counter = counted();

    assert.deepEqual(await Promise.all([one, two, one].map(({ once }) => once('event 1', counter.work))), [1, 1, 1]);
    assert.equal(await two.once('event 2', counter.work), 2);
  });

  test('is never given to another kind', async () => {
    const shares = createShares();
    const members = ['a', 'a', 'b', 'b'].map((kind) => shares.join(kind));

    const told = await Promise.all(members.map(({ once }, place) => once('event', async () => place)));

    assert.deepEqual(told, [0, 0, 2, 2]);
  });

  test('is not kept for one who is alone, nor for those who come when all have left', async () => {
    const shares = createShares();
    const counter = counted();
    const alone = shares.join('a');
    await alone.once('event', counter.work);
    await alone.once('event', counter.work);
    assert.equal(counter.done, 2);

    const other = shares.join('a');
    await other.once('event', counter.work);
    for (const share of [alone, other, other]) share.leave();
    const [next] = [shares.join('a'), shares.join('a')];
    assert.equal(await next?.once('event', counter.work), 4);
  });

  test('is tried again when it failed', async () => {
    const shares = createShares();
    const [one, two] = [shares.join('a'), shares.join('a')];

    const failing = [one, two].map(({ once }) =>
      once('event', () => Promise.reject(new Error('The database is away.'))),
    );
    for (const attempt of failing) await assert.rejects(attempt, /away/);

    assert.equal(await two.once('event', async () => 'well'), 'well');
  });

  test('is forgotten when much has come since', async () => {
    const shares = createShares({ most: 2, mostBytes: 10 });
    const [one] = [shares.join('a'), shares.join('a')];
    const counter = counted();
    for (let number = 0; number < 6; number += 1) await one?.once(`event ${number}`, counter.work);

    assert.equal(await one?.once('event 5', counter.work), 6);
    assert.equal(await one?.once('event 0', counter.work), 7);

    const more = async () => Buffer.from('more than ten bytes');
    for (const key of ['long', 'longer', 'longest']) await one?.once(key, more);
    assert.equal(await one?.once('long', async () => 'anew'), 'anew');
  });

  test('is forgotten after a moment', async () => {
    const shares = createShares({ keptMs: 1 });
    const [one] = [shares.join('a'), shares.join('a')];
    const counter = counted();
    await one?.once('event', counter.work);

    while ((await one?.once('event', counter.work)) === 1) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(counter.done, 2);
  });
});
