import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type RunSeen, type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { inMemory } from '../../test/harness/memory.ts';
import { type Connector, connector, type Owner, type PushRequest, stream } from '../connectors/kit/contract.ts';

const wire = z.looseObject({ id: z.string() });
type Wire = z.output<typeof wire>;

interface Catalogue {
  connector: Connector;
  courses: Map<string, Wire>;
  classes: Map<string, Wire>;
  /** Every write, in the order they came. */
  journal: string[];
}

/** A catalogue of courses, and of their classes, both made there or here. Class codes are its own, all else is both sides'. */
function catalogue(): Catalogue {
  const there = { courses: new Map<string, Wire>(), classes: new Map<string, Wire>(), journal: [] as string[] };
  const text = (name: string, owner: Owner = 'shared') => ({
    read: (record: Wire) => (record[name] as string | undefined) ?? null,
    write: (value: unknown) => ({ [name]: value }),
    owner,
  });
  const common = (name: 'courses' | 'classes') => ({
    born: 'both' as const,
    wire,
    action: `catalogue.${name}`,
    key: ({ id }: Wire) => id,
    ours: ({ ours }: Wire) => ours as string | undefined,
    pull: {
      async *all() {
        yield { records: [...there[name].values()], next: null };
      },
    },
    push: {
      async create(_client: null, { recordId, patch }: PushRequest) {
        const made = { id: `made-${there.journal.length}`, ours: recordId, ...patch };
        there.journal.push(`create ${made.id}`);
        there[name].set(made.id, made);
        return { wire: made };
      },
      async update(_client: null, key: string, { patch }: PushRequest) {
        const changed = { ...there[name].get(key), id: key, ...patch };
        there.journal.push(`update ${key} ${Object.keys(patch).join()}`);
        there[name].set(key, changed);
        return { wire: changed };
      },
      async remove(_client: null, key: string) {
        there.journal.push(`remove ${key}`);
        there[name].delete(key);
      },
    },
  });
  const made = connector<null, Record<string, never>, Record<string, never>>({
    id: 'catalogue',
    name: 'Catalogue',
    ...inMemory,
    streams: {
      courses: stream<null, 'course', Wire>({
        ...common('courses'),
        entity: 'course',
        fields: { title: text('title') },
      }),
      classes: stream<null, 'class', Wire>({
        ...common('classes'),
        entity: 'class',
        fields: { title: text('title'), classCode: text('code', 'provider') },
        refs: {
          course: {
            stream: 'courses',
            read: ({ course }) => (course ? [course as string] : []),
            write: ([course]) => ({ course: course ?? null }),
            missing: 'omit',
          },
        },
      }),
    },
  });

  return Object.assign(there, { connector: made });
}

describe('a stream that is born on either side', () => {
  let world: TestEngine;
  let there: Catalogue;
  let integration: string;
  const classes = async () =>
    (
      await world.write(
        (tx) => tx<{ line: string }[]>`
        select concat_ws(' ', c.title, c.class_code, 'of', o.title, nullif(c.status, 'ACTIVE')) as line
        from class c left join course o on o.id = c.course_id order by line`,
      )
    ).map(({ line }) => line);
  const writes = async () => {
    const from = there.journal.length;
    const run = await world.sync(integration, { mode: 'FULL' });
    assert.equal(run.status, 'SUCCEEDED', JSON.stringify({ run, messages: world.messages }));
    return there.journal.slice(from);
  };
  const idle = async () => {
    assert.deepEqual(await writes(), []);
    const [run] = await world.write(
      (tx) =>
        tx<
          { n: number }[]
        >`select count(*)::int as n from sync_log where run_id = (select id from sync_run order by id desc limit 1)`,
    );
    assert.equal(run?.n, 0, 'another sync finds nothing to do (L2)');
  };

  before(async () => {
    there = catalogue();
    world = await testEngine([there.connector], { previewFirst: false, removalShare: 1 });
    integration = await world.connect('catalogue', {}, {});
  });
  after(() => world.database.drop());

  it('brings what it refers to, and is in step from the start', async () => {
    there.courses.set('bio', { id: 'bio', title: 'Biology' });
    there.classes.set('k1', { id: 'k1', title: 'B1', course: 'bio', code: 'x' });
    there.classes.set('k2', { id: 'k2', title: 'B2', course: 'late' });
    await writes();
    assert.deepEqual(await classes(), ['B1 x of Biology', 'B2 of']);
    await idle();
    const links = await world.write((tx) => tx`select key, base from link where stream = 'classes' order by key`);
    assert.deepEqual(
      [...links].map(({ base }) => base),
      [
        { title: 'B1', classCode: 'x', course: ['bio'] },
        { title: 'B2', classCode: null, course: [] },
      ],
      'what both sides agreed on is the base',
    );
  });

  it('takes a reference over once we have whom it means', async () => {
    there.courses.set('late', { id: 'late', title: 'Chemistry' });
    assert.deepEqual(await writes(), []);
    assert.deepEqual(await classes(), ['B1 x of Biology', 'B2 of Chemistry']);
    await idle();
  });

  it('merges references both ways, asks when both have moved them, and takes the answer', async () => {
    const { id: _id, ...rest } = { id: 'k1', title: 'B1', code: 'x' };
    there.classes.set('k1', { id: 'k1', ...rest, course: 'late' });
    await world.write(
      (tx) => tx`update class set course_id = (select id from course where title = 'Biology') where title = 'B2'`,
    );
    assert.deepEqual(await writes(), ['update k2 course']);
    assert.deepEqual(await classes(), ['B1 x of Chemistry', 'B2 of Biology']);
    await idle();

    await world.write((tx) => tx`update class set course_id = null where title = 'B1'`);
    there.classes.set('k1', { id: 'k1', ...rest, course: 'bio' });
    await writes();
    const [asked] = await world.conflicts();
    assert.deepEqual(asked?.fields, [{ name: 'course', baseValue: ['late'], localValue: [], externalValue: ['bio'] }]);
    const answer = { tenantId: world.school.tenant.id, by: 'a person', now: new Date(), version: asked.version };
    await world.write((tx) =>
      world.api.resolveConflict(tx, { ...answer, conflictId: asked.id, resolution: 'ACCEPT_EXTERNAL' }),
    );
    assert.deepEqual(await classes(), ['B1 x of Biology', 'B2 of Biology']);
    await world.runWaiting(integration);
    await idle();

    await world.write((tx) => tx`update class set course_id = null where title = 'B1'`);
    assert.deepEqual(await writes(), ['update k1 course']);
    await idle();
  });

  it('gives its provider back what is the provider’s own, and explains whose a value is', async () => {
    const [{ id } = { id: '' }] = await world.write(
      (tx) => tx<{ id: string }[]>`select id from class where title = 'B1'`,
    );
    const explained = await world.write((tx) =>
      world.api.explain(tx, {
        tenantId: world.school.tenant.id,
        integrationId: integration,
        record: { entity: 'class', id },
      }),
    );
    assert.deepEqual(
      explained?.fields.map(({ name, owner }) => [name, owner]),
      [
        ['title', 'Homeroom and Catalogue'],
        ['classCode', 'Catalogue'],
        ['course', 'Homeroom and Catalogue'],
      ],
    );
    assert.equal(explained?.state, 'IN_STEP');
    await world.write((tx) => tx`update class set class_code = 'mine' where id = ${id}`);
    assert.deepEqual(await writes(), []);
    assert.ok((await classes()).includes('B1 x of'));
  });

  it('takes in what carries an id of ours that means nobody here, as something new', async () => {
    const [{ id } = { id: '' }] = await world.write(
      (tx) => tx<{ id: string }[]>`select id from class where title = 'B1'`,
    );
    const strange = '01900000-0000-7000-8000-00000000abcd';
    there.classes.set('s1', { id: 's1', title: 'Strange', ours: strange });
    there.classes.set('s2', { id: 's2', title: 'Strange too', ours: strange });
    there.classes.set('s3', { id: 's3', title: 'Copied', ours: id });
    await writes();
    const ids = await world.write(
      (tx) => tx<{ id: string }[]>`select id from class where title in ('Strange', 'Strange too', 'Copied')`,
    );
    assert.equal(new Set(ids.map((row) => row.id)).size, 3);
    assert.ok(!ids.some((row) => row.id === strange || row.id === id));
    await idle();
  });

  it('takes in thousands by ranges, none over what is spoken for', async () => {
    await world.school.class({ title: 'Ours' });
    for (let index = 0; index < 1100; index += 1) {
      const key = `n${String(index).padStart(4, '0')}`;
      there.classes.set(key, { id: key, title: `Class ${index}` });
    }
    const [ours] = await world.write((tx) => tx<{ id: string }[]>`select id from class where title = 'Ours'`);
    for (const key of ['n0500', 'n0501']) there.classes.set(key, { id: key, title: 'Ours', ours: ours?.id });
    const run = await world.sync(integration, { mode: 'FULL' });
    assert.deepEqual([run.status, run.created], ['SUCCEEDED', 1098]);
    const ranges = (await world.log(run.id)).filter(({ action }) => action.endsWith('.add'));
    assert.equal(ranges.length, 2);
    const asked = (await world.conflicts()).filter(({ status }) => status === 'OPEN');
    assert.deepEqual(
      asked.map(({ kind, candidates }) => [kind, candidates.map((each) => each.externalId)]),
      [['DUPLICATE_MATCH', ['n0500', 'n0501']]],
    );
    const answer = {
      tenantId: world.school.tenant.id,
      by: 'a person',
      now: new Date(),
      version: asked[0]?.version ?? 0,
    };
    await world.write((tx) =>
      world.api.resolveConflict(tx, {
        ...answer,
        conflictId: asked[0]?.id ?? '',
        resolution: 'PUSH_LOCAL',
        externalId: 'n0501',
      }),
    );
    await world.runWaiting(integration);
    const [left] = await world.write(
      (tx) => tx<{ n: number }[]>`select count(*)::int as n from class where title = 'Ours'`,
    );
    assert.equal(left?.n, 2, 'the other one is nobody’s, so it is new');
    await idle();
  });

  describe('undone', () => {
    const act = () => ({ tenantId: world.school.tenant.id, by: 'a person', now: new Date() });
    const undo = async (run: RunSeen) => {
      await world.write((tx) => world.api.undoRun(tx, { ...act(), runId: run.id }));
      const planned = await world.runWaiting(integration);
      assert.equal(planned?.status, 'HELD', JSON.stringify(planned));
      await world.write((tx) =>
        world.api.approveRun(tx, { ...act(), runId: planned.id, planHash: planned.planHash ?? '' }),
      );
      const applied = await world.runWaiting(integration);
      assert.equal(applied?.status, 'SUCCEEDED', JSON.stringify({ applied, messages: world.messages }));
    };

    it('leaves both sides as they were, and stays so', async () => {
      there.classes.set('k1', { ...there.classes.get('k1'), id: 'k1', code: 'y' });
      there.classes.set('u1', { id: 'u1', title: 'Undone there' });
      there.classes.delete('k2');
      await world.school.class({ title: 'Undone here' });
      const before = (await classes()).filter((line) => !line.startsWith('Class '));
      const run = await world.sync(integration, { mode: 'FULL' });
      assert.deepEqual([run.created, run.updated, run.deleted], [2, 1, 1], JSON.stringify(await world.log(run.id)));
      await undo(run);
      const now = (await classes()).filter((line) => !line.startsWith('Class '));
      assert.deepEqual(now, [...before, 'Undone there of ARCHIVED'].toSorted());
      assert.ok(![...there.classes.values()].some(({ title }) => title === 'Undone here'));
      await idle();
    });
  });
});
