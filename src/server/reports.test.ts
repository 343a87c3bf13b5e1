import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { testEngine } from '../../test/harness/engine.ts';
import { memorySource } from '../../test/harness/memory.ts';
import { type SeededRun, seedTenant } from '../db/seed.ts';
import { systemClock } from '../model/clock.ts';
import { createSignedLinks } from '../schema/signed-links.ts';
import { openTestServer, type TestServer } from './test-server.ts';

describe('the report of a run', () => {
  let database: TestDatabase;
  let server: TestServer;
  let run: SeededRun;
  let address: string;
  const links = createSignedLinks('reports', {
    masterKey: randomBytes(32),
    base: () => server.server.url,
    clock: systemClock,
  });
  const linkTo = (of: SeededRun) => {
    const { school } = of.integration;
    return links.link({ tenantId: school.tenant.id, schoolId: school.id, id: of.id }).url;
  };
  const seedRun = async () => {
    const school = await (await seedTenant(database.app)).school();
    return (await school.integration()).run({ status: 'PARTIAL' });
  };

  before(async () => {
    database = await freshDatabase();
    server = await openTestServer({ reports: { app: database.app, links } });
    run = await seedRun();
    await run.logs(3, { status: 'SUCCESS' });
    await run.logs(1, {
      status: 'FAILED',
      action: 'google_classroom.roster.student.add',
      key: 'c1/u1',
      name: '=HYPERLINK("http://x.example")',
      reason: 'New in Homeroom.',
      details: { code: 'google_not_found', message: 'There is no "such", account.', remedy: 'Make the account.' },
    });
    await run.logs(1200, { status: 'SKIPPED', reason: 'No e-mail address.', details: { code: 'no_email' } });
    await run.logs(1, { status: 'SUCCESS', details: { code: 'TOO_MANY_INSTRUCTORS', message: 'Three are on it.' } });
    address = linkTo(run);
  });
  after(async () => {
    await server.close();
    await database.drop();
  });

  it('is a file of its errors and warnings, without a key, that a spreadsheet opens and does not compute', async () => {
    const response = await fetch(address);
    const text = await response.text();
    const rows = parse<Record<string, string>>(text, { columns: true, bom: true });

    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/csv/);
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="sync-run-.*\.csv"$/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.equal(rows.length, 1202);
    assert.deepEqual(
      { ...rows[0], timestamp: '' },
      {
        timestamp: '',
        status: 'FAILED',
        action: 'google_classroom.roster.student.add',
        entityType: rows[0]?.entityType,
        externalId: 'c1/u1',
        name: `'=HYPERLINK("http://x.example")`,
        records: '1',
        code: 'google_not_found',
        field: '',
        reason: 'New in Homeroom. There is no "such", account.',
        remedy: 'Make the account.',
      },
    );
    assert.deepEqual([rows[1200]?.status, rows[1200]?.code], ['SKIPPED', 'no_email']);
    assert.deepEqual(
      [rows[1201]?.status, rows[1201]?.code],
      ['SUCCESS', 'TOO_MANY_INSTRUCTORS'],
      'done, but not all of it',
    );
  });

  it('names the record that was skipped and the value that was left out, whatever they are called', async () => {
    const sis = memorySource();
    const { people } = sis.connector.streams;
    assert.ok(people);
    const wire = z.looseObject({ id: z.string(), email: z.string().optional() });
    const connector = { ...sis.connector, streams: { people: { ...people, wire } } };
    const world = await testEngine([connector], undefined, { database });
    const person = (id: string, familyName: string, rest: object) => ({ id, givenName: 'Zoë', familyName, ...rest });
    sis.people = [
      person('p1', 'Bos, "the\r\nyounger"', { email: 'zoe@school.example' }),
      person('=p2', 'Dee', { role: 'student', email: ['two', 'of them'] }),
      ...['p3', 'p4', 'p5', 'p6'].map((id) => person(id, 'Eck', { role: 'student', email: `${id}@school.example` })),
    ];
    const { id: runId } = await world.sync(await world.connect(sis.connector.id, {}, {}));
    const { school } = world;
    const { url } = links.link({ tenantId: school.tenant.id, schoolId: school.id, id: runId });
    const rows = parse<Record<string, string>>(await (await fetch(url)).text(), { columns: true, bom: true });
    const told = rows.map(({ status, entityType, externalId, name, field, code }) => ({
      ...{ status, entityType, externalId, name, field, code },
    }));

    const skipped = { status: 'SKIPPED', entityType: 'person' };
    assert.deepEqual(told, [
      {
        ...skipped,
        externalId: 'p1',
        name: 'Zoë Bos, "the\r\nyounger"',
        field: 'role',
        code: 'required_value_missing',
      },
      { ...skipped, externalId: "'=p2", name: 'Zoë Dee', field: 'email', code: 'value_unreadable' },
    ]);
    assert.ok(rows.every(({ reason }) => (reason ?? '').length > 10));
  });

  it('answers a link that was changed, made up or cut short like one that never was', async () => {
    const changed = address.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const answers = await Promise.all(
      [changed, `${server.server.url}/reports/`, `${server.server.url}/reports/x`, `${address}/x`].map(async (url) => {
        const response = await fetch(url);
        return [response.status, await response.text()];
      }),
    );
    const [first] = answers;

    assert.equal(first?.[0], 404);
    for (const answer of answers) assert.deepEqual(answer, first);
  });

  it('shows the run of its own school only', async () => {
    const other = await seedRun();
    await other.logs(2, { status: 'FAILED' });
    const { school } = run.integration;
    const mixed = links.link({ tenantId: school.tenant.id, schoolId: school.id, id: other.id }).url;
    const rows = parse<object>(await (await fetch(mixed)).text(), { columns: true, bom: true });

    assert.equal(rows.length, 0);
  });

  it('can only be read', async () => {
    const response = await fetch(address, { method: 'POST' });

    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
  });
});
