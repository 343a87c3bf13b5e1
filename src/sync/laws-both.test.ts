/**
 * The eight laws where records are made on either side: random lives of a school and its planner. fast-check prints the seed and the
 * path of a case that breaks one; see `test-laws.ts` for how it is tried again. The long version: `npm run laws:both -- --runs 1000`.
 */
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import fc from 'fast-check';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { SignInNeeded } from '../connectors/kit/errors.ts';
import type { Resolution } from '../model/sync.ts';
import { contentHash } from '../model/values.ts';
import { tellHomeroom } from './scenarios/test-homeroom.ts';
import { law } from './scenarios/test-laws.ts';
import { settle } from './scenarios/test-lives.ts';
import type { Before } from './scenarios/test-story.ts';
import { putUp, type Seen, type Stage, takeStep } from './scenarios/test-teller.ts';
import { tellPlanner } from './scenarios/test-words.ts';

interface Life {
  /** Classes made here and there before the two were connected; some have a title in common. */
  here: number;
  there: number;
  adopt: 'link' | 'ask' | null;
  synced: boolean;
  deeds: readonly Deed[];
  answers: readonly Resolution[];
}

interface Deed {
  at: 'here' | 'there';
  what: 'title' | 'location' | 'classCode' | 'drop' | 'new';
  which: number;
  word: string;
}

const deeds: fc.Arbitrary<Deed> = fc.record({
  at: fc.constantFrom('here', 'there'),
  what: fc.constantFrom('title', 'location', 'classCode', 'drop', 'new'),
  which: fc.nat(5),
  word: fc.constantFrom('Ash', 'Birch', 'Class 0', 'Élan ß 学'),
});
const lives: fc.Arbitrary<Life> = fc.record({
  here: fc.integer({ min: 0, max: 4 }),
  there: fc.integer({ min: 0, max: 4 }),
  adopt: fc.constantFrom('link', 'ask', null),
  synced: fc.boolean(),
  deeds: fc.array(deeds, { maxLength: 8 }),
  answers: fc.array(fc.constantFrom<Resolution>('ACCEPT_EXTERNAL', 'PUSH_LOCAL', 'IGNORE'), {
    minLength: 1,
    maxLength: 3,
  }),
});

/** `h0: 'Class 0'`, `k0: 'Class 0'` …: the first of each side are alike. */
function worldFrom({ here, there, adopt, synced }: Life): Before {
  const classes = (prefix: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, `Class ${index}`]));

  return {
    homeroom: { classes: classes('h', here) },
    planner: { classes: classes('k', there), ...(adopt && { adopt }) },
    synced: synced && adopt !== 'ask' ? ['planner'] : [],
  };
}

async function doDeed({ world, outsides }: Stage, { at, what, which, word }: Deed): Promise<void> {
  const { planner } = outsides;
  const standing = planner.entries('classes').filter((each) => !each.archived);
  const id = standing[which % Math.max(1, standing.length)]?.id;
  if (at === 'there') {
    if (what === 'new') planner.put('classes', { id: planner.newId('new'), title: word });
    else if (id && what === 'drop') planner.drop('classes', id);
    else if (id) planner.change('classes', id, { [what]: word });
    return;
  }
  const { homeroom } = world;
  if (what === 'new') return homeroom.add({ classes: { [`n${which}`]: word } });
  for (const name of [`h${which}`, `k${which}`]) {
    if (!(await homeroom.id(name).catch(() => null))) continue;
    await (what === 'drop' ? homeroom.archive('class', name) : homeroom.write('class', name, { [what]: word }));
    return;
  }
}

describe('where classes are made on either side', { concurrency: 2 }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  law(
    'what is applied is not planned again, and nothing is written when nothing changed (L1, L2); all has a reason (L7)',
    fc.asyncProperty(lives, async (life) => {
      const stage = await putUp(worldFrom(life), database);
      for (const deed of life.deeds) await doDeed(stage, deed);
      await settle(stage, life.answers, hasReasons);
      const written = [...stage.outsides.planner.journal];
      const seen = await takeStep(stage, { when: 'Once more.', sync: 'planner', mode: 'FULL' });
      assert.deepEqual([seen.ends, seen.log.filter((line) => !line.startsWith('SKIPPED'))], ['SUCCEEDED', []]);
      assert.deepEqual(stage.outsides.planner.journal, written);
    }),
  );

  law(
    'what only one side made or changed is on both afterwards (L3); swapping the sides changes nothing of that (L5)',
    fc.asyncProperty(
      fc.array(fc.constantFrom('here', 'there'), { minLength: 1, maxLength: 4 }),
      fc.array(fc.constantFrom('here', 'there', 'nobody'), { minLength: 4, maxLength: 4 }),
      async (makers, editors) => {
        const told: string[][] = [];
        for (const swapped of [false, true]) {
          const swap = (side: string) => (swapped && side !== 'nobody' ? (side === 'here' ? 'there' : 'here') : side);
          const made = (side: string) =>
            Object.fromEntries(
              makers.flatMap((maker, at) => (swap(maker) === side ? [[`c${at}`, `Class ${at}`]] : [])),
            );
          const stage = await putUp(
            { homeroom: { classes: made('here') }, planner: { classes: made('there') }, synced: ['planner'] },
            database,
          );
          for (const [at] of makers.entries()) await rename(stage, swap(editors[at] ?? 'nobody'), at);
          const seen = await takeStep(stage, { when: 'A sync.', sync: 'planner' });
          const titles = makers.map((_, at) => (editors[at] === 'nobody' ? `Class ${at}` : `New ${at}`)).toSorted();
          assert.deepEqual(await tellHomeroom(stage.engine), titles);
          assert.deepEqual(
            tellPlanner(stage.outsides.planner),
            titles.map((title) => `class ${title}`),
          );
          const lines = seen.log.map((line) => line.replace(/ (New|Class) \d+ \(/, ' (').replace(/: [^:]*$/, ''));
          told.push((swapped ? lines.map((line) => line.replace(/\.(update|accept) /, otherVerb)) : lines).toSorted());
        }
        assert.deepEqual(told[1], told[0]);
      },
    ),
  );

  law(
    'nothing is removed on either side without a believed absence: a list that breaks off removes nobody (L4)',
    fc.asyncProperty(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ min: 1, max: 2 }),
      async (there, size, page) => {
        const life = { here: 2, there, adopt: null, synced: true, deeds: [], answers: [] } as const;
        const stage = await putUp(worldFrom(life), database);
        const { planner } = stage.outsides;
        const before = await tellHomeroom(stage.engine);
        planner.pageSize = size;
        planner.drop('classes', 'k0');
        planner.when('read classes', page, () => {
          throw new SignInNeeded({ code: 'no', message: 'No.', remedy: 'Sign in.' });
        });
        const seen = await takeStep(stage, { when: 'A sync that breaks off.', sync: 'planner', mode: 'FULL' });
        assert.match(seen.ends, /^FAILED/);
        assert.deepEqual(await tellHomeroom(stage.engine), before);
      },
    ),
  );

  law(
    'the order of records and the size of pages do not change what comes of it (L6)',
    fc.asyncProperty(
      lives,
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(99), { minLength: 1 }),
      async (life, size, order) => {
        const told: unknown[] = [];
        for (const shuffled of [false, true]) {
          const stage = await putUp(worldFrom({ ...life, synced: false }), database);
          const { planner } = stage.outsides;
          if (shuffled) {
            planner.pageSize = size;
            planner.arrange = (all) => all.toSorted((one, other) => rank(order, one.id) - rank(order, other.id));
          }
          const seen = await takeStep(stage, { when: 'A preview.', sync: 'planner', mode: 'PREVIEW' });
          told.push({ ends: seen.ends, log: seen.log, asks: seen.asks, hash: seen.log.length });
        }
        assert.deepEqual(told[1], told[0]);
      },
    ),
  );

  const deaths = fc.constantFrom(
    ...([
      'pulling 1',
      'planning 2',
      'applying 1',
      'applying 2',
      'create classes',
      'created classes',
      'created classes 2',
    ] as const),
    ...(['updated classes', 'removed classes'] as const),
  );
  law(
    'the work is done once on both sides, whenever workers die (L8)',
    fc.asyncProperty(lives, fc.array(deaths, { minLength: 1, maxLength: 3 }), async (life, dying) => {
      const told: unknown[] = [];
      for (const ends of [[], dying]) {
        const stage = await putUp(worldFrom(life), database);
        for (const deed of life.deeds) await doDeed(stage, deed);
        let left: readonly string[] = ends;
        let seen = await takeStep(stage, { when: 'A sync.', sync: 'planner', mode: 'FULL', ...next(left) });
        for (; seen.ends === 'DIED'; left = left.slice(1)) {
          seen = await takeStep(stage, { when: 'Another worker.', runs: 'planner', ...next(left.slice(1)) });
        }
        assert.match(seen.ends, /^(SUCCEEDED|HELD)/, seen.messages.join('\n'));
        const { planner } = stage.outsides;
        const creates = planner.journal.filter((write) => write.startsWith('create ')).length;
        told.push({ homeroom: await tellHomeroom(stage.engine), planner: tellPlanner(planner), creates });
      }
      assert.deepEqual(told[1], told[0]);
    }),
  );
});

async function rename({ engine, outsides }: Stage, side: string, at: number): Promise<void> {
  if (side === 'there') {
    const entry = outsides.planner.entries('classes').find(({ title }) => title === `Class ${at}`);
    outsides.planner.change('classes', entry?.id ?? '', { title: `New ${at}` });
  } else if (side === 'here') {
    await engine.write((tx) => tx`update class set title = ${`New ${at}`} where title = ${`Class ${at}`}`);
  }
}

function otherVerb(verb: string): string {
  return verb === '.update ' ? '.accept ' : '.update ';
}

function next([dies]: readonly string[]): { dies?: string } {
  return dies === undefined ? {} : { dies };
}

function hasReasons(seen: Seen): void {
  for (const line of seen.log) assert.match(line, /: [A-Z].*\.(?: \[.*\])?$/);
}

function rank(order: readonly number[], id: string): number {
  const sum = Number.parseInt(contentHash(id).slice(0, 8), 16);

  return order[sum % order.length] ?? 0;
}
