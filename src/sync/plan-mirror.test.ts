import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Push, stream } from '../connectors/kit/contract.ts';
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import { type Flow, flowsOf } from './flow.ts';
import type { Copy, MirrorFacts } from './mirror-facts.ts';
import { planMirror } from './plan-mirror.ts';
import { freshRow } from './test-rows.ts';

type Wire = { id: string; name: string };

const push: Push<unknown, Wire> = {
  create: async () => ({ wire: { id: 'c', name: '' } }),
  update: async () => ({ wire: { id: 'c', name: '' } }),
  remove: async () => undefined,
};

function flowWith(verbs: Push<unknown, Wire>, leaving: 'park' | 'remove' = 'park'): Flow {
  const courses = stream<unknown, 'class', Wire>({
    entity: 'class',
    born: 'here',
    action: 'board.course',
    wire: z.object({ id: z.string(), name: z.string() }),
    key: (wire) => wire.id,
    fields: { title: { read: (wire) => wire.name, write: (name) => ({ name }), owner: 'homeroom' } },
    selects: { describe: 'Active classes', leaving },
    pull: {},
    push: verbs,
  });
  const [flow] = flowsOf({ id: 'board', streams: { courses } } as never);
  assert.ok(flow);

  return flow;
}

const fresh = freshRow;
const linked: Partial<MirrorRow> = { linkState: 'LINKED', key: 'c1', base: { title: 'Biology' }, generation: 1 };
const archived: Partial<MirrorRow> = { ...linked, status: 'ARCHIVED', selected: false };
const left: Partial<MirrorRow> = { ...linked, selected: false };
const asked: Partial<MirrorRow> = { ...linked, linkState: 'WAITING', openConflict: true };
const there = (title = 'Biology'): Copy => ({ key: 'c1', values: { title }, refs: {}, marks: {} as Copy['marks'] });

/** What the plan comes to, in one word each. */
function outcome(row: Partial<MirrorRow>, facts: Partial<MirrorFacts>, flow = flowWith(push)): string[] {
  const drafted = planMirror(
    flow,
    { ...fresh, ...row },
    {
      provider: 'Board',
      copy: null,
      foundBy: null,
      doubt: null,
      now: new Date('2026-09-01T00:00:00Z'),
      absent: true,
      keyOf: () => null,
      knownHere: () => false,
      remade: () => false,
      containerLost: false,
      settings: {},
      rules: new Map() as never,
      sourceOwns: () => false,
      ...facts,
    },
  );
  for (const each of drafted.drafts) assert.notEqual(each.reason, '', 'each operation has a reason (L7)');

  return [
    ...drafted.drafts.map((each) => (each.status === 'SKIPPED' ? `skip ${String(each.details?.code)}` : each.kind)),
    ...(drafted.question ? [drafted.question.kind] : []),
    ...(drafted.forget ? ['forget'] : []),
  ];
}

const cells: readonly [title: string, row: Partial<MirrorRow>, facts: Partial<MirrorFacts>, expected: string[]][] = [
  ['new here: made there', {}, {}, ['create']],
  ['new here, not selected: left alone', { selected: false }, {}, []],
  ['first contact: linked', {}, { copy: there(), foundBy: 'title' }, ['link']],
  [
    'first contact with another value: linked, and a person is asked',
    {},
    { copy: there('Bio') },
    ['link', 'FIELD_CHANGED'],
  ],
  [
    'first contact with more than one: a person is asked who it is',
    {},
    { doubt: { candidates: [{ externalId: 'c1', name: 'Biology' }], why: 'Two look alike.' } },
    ['DUPLICATE_MATCH'],
  ],
  ['known to both and alike: nothing', linked, { copy: there() }, []],
  ['known to both, changed here: pushed', { ...linked, local: { title: 'Bio' } }, { copy: there() }, ['update']],
  ['known to both, changed there: a person is asked', linked, { copy: there('Bio') }, ['FIELD_CHANGED']],
  ['gone there: a person is asked', linked, { copy: null }, ['DELETED_EXTERNALLY']],
  ['not seen there, but its absence is not believed: nothing (L4)', linked, { copy: null, absent: false }, []],
  ['archived here and untouched there: removed there', archived, { copy: there() }, ['remove']],
  ['archived here and changed there: a person is asked', archived, { copy: there('Bio') }, ['DELETED_LOCALLY']],
  ['archived here and gone there: the link is forgotten', archived, { copy: null }, ['forget']],
  ['archived here, not seen there, not believed: nothing (L4)', archived, { copy: null, absent: false }, []],
  ['left the selection: parked', left, { copy: there() }, []],
  ['left the selection and changed there: parked all the same', left, { copy: there('Bio') }, []],
  [
    'asked about, and a list of changes does not name it: still asked',
    { ...asked, external: { title: 'Bio' } },
    { absent: false },
    ['FIELD_CHANGED'],
  ],
  [
    'asked about, a person chose ours, and a list of changes does not name it: pushed',
    { ...asked, external: { title: 'Bio' }, decisions: { push: ['title'] } },
    { absent: false },
    ['update'],
  ],
  ['excluded by a person: nothing', { ...linked, linkState: 'EXCLUDED' }, { copy: there('Bio') }, []],
  [
    'in the making: left alone before its time',
    { linkState: 'MAKING', handle: 'h', until: new Date('2026-09-02T00:00:00Z') },
    {},
    [],
  ],
  [
    'in the making: looked at again in its time',
    { linkState: 'MAKING', handle: 'h', until: new Date('2026-08-31T00:00:00Z') },
    {},
    ['create'],
  ],
];

describe('the table of records, born here', () => {
  for (const [title, row, facts, expected] of cells) {
    it(title, () => assert.deepEqual(outcome(row, facts), expected));
  }

  it('removes what left a selection whose leaving means removal, unless it was changed there', () => {
    const flow = flowWith(push, 'remove');

    assert.deepEqual(outcome(left, { copy: there() }, flow), ['remove']);
    assert.deepEqual(outcome(left, { copy: there('Bio') }, flow), ['DELETED_LOCALLY']);
  });

  it('closes the question of a record that is parked', () => {
    const row = { ...fresh, ...left, openConflict: true };
    const drafted = planMirror(flowWith(push), row, { copy: there('Bio'), absent: true } as MirrorFacts);

    assert.deepEqual([drafted.unchanged, drafted.question], [true, null]);
  });

  it('keeps the question whether it is gone while a list of changes says nothing of it', () => {
    const facts = { copy: null, absent: false, rules: new Map(), sourceOwns: () => false } as unknown as MirrorFacts;
    const drafted = planMirror(flowWith(push), { ...fresh, ...asked }, facts);

    assert.deepEqual([drafted.unchanged, drafted.link, drafted.question], [false, null, null]);
  });

  it('keeps, and says once, what the provider gives no way to write', () => {
    const none = flowWith({});

    assert.deepEqual(outcome({}, {}, none), ['skip cannot_create']);
    assert.deepEqual(outcome({ blocker: 'cannot_create' }, {}, none), []);
    assert.deepEqual(outcome({ ...linked, local: { title: 'Bio' } }, { copy: there() }, none), ['skip cannot_update']);
    assert.deepEqual(outcome(archived, { copy: there() }, none), ['skip cannot_remove']);
    assert.deepEqual(outcome({ ...archived, blocker: 'cannot_remove' }, { copy: there() }, none), []);
  });
});
