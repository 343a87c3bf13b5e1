import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { arrayTypes } from './array-types.ts';
import type { Sql } from './client.ts';

describe('arrays come back as they were sent', () => {
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await freshDatabase();
    sql = database.app;
  });
  after(() => database.drop());

  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom('', 'NULL', 'null', '{', '}', ',', '"', '\\', ' ', 'a,b', '"\\"', 'é {x}', '\n\t'),
  );

  it('of text, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(word), { maxLength: 8 }), async (words) => {
        const [row] = await sql<{ back: unknown }[]>`select ${words as string[]}::text[] as back`;
        assert.deepEqual(row?.back, words);
      }),
      { numRuns: 150 },
    );
  });

  it('of every type that is used, and of arrays', async () => {
    const id = '01900000-0000-7000-8000-000000000001';
    const at = new Date('2026-09-01T08:00:00.123Z');
    const [row] = await sql`
      select ${[id]}::uuid[] as ids, ${[1, -2]}::int4[] as numbers, ${['9007199254740993', '5']}::int8[] as large,
             array[true, false, null] as truths, array[${at}::timestamptz] as instants, array['2026-09-01'::date] as days,
             array['{"a": [1, "x\\"y"]}'::jsonb] as documents, array[1.5::float8] as reals, array['\\x00ff'::bytea] as bytes,
             array[['a', 'b'], ['c', null]] as nested, '{}'::text[] as nothing, '[2:3]={7,8}'::int4[] as shifted,
             array['x'::name] as names`;
    assert.deepEqual(
      { ...row },
      {
        ids: [id],
        numbers: [1, -2],
        large: ['9007199254740993', 5],
        truths: [true, false, null],
        instants: [at],
        days: ['2026-09-01'],
        documents: [{ a: [1, 'x"y'] }],
        reals: [1.5],
        bytes: [Buffer.from([0, 255])],
        nested: [
          ['a', 'b'],
          ['c', null],
        ],
        nothing: [],
        shifted: [7, 8],
        names: ['x'],
      },
    );
  });

  it('and what is no array is refused, however it ends', () => {
    const { parse } = Object.values(arrayTypes([]))[0] as { parse(text: string): unknown };
    assert.deepEqual(parse('{a,"b c"}'), ['a', 'b c']);
    for (const text of ['', 'Ada', '{', '{a', '{a,', '{"', '{"a', '{"a\\', '{{a}', '{a}b', 'a}', '[2:3]=', '}{']) {
      assert.throws(() => parse(text), /no array/, text);
    }
  });

  it('knows every array type of our tables', async () => {
    const owner = database.connect('owner', { max: 1 });
    const rows = await owner<{ oid: number }[]>`
      select distinct a.atttypid::int as oid from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      join pg_type t on t.oid = a.atttypid
      where a.attnum > 0 and t.typcategory = 'A'`;
    const known = owner.options.parsers as Record<number, unknown>;
    assert.ok(rows.length > 0);
    for (const { oid } of rows) assert.equal(typeof known[oid], 'function', `array type ${oid}`);
  });
});
