/**
 * The eight laws over random worlds. fast-check prints the seed and the path of a case that breaks one; see `test-laws.ts` for how it
 * is tried again. The long version: `npm run laws -- --runs 1000`.
 */
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import fc from 'fast-check';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { Refused, SignInNeeded } from '../connectors/kit/errors.ts';
import type { Resolution } from '../model/sync.ts';
import { contentHash } from '../model/values.ts';
import { tellHomeroom } from './scenarios/test-homeroom.ts';
import { law, lawRuns } from './scenarios/test-laws.ts';
import { deeds, doDeed, seeds, settle, worldFrom } from './scenarios/test-lives.ts';
import { putUp, type Seen, type Stage, takeStep } from './scenarios/test-teller.ts';
import { say, tellBoard } from './scenarios/test-words.ts';

const answers: fc.Arbitrary<Resolution[]> = fc.array(
  fc.constantFrom<Resolution>('ACCEPT_EXTERNAL', 'PUSH_LOCAL', 'IGNORE'),
  { minLength: 1, maxLength: 3 },
);
const born = fc.constantFrom('register' as const, 'homeroom' as const);
const lives = fc.record({ seed: seeds, born, deeds: fc.array(deeds, { maxLength: 8 }), answers });

describe('over random worlds', { concurrency: 2 }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  law(
    'what is applied is not planned again, and nothing is written when nothing changed (L1, L2); all has a reason (L7)',
    fc.asyncProperty(lives, async (life) => {
      const stage = await putUp(worldFrom(life.seed, life.born), database);
      for (const deed of life.deeds) await doDeed(stage, deed);
      await settle(stage, life.answers, hasReasons);
      await conflictsHaveReasons(stage);
      const written = [...stage.outsides.board.journal];
      for (const name of stage.ids.keys()) {
        const seen = await takeStep(stage, { when: 'Once more.', sync: name, mode: 'FULL' });
        assert.deepEqual([seen.ends, seen.log.filter((line) => !line.startsWith('SKIPPED'))], ['SUCCEEDED', []]);
      }
      assert.deepEqual(stage.outsides.board.journal, written);
    }),
  );

  const touched = fc.constantFrom('nobody', 'here', 'there', 'both', 'alike' as const);
  law(
    'a change on one side is never lost, except where the other side owns the value, and then the log says so (L3)',
    fc.asyncProperty(
      fc.record({ familyName: touched, phone: touched, username: touched }),
      fc.array(fc.record({ familyName: touched, phone: touched, username: touched }), { maxLength: 3 }),
      async (first, others) => {
        const touches = [first, ...others];
        const words = Object.fromEntries(touches.map((_, index) => [`p${index}`, `Pim Base${index}, teacher`]));
        const stage = await putUp(
          { homeroom: { people: words }, board: { people: words }, synced: ['board'] },
          database,
        );
        for (const [index, touch] of touches.entries()) await touchBothSides(stage, `p${index}`, touch);
        const seen = await takeStep(stage, { when: 'A sync.', sync: 'board' });
        for (const [index, touch] of touches.entries()) await nothingIsLost(stage, `p${index}`, touch, seen);
      },
    ),
  );

  law(
    'swapping the sides of what both own swaps who writes, and nothing else (L5)',
    fc.asyncProperty(fc.array(touched, { minLength: 1, maxLength: 4 }), async (touches) => {
      const words = Object.fromEntries(touches.map((_, index) => [`p${index}`, `Pim ${index}, teacher`]));
      const told: string[][] = [];
      for (const swapped of [false, true]) {
        const stage = await putUp(
          { homeroom: { people: words }, board: { people: words }, synced: ['board'] },
          database,
        );
        for (const [index, touch] of touches.entries()) {
          const side = swapped && touch === 'here' ? 'there' : swapped && touch === 'there' ? 'here' : touch;
          await touchBothSides(stage, `p${index}`, { phone: side });
        }
        const seen = await takeStep(stage, { when: 'A sync.', sync: 'board' });
        const lines = [
          ...seen.log.map((line) => line.split(':').slice(0, 2).join(':')),
          ...seen.asks.map((ask) => ask.split(':')[0] ?? ''),
        ];
        const sides = swapped ? lines.map((line) => line.replace(/\.(update|accept) /, swapVerb)) : lines;
        told.push(sides.map((line) => line.replaceAll(/Here|There/g, 'said')).toSorted());
      }
      assert.deepEqual(told[1], told[0]);
    }),
  );

  law(
    'nobody is removed without a believed absence: pages that fail or cannot be read remove nobody (L4)',
    fc.asyncProperty(
      seeds,
      fc.record({
        shelf: fc.constantFrom('people', 'classes', 'enrollments'),
        page: fc.integer({ min: 1, max: 4 }),
        size: fc.integer({ min: 1, max: 3 }),
      }),
      fc.array(fc.nat(9), { maxLength: 3 }),
      async (seed, broken, garbled) => {
        const stage = await putUp(worldFrom(seed, 'register'), database);
        const { register } = stage.outsides;
        const standing = await active(stage);
        register.pageSize = broken.size;
        register.when(`read ${broken.shelf}`, broken.page, () => {
          throw new SignInNeeded({ code: 'no', message: 'No.', remedy: 'Sign in.' });
        });
        for (const which of garbled) {
          const entries = register.entries('people');
          const id = entries[which % entries.length]?.id ?? '';
          register.change('people', id, { role: 7 });
        }
        const seen = await takeStep(stage, { when: 'A sync that goes wrong.', sync: 'register', mode: 'FULL' });
        const failed = seen.ends.startsWith('FAILED');
        assert.deepEqual(await active(stage), standing, seen.log.join('\n'));
        assert.deepEqual(failed ? seen.log.filter((line) => line.includes('.remove ')) : [], []);
      },
    ),
  );

  law(
    'the order of records, the size of pages, the clock and chance do not change the plan (L6)',
    fc.asyncProperty(
      lives,
      fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.nat(71),
      async (life, order, pageSize, hours) => {
        const stage = await putUp(worldFrom(life.seed, life.born), database);
        for (const deed of life.deeds) await doDeed(stage, deed);
        for (const name of stage.ids.keys()) {
          const outside = stage.outsides[name];
          const preview = () => takeStep(stage, { when: 'A preview.', sync: name, mode: 'PREVIEW' });
          const one = await preview();
          outside.arrange = (entries) =>
            entries.toSorted(
              (left, right) => rank(order, left.id) - rank(order, right.id) || (left.id < right.id ? -1 : 1),
            );
          outside.pageSize = pageSize;
          stage.world.wait(hours);
          const other = await preview();
          assert.deepEqual(other.log, one.log);
          assert.equal(other.planHash, one.planHash);
        }
      },
    ),
  );

  const ends = fc.constantFrom(
    ...['pulling', 'planning', 'applying'].flatMap((phase) => [1, 2, 3, 5].map((nth) => `${phase} ${nth}`)),
    ...[
      'create courses',
      'created courses',
      'create members',
      'created members 2',
      'updated accounts',
      'updated courses',
      'removed members',
    ],
  );
  law(
    'the work is done once, whenever workers die (L8)',
    fc.asyncProperty(lives, fc.array(ends, { minLength: 1, maxLength: 4 }), async (life, deaths) => {
      const told: unknown[] = [];
      for (const dying of [[], deaths]) {
        const stage = await putUp(
          { ...worldFrom(life.seed, life.born), synced: life.born === 'register' ? ['register'] : [] },
          database,
        );
        for (const deed of life.deeds.filter(({ at }) => at !== 'board')) await doDeed(stage, deed);
        for (const name of stage.ids.keys()) {
          let left = [...dying];
          let seen = await takeStep(stage, { when: 'A sync.', sync: name, mode: 'FULL', ...next(left) });
          for (; seen.ends === 'DIED'; left = left.slice(1)) {
            seen = await takeStep(stage, { when: 'Another worker.', runs: name, ...next(left.slice(1)) });
          }
          assert.ok(
            ['SUCCEEDED', 'HELD'].includes(seen.ends.split(':')[0] ?? ''),
            `${seen.ends} ${seen.messages.join('\n')}`,
          );
        }
        const { board } = stage.outsides;
        const creates = board.journal.filter((write) => write.startsWith('create ')).length;
        told.push({ homeroom: await tellHomeroom(stage.engine), board: tellBoard(board), creates });
      }
      assert.deepEqual(told[1], told[0]);
    }),
  );

  law(
    'one refused record stops no other, and is tried again until it goes (L2)',
    fc.asyncProperty(
      lives,
      fc.constantFrom('create members', 'create courses', 'update accounts'),
      fc.integer({ min: 1, max: 3 }),
      async (life, point, nth) => {
        const stage = await putUp(worldFrom(life.seed, life.born), database);
        for (const deed of life.deeds) await doDeed(stage, deed);
        stage.outsides.board.when(point, nth, () => {
          throw new Refused({ code: 'full', message: 'It is full.', remedy: 'Make room.' });
        });
        await settle(stage, life.answers);
      },
    ),
    Math.ceil(lawRuns / 2),
  );
});

function swapVerb(verb: string): string {
  return verb === '.update ' ? '.accept ' : '.update ';
}

function next(left: readonly string[]): { dies?: string } {
  const [dies] = left;

  return dies === undefined ? {} : { dies };
}

function hasReasons(seen: Seen): void {
  for (const line of seen.log) assert.match(line, /: [A-Z].*\.(?: \[.*\])?$/);
}

async function conflictsHaveReasons(stage: Stage): Promise<void> {
  for (const conflict of await stage.engine.conflicts()) {
    assert.ok(conflict.kind !== 'FIELD_CHANGED' || conflict.fields.length > 0, 'A question about fields names them.');
  }
}

function rank(order: readonly number[], id: string): number {
  const sum = Number.parseInt(contentHash(id).slice(0, 8), 16);

  return order[sum % order.length] ?? 0;
}

async function active(stage: Stage): Promise<string[]> {
  return (await tellHomeroom(stage.engine))
    .filter((line) => !line.endsWith('(archived)'))
    .map((line) => line.split(',')[0] ?? '');
}

type Touch = 'nobody' | 'here' | 'there' | 'both' | 'alike';

async function touchBothSides(stage: Stage, name: string, touch: Record<string, Touch>): Promise<void> {
  for (const [field, side] of Object.entries(touch)) {
    if (side !== 'nobody' && side !== 'there')
      await stage.world.homeroom.write('person', name, { [field]: side === 'alike' ? 'Same' : 'Here' });
    if (side !== 'nobody' && side !== 'here')
      stage.outsides.board.change('accounts', name, { [field]: side === 'alike' ? 'Same' : 'There' });
  }
}

const owners: Record<string, 'provider' | 'homeroom' | 'shared'> = {
  familyName: 'homeroom',
  phone: 'shared',
  username: 'provider',
};

/** The table of fields once more, in other words than the engine's: what stands on each side afterwards, and what was told. */
async function nothingIsLost(stage: Stage, name: string, touch: Record<string, Touch>, seen: Seen): Promise<void> {
  const id = await stage.world.homeroom.id(name);
  const [row] = await stage.engine.write(
    (tx) => tx<Record<string, string | null>[]>`
    select family_name as "familyName", phone, username from person where id = ${id}`,
  );
  const account = stage.outsides.board.find('accounts', name);
  const question = (await stage.engine.conflicts()).find(
    (each) => each.name?.startsWith('Pim') && each.fields.length > 0 && each.key === name,
  );
  for (const [field, side] of Object.entries(touch)) {
    const owner = owners[field];
    const told = `${name}.${field} (${owner}) changed ${side}\n${seen.log.join('\n')}`;
    const sides = [say(row?.[field]), say(account?.[field])];
    const asked = question?.fields.some((each) => each.name === field) ?? false;
    const isAsked = owner === 'homeroom' ? side === 'there' || side === 'both' : owner === 'shared' && side === 'both';
    assert.equal(asked, isAsked, told);
    const base = field === 'familyName' ? `Base${name.slice(1)}` : 'nothing';
    const here = side === 'nobody' || side === 'there' ? base : side === 'alike' ? 'Same' : 'Here';
    const there = side === 'nobody' || side === 'here' ? base : side === 'alike' ? 'Same' : 'There';
    if (isAsked) assert.deepEqual(sides, [here, there], told);
    else if (owner === 'provider') assert.deepEqual(sides, [there, there], told);
    else assert.deepEqual(sides, side === 'there' ? [there, there] : [here, here], told);
    const reverts = owner === 'provider' && (side === 'here' || side === 'both');
    if (reverts)
      assert.ok(
        seen.log.some((line) => line.includes(`${field}: Here → ${there}`) && line.includes('owns this value')),
        told,
      );
  }
}
