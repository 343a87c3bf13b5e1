/** Random lives of a school for the laws: a world, what people do to it on every side, and how it comes to rest. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Stale } from '../../model/problems.ts';
import type { Resolution } from '../../model/sync.ts';
import type { Outside } from './test-outside.ts';
import type { Before, Name } from './test-story.ts';
import { type Seen, type Stage, takeStep } from './test-teller.ts';

export interface Seed {
  people: number;
  classes: number;
  /** Who is in which class, both as numbers that are taken round. */
  members: readonly (readonly [person: number, inClass: number])[];
  /** One in so many people has no account on the board. */
  without: number;
}

export const seeds: fc.Arbitrary<Seed> = fc.record({
  people: fc.integer({ min: 2, max: 6 }),
  classes: fc.integer({ min: 1, max: 3 }),
  members: fc.array(fc.tuple(fc.nat(5), fc.nat(2)), { maxLength: 8 }),
  without: fc.integer({ min: 2, max: 4 }),
});

/** A school whose records come from a register, or were made in Homeroom by hand; in both cases the board mirrors it. */
export function worldFrom(seed: Seed, born: 'register' | 'homeroom'): Before {
  const { people, classes, without } = seed;
  const names = Array.from({ length: people }, (_, index) => `p${index}`);
  const holding = {
    people: Object.fromEntries(
      names.map((name, index) => [name, `Pim ${index}, ${index === 0 ? 'teacher' : 'student'}`]),
    ),
    classes: Object.fromEntries(
      Array.from({ length: classes }, (_, index) => [`c${index}`, `Class ${index}, room ${index}`]),
    ),
    members: Object.fromEntries(membersOf(seed).map(({ name, words }) => [name, words])),
  };
  const accounts = names.filter((_, index) => index % without !== without - 1);
  const board = { people: Object.fromEntries(accounts.map((name) => [name, `Pim ${name.slice(1)}`])) };

  return { [born]: holding, board, synced: born === 'register' ? ['register', 'board'] : ['board'] };
}

function membersOf({ people, classes, members }: Seed): { name: string; words: string }[] {
  const pairs = new Set(members.map(([person, inClass]) => `p${person % people} c${inClass % classes}`));

  return [...pairs].map((pair, index) => {
    const [person, inClass] = pair.split(' ');
    return { name: `m${index}`, words: `${person} ${person === 'p0' ? 'teaches' : 'attends'} ${inClass}` };
  });
}

/** One thing somebody does. Numbers are taken round what there is; where there is nothing of the kind, nothing happens. */
export interface Deed {
  at: Name | 'homeroom';
  what:
    | 'rename'
    | 'phone'
    | 'username'
    | 'title'
    | 'room'
    | 'drop member'
    | 'drop class'
    | 'move member'
    | 'drop person'
    | 'new class';
  which: number;
  word: string;
}

export const deeds: fc.Arbitrary<Deed> = fc.record({
  at: fc.constantFrom('register', 'board', 'homeroom'),
  what: fc.constantFrom(
    ...([
      'rename',
      'phone',
      'username',
      'title',
      'room',
      'drop member',
      'drop class',
      'move member',
      'drop person',
      'new class',
    ] as const),
  ),
  which: fc.nat(9),
  word: fc.constantFrom('Ash', 'Birch', 'Cedar', 'Dune', '', 'Élan ß 学'),
});

const values: Partial<Record<Deed['what'], string>> = {
  rename: 'familyName',
  phone: 'phone',
  username: 'username',
  title: 'title',
  room: 'location',
};

/** Does it, on whichever side. What Homeroom may not change because the register owns it is left undone. */
export async function doDeed(stage: Stage, deed: Deed): Promise<void> {
  if (deed.at === 'homeroom') return doHere(stage, deed);
  if (!stage.ids.has(deed.at)) return;
  const outside = stage.outsides[deed.at];
  const shelves =
    deed.at === 'board' ? { people: 'accounts', classes: 'courses', members: 'members' } : registerShelves;
  const pick = (shelf: string) => pickFrom(outside, shelf, deed.which);
  const field = values[deed.what];
  if (field) {
    const shelf = field === 'title' || field === 'location' ? shelves.classes : shelves.people;
    const id = pick(shelf);
    // Without a title there is no class, and that is told at the door: another law.
    if (id && !(field === 'title' && deed.word === '')) outside.change(shelf, id, { [field]: deed.word });
    return;
  }
  doOut(outside, shelves, deed, pick);
}

const registerShelves = { people: 'people', classes: 'classes', members: 'enrollments' };

function doOut(
  outside: Outside,
  shelves: { people: string; classes: string; members: string },
  deed: Deed,
  pick: (shelf: string) => string | undefined,
): void {
  const inRegister = shelves.people === 'people';
  switch (deed.what) {
    case 'drop member': {
      const id = pick(shelves.members);
      if (id) outside.drop(shelves.members, id);
      return;
    }
    case 'drop class': {
      const id = pick(shelves.classes);
      if (!id) return;
      for (const member of outside.entries(shelves.members)) {
        if ((member.class ?? member.course) === id) outside.drop(shelves.members, member.id);
      }
      outside.drop(shelves.classes, id);
      return;
    }
    case 'move member': {
      const id = pick(shelves.members);
      const to = pick(shelves.classes);
      if (inRegister && id && to) outside.change(shelves.members, id, { class: to });
      return;
    }
    case 'drop person': {
      const id = inRegister ? pick('people') : undefined;
      if (!id) return;
      for (const member of outside.entries('enrollments'))
        if (member.person === id) outside.drop('enrollments', member.id);
      outside.drop('people', id);
      return;
    }
    case 'new class':
      if (inRegister) outside.put('classes', { id: outside.newId('k'), title: deed.word || 'New' });
      return;
    default:
      throw new Error(`Nobody can ${deed.what}.`);
  }
}

function pickFrom(outside: Outside, shelf: string, which: number): string | undefined {
  const entries = outside.entries(shelf).filter((each) => !each.archived);

  return entries[which % Math.max(1, entries.length)]?.id;
}

/** Only where Homeroom's records are its own. */
async function doHere({ world, ids }: Stage, { what, which, word }: Deed): Promise<void> {
  if (ids.has('register')) return;
  const { homeroom } = world;
  const known = async (kind: 'person' | 'class' | 'enrollment', name: string, act: (name: string) => Promise<void>) => {
    const found = await homeroom.id(name).catch(() => null);
    if (found !== null) await act(name).catch(unlessRefused);
    return kind;
  };
  const field = values[what];
  if (field === 'title' && word === '') return;
  if (field && field !== 'title' && field !== 'location') {
    await known('person', `p${which % 6}`, (name) => homeroom.write('person', name, { [field]: word }));
  } else if (field) {
    await known('class', `c${which % 3}`, (name) => homeroom.write('class', name, { [field]: word }));
  } else if (what === 'drop member') {
    await known('enrollment', `m${which % 8}`, (name) => homeroom.archive('enrollment', name));
  } else if (what === 'drop class') {
    await known('class', `c${which % 3}`, (name) => homeroom.archive('class', name));
  } else if (what === 'new class') {
    await homeroom.add({ classes: { [`k${which}`]: word || 'New' } });
  }
}

function unlessStale(error: unknown): void {
  if (!(error instanceof Stale)) throw error;
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof Error) || !['OwnedBySource', 'InvalidState'].includes(error.name)) throw error;
}

/** Syncs until nothing is left to do: what a guard held is approved, what is asked is answered. */
export async function settle(
  stage: Stage,
  answers: readonly Resolution[],
  each: (seen: Seen) => void = () => undefined,
): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    const before = round;
    let moved = false;
    for (const name of stage.ids.keys()) {
      let seen = await takeStep(stage, { when: 'A sync.', sync: name, mode: 'FULL' });
      each(seen);
      if (seen.ends.startsWith('HELD')) {
        await stage.world.approve(name);
        seen = await takeStep(stage, { when: 'An approval.', runs: name });
        each(seen);
      }
      moved ||= seen.log.some((line) => !line.startsWith('SKIPPED'));
    }
    for (const question of (await stage.engine.conflicts()).filter(({ status }) => status === 'OPEN')) {
      const answer = answers[before % answers.length] ?? 'IGNORE';
      const [first] = answer === 'ACCEPT_EXTERNAL' ? question.candidates : [];
      const candidate = first ? { candidate: first.externalId } : {};
      // Two that may be the same one there: who is answered first takes it, and the other is asked anew.
      await stage.world.answer(question.name ?? '', answer, { id: question.id, ...candidate }).catch(unlessStale);
      moved = true;
    }
    if (!moved) return;
  }
  assert.fail('It does not come to rest.');
}
