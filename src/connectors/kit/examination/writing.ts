/** What is written can be read again, and nothing is made twice. */
import assert from 'node:assert/strict';
import { entities, type Value } from '../../../model/entities.ts';
import type { Closed, Connector, Field, Patch, Pushed, PushRequest, Stream } from '../contract.ts';
import { ProviderProblem } from '../errors.ts';
import type { Fixtures, Writing } from '../examination.ts';
import { mergePatches } from '../patch.ts';
import { fieldsOf, valuesOf } from './reading.ts';
import { examineWith, keysOf, type Sitting, streamOf } from './sitting.ts';

type Row = Readonly<Record<string, Value>>;
type Refs = Readonly<Record<string, readonly string[]>>;

export function examineWriting(connector: Connector, fixtures: Fixtures): void {
  const writable = Object.entries(connector.streams).filter(([, { push }]) => Object.keys(push ?? {}).length > 0);

  for (const [name, stream] of writable) {
    examineWith(
      `${name}: writing what was read changes nothing`,
      connector,
      fixtures,
      async ({ pages, stage, context }) => {
        for (const raw of (await pages(name)).flatMap(({ records }) => records)) {
          const wire = stream.wire.parse(raw);
          const before = valuesOf(stream, wire, context.settings);
          const row = Object.fromEntries(Object.entries(before).map(([field, value]) => [field, value ?? null]));
          const patch = patchOf(stream, row, {}, Object.keys(stream.fields), context.settings);
          const after = stage.applied?.(name, raw, patch) ?? mergePatches(raw as Patch, patch);
          assert.deepEqual(valuesOf(stream, stream.wire.parse(after), context.settings), before);
        }
      },
    );

    examineWith(`${name}: what is written is what is read`, connector, fixtures, async (sitting) => {
      const writing = writingOf(sitting, name);
      const { key } = await makeWith(sitting, name);
      if (stream.push?.update && writing.change) {
        const row = { ...writing.row, ...writing.change };
        const request = await requestFor(sitting, name, row, Object.keys(writing.change));
        const { wire } = arrived(await stream.push.update(sitting.client, key, request));
        assert.equal(stream.key(wire), key, 'the key stays the same');
        assertHolds(sitting, stream, wire, row, Object.keys(writing.change));
        const again = arrived(await stream.push.update(sitting.client, key, request));
        assertHolds(sitting, stream, again.wire, row, Object.keys(writing.change));
      }
      if (stream.push?.remove) {
        const request = await requestFor(sitting, name, writing.row, []);
        await stream.push.remove(sitting.client, key, request);
        await stream.push.remove(sitting.client, key, request);
        const left = (await sitting.pages(name)).flatMap(({ records }) => records).map((raw) => stream.wire.parse(raw));
        assert.ok(!left.some((wire) => stream.key(wire) === key && !stream.gone?.(wire)), 'it is gone');
      }
    });

    if (!stream.push?.create) continue;
    examineWith(`${name}: a create whose answer was lost is not made twice`, connector, fixtures, async (sitting) => {
      const { stage, client, hear } = sitting;
      await makeReferences(sitting, name);
      const request = await requestFor(sitting, name, writingOf(sitting, name).row, 'all');
      assert.ok(stage.loseNextCreate && stage.count, 'the fixtures can lose an answer and count');
      const before = await stage.count(name);
      await stage.loseNextCreate(name);
      await stream.push?.create?.(client, request).then(
        () => undefined,
        (error: unknown) => {
          hear(error);
          assert.ok(error instanceof ProviderProblem, 'a lost answer is a problem of the provider');
        },
      );
      const second = arrived(await stream.push?.create?.(client, { ...request, uncertain: true }));
      assertHolds(sitting, stream, second.wire, request.row, Object.keys(request.row));
      assert.equal(await stage.count(name), before + 1);
      const keys = keysOf(stream, await sitting.pages(name));
      assert.ok(keys.includes(stream.key(second.wire)), 'the record that is found is the one that was made');
    });
  }
}

function writingOf({ stage }: Sitting, name: string): Writing {
  const writing = stage.writings?.[name];
  assert.ok(writing, `the fixtures say what to write into ${name}`);
  return writing;
}

/** Keys of what the test made, so that a reference can name it. */
const made = new WeakMap<Sitting, Map<string, string>>();

/** Makes the record of a stream's writing, after those it refers to; a stream that cannot make one has the key given. */
async function makeWith(sitting: Sitting, name: string): Promise<{ key: string }> {
  const known = made.get(sitting) ?? new Map<string, string>();
  made.set(sitting, known);
  const there = known.get(name) ?? writingOf(sitting, name).key;
  if (there !== undefined) return { key: there };

  await makeReferences(sitting, name);
  const stream = streamOf(sitting.connector, name);
  const { row } = writingOf(sitting, name);
  const { wire } = arrived(await stream.push?.create?.(sitting.client, await requestFor(sitting, name, row, 'all')));
  assertHolds(sitting, stream, wire, row, Object.keys(row));
  known.set(name, stream.key(wire));
  return { key: stream.key(wire) };
}

async function makeReferences(sitting: Sitting, name: string): Promise<void> {
  for (const target of Object.values(writingOf(sitting, name).refs ?? {}).flat()) {
    if (typeof target !== 'string') await makeWith(sitting, target.made);
  }
}

async function requestFor(
  sitting: Sitting,
  name: string,
  row: Row,
  changed: readonly string[] | 'all',
): Promise<PushRequest> {
  const { settings, signal } = sitting.context;
  const stream = streamOf(sitting.connector, name);
  const shape = entities[stream.entity];
  const full: Row = {
    ...Object.fromEntries(Object.keys(shape.fields).map((field) => [field, null])),
    ...shape.defaults,
    ...row,
  };
  const refs = await resolve(sitting, writingOf(sitting, name).refs ?? {});
  const parts: Readonly<Record<string, { write?: unknown }>> = { ...stream.fields, ...stream.refs };
  const writable = Object.entries(parts)
    .filter(([, { write }]) => write !== undefined)
    .map(([part]) => part);
  const names = changed === 'all' ? writable : changed.filter((one) => writable.includes(one));

  return {
    row: full,
    refs,
    patch: patchOf(stream, full, refs, names, settings),
    changed: names,
    settings,
    signal,
    idempotencyKey: `examination${name.replace(/\W/g, '').toLowerCase()}`,
    recordId: '00000000-0000-7000-8000-000000000000',
    sourcedId: null,
    uncertain: false,
    handle: null,
    seen: null,
  };
}

async function resolve(sitting: Sitting, refs: NonNullable<Writing['refs']>): Promise<Refs> {
  const resolved: Record<string, string[]> = {};
  for (const [name, targets] of Object.entries(refs)) {
    resolved[name] = [];
    for (const target of targets) {
      resolved[name].push(typeof target === 'string' ? target : (await makeWith(sitting, target.made)).key);
    }
  }
  return resolved;
}

function patchOf(
  stream: Stream,
  row: Row,
  refs: Refs,
  names: readonly string[],
  settings: PushRequest['settings'],
): Patch {
  let patch: Patch = {};
  for (const name of names) {
    const field = (stream.fields as Record<string, Field<unknown> | undefined>)[name];
    const ref = stream.refs?.[name];
    const value = row[name] ?? null;
    const held = value === null || !field?.canonical ? value : field.canonical(value);
    if (field?.write) patch = mergePatches(patch, field.write(held, { row, settings }));
    if (ref?.write && (refs[name]?.length ?? 0) > 0) patch = mergePatches(patch, ref.write(refs[name] ?? []));
  }
  return patch;
}

function arrived(pushed: Pushed<unknown> | Closed | undefined): { wire: unknown } {
  assert.ok(pushed && 'wire' in pushed, 'the record is there at once');
  return pushed;
}

/** What was written is there, up to what the provider can hold. Fields that cannot be written are not looked at. */
function assertHolds({ context }: Sitting, stream: Stream, raw: unknown, row: Row, names: readonly string[]): void {
  const values = valuesOf(stream, stream.wire.parse(raw), context.settings);
  for (const [name, field] of fieldsOf(stream)) {
    const value = row[name] ?? null;
    if (!field.write || !names.includes(name)) continue;
    assert.deepEqual(values[name] ?? null, value === null ? null : (field.canonical?.(value) ?? value), name);
  }
}
