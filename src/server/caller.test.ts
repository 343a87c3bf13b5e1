import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startWatch } from './caller.ts';

describe('the watch over what is open', () => {
  it('ends what has lost its right, also beside somebody who cannot be asked about', async () => {
    const warned: unknown[] = [];
    const watch = startWatch(1, { warn: (...told: unknown[]) => void warned.push(told) });
    const lost = Promise.withResolvers<void>();
    watch.add({ stillAllowed: () => Promise.reject(new Error('The database is away.')) }, () =>
      assert.fail('nobody knows that'),
    );
    watch.add({ stillAllowed: async () => true }, () => assert.fail('this one may stay'));
    const stop = watch.add({ stillAllowed: async () => false }, lost.resolve);

    await lost.promise;
    stop();
    watch.close();
    assert.ok(warned.length > 0);
  });

  it('asks about a hundred at a time, and begins no second round before the first is over', async ({ mock }) => {
    mock.timers.enable({ apis: ['setInterval'] });
    const watch = startWatch(1, { warn: (...told: unknown[]) => assert.fail(JSON.stringify(told)) });
    const all = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    let asked = 0;
    for (let number = 0; number < 250; number += 1) {
      const stillAllowed = () => {
        asked += 1;
        if (asked === 250) all.resolve();
        return answer.promise;
      };
      watch.add({ stillAllowed }, () => assert.fail('all may stay'));
    }

    mock.timers.tick(3);
    assert.equal(asked, 100);
    answer.resolve(true);
    await all.promise;
    watch.close();
  });
});
