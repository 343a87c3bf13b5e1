import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { type Owner, type Push, stream } from '../connectors/kit/contract.ts';
import type { MirrorRow, RefTarget } from '../db/queries/engine/mirror.ts';
import { type Flow, flowsOf } from './flow.ts';
import type { Copy, MirrorFacts } from './mirror-facts.ts';
import { planMirror } from './plan-mirror.ts';
import { freshRow } from './test-rows.ts';

interface Wire {
  id: string;
  title: string;
  course: string | null;
}

const push: Push<unknown, Wire> = {
  create: async () => ({ wire: { id: 'k', title: '', course: null } }),
  update: async () => ({ wire: { id: 'k', title: '', course: null } }),
  remove: async () => undefined,
};

interface Traits {
  verbs?: Push<unknown, Wire>;
  owner?: Owner;
  /** Its fields and its reference can be written. */
  writable?: boolean;
}

/** Classes that are made on either side, each of a course. */
function flowWith({ verbs = push, owner = 'shared', writable = true }: Traits = {}): Flow {
  const wire = z.object({ id: z.string(), title: z.string(), course: z.string().nullable() });
  const common = { born: 'both' as const, wire, key: ({ id }: Wire) => id, pull: {}, push: verbs };
  const title = {
    read: (record: Wire) => record.title,
    owner,
    ...(writable && { write: (value: string | null) => ({ title: value }) }),
  };
  const courses = stream<unknown, 'course', Wire>({ ...common, entity: 'course', action: 'plan.course', fields: {} });
  const classes = stream<unknown, 'class', Wire>({
    ...common,
    entity: 'class',
    action: 'plan.class',
    fields: { title },
    refs: {
      course: {
        stream: 'courses',
        read: ({ course }) => (course === null ? [] : [course]),
        missing: 'omit',
        ...(writable && { write: ([course]) => ({ course }) }),
      },
    },
  });
  const flow = flowsOf({ id: 'planner', streams: { courses, classes } } as never).find(
    ({ name }) => name === 'classes',
  );
  assert.ok(flow);

  return flow;
}

const course = (id: string): RefTarget => ({ id, key: `there-${id}`, state: 'LINKED', active: true, selected: true });

const fresh: MirrorRow = { ...freshRow, refs: { course: [course('a')] } };
const linked: Partial<MirrorRow> = {
  linkState: 'LINKED',
  key: 'k1',
  base: { title: 'Biology', course: ['there-a'] },
  generation: 1,
};
const archived: Partial<MirrorRow> = { ...linked, status: 'ARCHIVED', selected: false };
const renamed = { local: { title: 'Bio' } };
const there = (title = 'Biology', courses = ['there-a']): Copy => ({
  key: 'k1',
  values: { title },
  refs: { course: courses },
  marks: {} as Copy['marks'],
});

/** What the plan comes to: on which side what is done, in words. */
function outcome(row: Partial<MirrorRow>, facts: Partial<MirrorFacts>, traits: Traits = {}): string[] {
  const drafted = planMirror(
    flowWith(traits),
    { ...fresh, ...row },
    {
      provider: 'Planner',
      copy: null,
      foundBy: null,
      doubt: null,
      now: new Date('2026-09-01T00:00:00Z'),
      absent: true,
      keyOf: (_stream, target) => target.key,
      knownHere: (_stream, key) => key !== 'there-unknown',
      remade: () => false,
      containerLost: false,
      settings: {},
      rules: new Map() as never,
      sourceOwns: () => false,
      ...facts,
    },
  );
  for (const each of drafted.drafts) assert.match(each.reason, /^[A-Z].*\.$/, 'each operation has a reason (L7)');

  return [
    ...drafted.drafts.map(({ status, side, kind, details }) =>
      status === 'SKIPPED' ? `skip ${String(details?.code)}` : `${kind} ${side}`,
    ),
    ...(drafted.question ? [drafted.question.kind] : []),
    ...(drafted.forget ? ['forget'] : []),
  ];
}

const cells: readonly [title: string, row: Partial<MirrorRow>, facts: Partial<MirrorFacts>, expected: string[]][] = [
  ['– ● –, new here: made there', {}, {}, ['create there']],
  ['– ● ●, first contact: linked', {}, { copy: there(), foundBy: 'our id' }, ['link there']],
  [
    '– ● ●, first contact with another value: linked, and a person is asked',
    {},
    { copy: there('Bio'), foundBy: 'our id' },
    ['link there', 'FIELD_CHANGED'],
  ],
  [
    '– ● ●, two could be it: a person is asked',
    {},
    { doubt: { candidates: [{ externalId: 'k1', name: 'Biology' }], why: 'Two look alike.' } },
    ['DUPLICATE_MATCH'],
  ],
  ['● ● ●, alike: nothing', linked, { copy: there() }, []],
  ['● ● ●, changed here: pushed', { ...linked, ...renamed }, { copy: there() }, ['update there']],
  ['● ● ●, changed there: pulled', linked, { copy: there('Bio') }, ['update here']],
  ['● ● ●, changed to the same: the base follows', { ...linked, ...renamed }, { copy: there('Bio') }, []],
  ['● ● ●, changed differently: a person is asked', { ...linked, ...renamed }, { copy: there('B') }, ['FIELD_CHANGED']],
  ['● ● –, untouched here: archived here', linked, {}, ['remove here']],
  ['● ● –, changed here: a person is asked', { ...linked, ...renamed }, {}, ['DELETED_EXTERNALLY']],
  ['● ● –, not believed: nothing (L4)', linked, { absent: false }, []],
  ['● ● –, not believed and changed here: pushed', { ...linked, ...renamed }, { absent: false }, ['update there']],
  ['● – ●, untouched there: removed there', archived, { copy: there() }, ['remove there']],
  ['● – ●, changed there: a person is asked', archived, { copy: there('Bio') }, ['DELETED_LOCALLY']],
  ['● – ●, not seen, not believed: nothing (L4)', archived, { absent: false }, []],
  ['● – –, gone on both: forgotten', archived, {}, ['forget']],
  ['● left ●: parked', { ...linked, selected: false }, { copy: there('Bio') }, []],
  ['excluded by a person: nothing', { ...linked, linkState: 'EXCLUDED' }, {}, []],
  [
    'gone there, and a person said to make it again: made again',
    { ...linked, ...renamed, decisions: { makeAgain: true } },
    {},
    ['create there'],
  ],
];

describe('the table of records, born on either side', () => {
  for (const [title, row, facts, expected] of cells) {
    it(title, () => assert.deepEqual(outcome(row, facts), expected));
  }

  it('keeps, and says once, what the provider gives no way to write', () => {
    const none = { verbs: {} };

    assert.deepEqual(outcome({}, {}, none), ['skip cannot_create']);
    assert.deepEqual(outcome({ ...linked, ...renamed }, { copy: there() }, none), ['skip cannot_update']);
    assert.deepEqual(outcome(archived, { copy: there() }, none), ['skip cannot_remove']);
    assert.deepEqual(outcome({ ...archived, blocker: 'cannot_remove' }, { copy: there() }, none), []);
    assert.deepEqual(outcome(linked, { copy: there('Bio') }, none), ['update here'], 'what is read is still taken');
    assert.deepEqual(outcome(linked, {}, none), ['remove here']);
  });

  it('keeps the link of a record whose container is parked: without it, it would come in again as new', () => {
    const flow = flowWith();
    const refs = { course: { ...flow.stream.refs?.course, missing: 'wait', container: true } };
    const parkedCourse = { ...course('a'), selected: false };
    const contained = { ...flow, stream: { ...flow.stream, refs } } as Flow;
    const row = { ...fresh, ...linked, refs: { course: [parkedCourse] } };
    const drafted = planMirror(contained, row, { copy: there('Bio'), absent: true } as MirrorFacts);

    assert.deepEqual([drafted.drafts, drafted.question, drafted.forget], [[], null, false]);
  });
});

const changes = {
  'changed here': [renamed, there()],
  'changed there': [{}, there('Bio')],
  'changed alike': [renamed, there('Bio')],
  'changed differently': [renamed, there('B')],
} as const;

/** The table of fields; `writable: false` is a field the connector can only read. */
const owned: readonly [owner: Owner, change: keyof typeof changes, writable: boolean, expected: string[]][] = [
  ['shared', 'changed here', true, ['update there']],
  ['shared', 'changed there', true, ['update here']],
  ['shared', 'changed alike', true, []],
  ['shared', 'changed differently', true, ['FIELD_CHANGED']],
  ['provider', 'changed here', true, ['update here']],
  ['provider', 'changed there', true, ['update here']],
  ['provider', 'changed alike', true, []],
  ['provider', 'changed differently', true, ['update here']],
  ['homeroom', 'changed here', true, ['update there']],
  ['homeroom', 'changed there', true, ['FIELD_CHANGED']],
  ['homeroom', 'changed alike', true, []],
  ['homeroom', 'changed differently', true, ['FIELD_CHANGED']],
  ['shared', 'changed here', false, ['skip cannot_update']],
  ['shared', 'changed there', false, ['update here']],
  ['shared', 'changed differently', false, ['FIELD_CHANGED']],
  ['provider', 'changed here', false, ['update here']],
];

describe('the table of fields, born on either side', () => {
  for (const [owner, change, writable, expected] of owned) {
    it(`${owner}${writable ? '' : ', only read'}, ${change}: ${expected.join() || 'nothing'}`, () => {
      const [row, copy] = changes[change];
      assert.deepEqual(outcome({ ...linked, ...row }, { copy }, { owner, writable }), expected);
    });
  }

  it('is Homeroom’s where another source of the school owns the value', () => {
    const facts = { copy: there('Bio'), sourceOwns: (_id: string, field: string) => field === 'title' };

    assert.deepEqual(outcome(linked, facts), ['FIELD_CHANGED']);
  });

  it('merges references as it merges fields, by the keys they stand for', () => {
    const moved = { ...linked, refs: { course: [course('b')] } };

    assert.deepEqual(outcome(linked, { copy: there('Biology', ['there-b']) }), ['update here']);
    assert.deepEqual(outcome(moved, { copy: there() }), ['update there']);
    assert.deepEqual(outcome(moved, { copy: there('Biology', ['there-b']) }), []);
    assert.deepEqual(outcome(moved, { copy: there('Biology', ['there-c']) }), ['FIELD_CHANGED']);
    assert.deepEqual(outcome(linked, { copy: there('Biology', []) }), ['update here']);
    assert.deepEqual(outcome({ ...linked, refs: { course: [] } }, { copy: there() }), ['update there']);
  });

  it('leaves a reference as it is while nobody here is known by its key', () => {
    assert.deepEqual(outcome(linked, { copy: there('Biology', ['there-unknown']) }), []);
    assert.deepEqual(outcome({ ...linked, refs: {}, base: { title: 'Biology', course: [] } }, { copy: there() }), [
      'update here',
    ]);
  });
});
