/** What is read is whole, the same every time, and survives being interrupted. */
import assert from 'node:assert/strict';
import { entities, type FieldType, type Value } from '../../../model/entities.ts';
import type { Connector, Field, Settings, Stream } from '../contract.ts';
import type { Fixtures } from '../examination.ts';
import { examineWith, keysOf, streamOf } from './sitting.ts';

const fits: Record<FieldType, (value: Value) => boolean> = {
  text: (value) => typeof value === 'string',
  date: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value),
  instant: (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value),
  boolean: (value) => typeof value === 'boolean',
  list: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

export function examineReading(connector: Connector, fixtures: Fixtures): void {
  const names = Object.keys(connector.streams);
  const having = (way: 'all' | 'since' | 'some') =>
    names.filter((name) => way in (connector.streams[name]?.pull ?? {}));
  const whole = having('all');

  examineWith('its probe finds everything in order', connector, fixtures, async ({ client, context, hear }) => {
    const checks = await connector.probe(client, context);
    hear(checks);
    assert.ok(checks.length > 0);
    for (const check of checks) assert.deepEqual([check.ok, check.remedy], [true, null], check.message);
    assert.equal(new Set(checks.map(({ name }) => name)).size, checks.length, 'every check has its own name');
  });

  for (const name of names) {
    examineWith(`${name}: keys are unique, and the same in two pulls`, connector, fixtures, async ({ pages }) => {
      const stream = streamOf(connector, name);
      const keys = keysOf(stream, await pages(name));
      assert.equal(new Set(keys).size, keys.length);
      assert.deepEqual(keysOf(stream, await pages(name)).sort(), keys.sort());
    });

    examineWith(
      `${name}: values are of the school's kinds, and unknown fields do no harm`,
      connector,
      fixtures,
      async ({ pages, context }) => {
        const stream = streamOf(connector, name);
        const types: Readonly<Record<string, FieldType>> = entities[stream.entity].fields;
        for (const raw of (await pages(name)).flatMap(({ records }) => records)) {
          const values = valuesOf(stream, stream.wire.parse(raw), context.settings);
          for (const [field, value] of Object.entries(values)) {
            const type = types[field] ?? 'text';
            if (value !== null && value !== undefined) assert.ok(fits[type](value), `${field} is a ${type}`);
          }
          const strange = { ...(raw as object), 'x-unknown': { deep: [1, null] }, unknown: null };
          assert.deepEqual(describe(stream, strange, context.settings), describe(stream, raw, context.settings));
        }
      },
    );
  }

  for (const name of names.filter((each) => connector.streams[each]?.findings)) {
    examineWith(
      `${name}: what it finds in records is told in sentences`,
      connector,
      fixtures,
      async ({ pages, hear }) => {
        const stream = streamOf(connector, name);
        for (const raw of (await pages(name)).flatMap(({ records }) => records)) {
          for (const finding of stream.findings?.(stream.wire.parse(raw)) ?? []) {
            hear(finding);
            assert.match(finding.code, /^[A-Za-z][A-Za-z0-9_]*$/);
            assert.match(finding.message, /^\S.*\.$/, 'the message is a sentence');
            assert.match(finding.remedy, /^\S.*\.$/, 'the remedy is a sentence');
          }
        }
      },
    );
  }

  for (const name of whole) {
    examineWith(`${name}: a pull stops when told`, connector, fixtures, async ({ from, stage, hear }) => {
      const stop = new AbortController();
      const { pull } = streamOf(connector, name);
      const pages = pull.all?.(from({ signal: stop.signal }))[Symbol.asyncIterator]();
      const first = await pages?.next();
      stop.abort(new Error('Enough.'));
      const before = await stage.requests();
      if (!first?.done && first?.value.next !== null) {
        await assert.rejects(
          async () => void (await pages?.next()),
          (error) => {
            hear(error);
            return error === stop.signal.reason;
          },
        );
      }
      await assert.rejects(Array.fromAsync(pull.all?.(from({ signal: stop.signal })) ?? []));
      assert.equal(await stage.requests(), before, 'nothing more is asked for');
    });

    examineWith(`${name}: a pull resumes after any page and finds the rest`, connector, fixtures, async ({ pages }) => {
      const stream = streamOf(connector, name);
      const uninterrupted = await pages(name);
      assert.equal(uninterrupted.at(-1)?.next, null, 'the last page has no next');
      for (const [place, { next }] of uninterrupted.slice(0, -1).entries()) {
        assert.notEqual(next, null, 'only the last page has no next');
        const both = [...uninterrupted.slice(0, place + 1), ...(await pages(name, next))];
        assert.deepEqual(sortedKeys(stream, both), sortedKeys(stream, uninterrupted));
      }
    });
  }

  examineWith('the world of its fixtures fills more than one page', connector, fixtures, async ({ pages }) => {
    const lengths: number[] = [];
    for (const name of whole) lengths.push((await pages(name)).length);
    assert.ok(
      lengths.some((length) => length > 1),
      'no stream has several pages',
    );
  });

  for (const name of having('since')) {
    examineWith(
      `${name}: a whole pull ends with a mark from which changes can be read`,
      connector,
      fixtures,
      async ({ pages, from }) => {
        const stream = streamOf(connector, name);
        const all = await pages(name);
        const { mark } = all.at(-1) ?? {};
        assert.ok(mark !== undefined, 'there is a mark');
        const changes = await Array.fromAsync(stream.pull.since?.(from(), mark) ?? []);
        const known = new Set(keysOf(stream, all));
        for (const key of keysOf(stream, changes)) assert.ok(known.has(key), 'a change is of a record that is there');
      },
    );
  }

  for (const name of having('some')) {
    examineWith(
      `${name}: a named record is found and is the same`,
      connector,
      fixtures,
      async ({ pages, from, context }) => {
        const stream = streamOf(connector, name);
        const [raw] = (await pages(name)).flatMap(({ records }) => records);
        if (raw === undefined) return;

        const { key, values, refs } = describe(stream, raw, context.settings);
        const row = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<
          string,
          Value
        >;
        const asked = [{ recordId: '00000000-0000-7000-8000-000000000000', sourcedId: null, key, row, refs }];
        const found = (await Array.fromAsync(stream.pull.some?.(from(), asked) ?? [])).flatMap(
          ({ records }) => records,
        );
        assert.deepEqual(
          found.map((one) => describe(stream, one, context.settings)),
          [{ key, values, refs }],
        );
      },
    );
  }
}

function sortedKeys(stream: Stream, pages: Parameters<typeof keysOf>[1]): string[] {
  return [...new Set(keysOf(stream, pages))].sort();
}

/** Everything the engine takes from a record. */
function describe(stream: Stream, raw: unknown, settings: Settings) {
  const wire = stream.wire.parse(raw);
  const refs = Object.entries(stream.refs ?? {}).map(([name, ref]) => [name, ref.read(wire)] as const);
  return { key: stream.key(wire), values: valuesOf(stream, wire, settings), refs: Object.fromEntries(refs) };
}

/** A record's values by field name, up to what the provider can hold of them. */
export function valuesOf(stream: Stream, wire: unknown, settings: Settings): Record<string, Value | undefined> {
  return Object.fromEntries(
    fieldsOf(stream).map(([name, field]) => {
      const value = field.read(wire, settings);
      return [name, value === null || value === undefined ? value : (field.canonical?.(value) ?? value)];
    }),
  );
}

/** A stream's fields, whichever entity they are of. */
export function fieldsOf(stream: Stream): [string, Field<unknown>][] {
  const fields: Readonly<Record<string, unknown>> = stream.fields;
  return Object.entries(fields) as [string, Field<unknown>][];
}
