/** Stretches of a plan that go into one commit together: each of them is carried out, not only the first. */
import assert from 'node:assert/strict';
import { after, before, it, mock } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { type MemorySource, memorySource } from '../../test/harness/memory.ts';

let world: TestEngine;
let sis: MemorySource;
before(async () => {
  sis = memorySource();
  world = await testEngine([sis.connector]);
});
after(() => world.database.drop());

it('makes every record when the database is so quick that several stretches fit a commit', async () => {
  // Nothing takes any time, so that the pace doubles after each commit.
  const stopped = mock.method(performance, 'now', () => 0);
  try {
    const people = Array.from({ length: 9500 }, (_, index) => ({
      id: `p${String(index).padStart(4, '0')}`,
      givenName: 'P',
      familyName: String(index),
      role: 'student',
    }));
    sis.people = people;
    const integrationId = await world.connect(sis.connector.id, {}, {});
    const first = await world.sync(integrationId);
    assert.deepEqual([first.status, first.created, await active()], ['SUCCEEDED', 9500, 9500]);
    const entries = await world.log(first.id);
    assert.deepEqual(
      entries.map(({ size, details }) => [size, details]),
      Array.from({ length: 10 }, (_, index) => [index < 9 ? 1000 : 500, { made: index < 9 ? 1000 : 500, waiting: 0 }]),
    );
  } finally {
    stopped.mock.restore();
  }
});

async function active(): Promise<number> {
  const [row] = await world.write(
    (tx) => tx<{ n: number }[]>`
      select count(*)::int as n from person r where r.status = 'ACTIVE'
        and exists (select from link l where l.record_id = r.id and l.state = 'LINKED')`,
  );

  return row?.n ?? 0;
}
