import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { eq, sql as sqlText } from 'drizzle-orm';
import { bigint, date, jsonb, pgTable, timestamp, uuid } from 'drizzle-orm/pg-core';
import { freshDatabase } from '../../test/harness/database.ts';
import { asSystem, asTenant, connect, orm, type TransactionSql } from './client.ts';

const database = await freshDatabase();
after(() => database.drop());
const { owner, app } = database;

const [tenantA, tenantB, schoolA] = [
  '01900000-0000-7000-8000-00000000000a',
  '01900000-0000-7000-8000-00000000000b',
  '01900000-0000-7000-8000-0000000000a1',
];
const ofA = { tenantId: tenantA, schoolIds: null, actor: 'test' };
const ofB = { tenantId: tenantB, schoolIds: null, actor: 'test' };

await owner.unsafe(`
  create table note (tenant_id uuid not null, text text not null);
  alter table note enable row level security;
  alter table note force row level security;
  create policy note_tenant on note
    using (tenant_id = nullif(current_setting('homeroom.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('homeroom.tenant', true), '')::uuid);
  grant select, insert on note to homeroom_app`);

async function settings(tx: TransactionSql) {
  const [row] = await tx`
    select current_setting('homeroom.tenant', true) as tenant, current_setting('homeroom.schools', true) as schools,
           current_setting('homeroom.actor', true) as actor`;
  return { ...row };
}

test('a session begins as its role, whoever signed in, with the limits of that role', async () => {
  for (const [role, statement, lock] of [
    ['app', '8s', '3s'],
    ['worker', '1min', '3s'],
    ['owner', '0', '0'],
  ] as const) {
    const [row] = await database[role]`
      select current_user as name, current_setting('is_superuser') as super, current_setting('statement_timeout') as statement,
             current_setting('lock_timeout') as lock, current_setting('application_name') as application`;
    assert.deepEqual(
      { ...row },
      { name: `homeroom_${role}`, super: 'off', statement, lock, application: `homeroom-${role}` },
    );
  }
});

test('limits and name can be given', async () => {
  const sql = database.connect('app', { statementTimeout: 50, name: 'feed' });
  const [row] = await sql`select current_setting('application_name') as application`;
  assert.equal(row?.application, 'homeroom-feed');
  await assert.rejects(sql`select pg_sleep(5)`, { code: '57014' });
});

test('a tenant sees its own rows and no others, and can write no others', async () => {
  await asTenant(app, ofA, (tx) => tx`insert into note values (${tenantA}, 'of A')`);
  await asTenant(app, ofB, (tx) => tx`insert into note values (${tenantB}, 'of B')`);
  const seen = await asTenant(app, ofA, (tx) => tx`select text from note`);
  assert.deepEqual([...seen], [{ text: 'of A' }]);
  await assert.rejects(
    asTenant(app, ofA, (tx) => tx`insert into note values (${tenantB}, 'smuggled')`),
    { code: '42501' },
  );
});

test('without an identity there are no rows, on a fresh connection and on a used one', async () => {
  const one = database.connect('app', { max: 1 });
  assert.equal((await one`select from note`).length, 0);
  await asTenant(one, ofA, (tx) => tx`select from note`);
  assert.equal((await one`select from note`).length, 0);
});

test('identity lasts as long as its transaction, on the same connection too', async () => {
  const one = database.connect('app', { max: 1 });
  const known = await asTenant(one, { tenantId: tenantA, schoolIds: [schoolA, tenantB], actor: 'run:1' }, settings);
  assert.deepEqual(known, { tenant: tenantA, schools: `{${schoolA},${tenantB}}`, actor: 'run:1' });
  assert.deepEqual(await one.begin(settings), { tenant: '', schools: '', actor: '' });
  const none = await asTenant(one, { ...ofA, schoolIds: [] }, settings);
  assert.equal(none.schools, '{}');
  assert.equal((await asTenant(one, ofA, settings)).schools, '*');
  assert.deepEqual(await asSystem(one, 'retention', settings), { tenant: '', schools: '', actor: 'retention' });
});

test('a transaction commits when its function resolves and rolls back when it rejects', async () => {
  const failure = new Error('changed my mind');
  await assert.rejects(
    asTenant(app, ofA, async (tx) => {
      await tx`insert into note values (${tenantA}, 'undone')`;
      throw failure;
    }),
    failure,
  );
  const rows = await asTenant(app, ofA, (tx) => tx`select from note where text = 'undone'`);
  assert.equal(rows.length, 0);
});

test('a failed statement fails the transaction even when its error is swallowed', async () => {
  await assert.rejects(
    asTenant(app, ofA, (tx) => tx`select 1 / 0`.catch(() => 'ignored')),
    { code: '22012' },
  );
});

test('a read-only transaction refuses writes and sees one state from start to end', async () => {
  await assert.rejects(
    asTenant(app, ofA, (tx) => tx`insert into note values (${tenantA}, 'x')`, { readOnly: true }),
    { code: '25006' },
  );
  const count = (tx: TransactionSql) => tx`select count(*) as n from note`.then(([row]) => row?.n as number);
  await asTenant(
    app,
    ofA,
    async (tx) => {
      const before = await count(tx);
      await asTenant(app, ofA, (other) => other`insert into note values (${tenantA}, 'meanwhile')`);
      assert.equal(await count(tx), before);
    },
    { readOnly: true },
  );
});

test('a savepoint undoes its part only', async () => {
  await asTenant(app, ofA, async (tx) => {
    await tx`insert into note values (${tenantA}, 'kept')`;
    await assert.rejects(tx.savepoint((inner) => inner`insert into note values (${tenantB}, 'not mine')`));
  });
  assert.equal((await asTenant(app, ofA, (tx) => tx`select from note where text = 'kept'`)).length, 1);
});

test('the identity is sent with the first statements, and before them', async () => {
  const sent: string[] = [];
  const one = database.connect('app', { max: 1, debug: (_connection, query) => void sent.push(query.trim()) });
  const two = (tx: TransactionSql) => Promise.all([tx`select 1`, tx`select 2`]);
  // On a new connection the driver asks about types, and about each statement's parameters, first.
  await asTenant(one, ofA, two);
  sent.length = 0;
  await asTenant(one, ofA, two);
  assert.deepEqual(
    sent.map((query) => query.split(/[\s(]/).slice(0, 2).join(' ')),
    ['begin', 'select set_config', 'select 1', 'select 2', 'commit'],
  );
});

const thing = pgTable('thing', {
  id: uuid().primaryKey(),
  at: timestamp({ precision: 3, withTimezone: true }).notNull(),
  day: date().notNull(),
  seq: bigint({ mode: 'number' }).notNull(),
  value: jsonb().notNull(),
});

test('values come back alike through SQL and through drizzle', async () => {
  await owner.unsafe(`
    create table thing (id uuid primary key, at timestamp(3) with time zone not null, day date not null,
                        seq bigint not null, value jsonb not null)`);
  const at = new Date('2026-11-02T08:30:00.123Z');
  const value = { words: ['é', '"'], n: 1.5, none: null };
  const row = { id: tenantA, at, day: '2026-09-01', seq: 2 ** 53 - 1, value };
  await orm(owner).insert(thing).values(row);
  await owner`insert into thing ${owner({ ...row, id: tenantB, value: owner.json(value) })}`;

  for (const id of [tenantA, tenantB]) {
    const [raw] = await owner`select id, at, day, seq, value from thing where id = ${id}`;
    assert.deepEqual({ ...raw }, { ...row, id });
    const [built] = await orm(owner).select().from(thing).where(eq(thing.id, id));
    assert.deepEqual(built, { ...row, id });
  }
  const found = await owner`select from thing where at = ${at} and day = ${'2026-09-01'} and seq = ${2 ** 53 - 1}`;
  assert.equal(found.length, 2);
});

test('an integer beyond what a number holds stays exact, arrays keep their types', async () => {
  const [row] = await owner`
    select 9007199254740993::int8 as big, array[1, 2]::int8[] as numbers, array[${tenantA}]::uuid[] as ids,
           array['2026-01-01T00:00:00Z'::timestamptz] as times, array['2026-01-01'::date] as days`;
  assert.deepEqual(
    { ...row },
    {
      big: '9007199254740993',
      numbers: [1, 2],
      ids: [tenantA],
      times: [new Date('2026-01-01T00:00:00Z')],
      days: ['2026-01-01'],
    },
  );
});

test('drizzle works inside a tenant transaction', async () => {
  const [row] = await asTenant(app, ofB, (tx) =>
    orm(tx).select({ tenant: sqlText<string>`current_setting('homeroom.tenant')` }).from(sqlText`(select 1) as one`),
  );
  assert.equal(row?.tenant, tenantB);
});

test('an address may name a socket the way libpq does', async () => {
  const sql = connect({ target: database.url, role: 'app', max: 1 });
  const [row] = await sql`select current_database() as name`;
  await sql.end();
  assert.equal(row?.name, database.name);
});
