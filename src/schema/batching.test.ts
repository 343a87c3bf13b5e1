import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type SeededTenant, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestGateway } from './test-gateway.ts';

const readExample = (name: string) =>
  readFile(resolve(import.meta.dirname, `../../examples/operations/${name}.graphql`), 'utf8');

/** A tenant with this many of everything at each level. */
async function seedMany(gateway: TestGateway, schools: number): Promise<{ tenant: SeededTenant; schoolId: string }> {
  const tenant = await seedTenant(gateway.database.app);
  let schoolId = '';
  for (let s = 0; s < schools; s += 1) {
    const school = await tenant.school();
    schoolId = encodeId('School', school.id);
    for (let i = 0; i < schools; i += 1) {
      const integration = await school.integration();
      for (let n = 0; n < schools; n += 1) {
        await (await integration.run()).logs(schools);
        await integration.conflict();
      }
    }
    const [classId, personId] = [await school.class(), await school.person()];
    for (let n = 0; n < schools; n += 1) await school.enrollment({ classId, personId });
  }

  return { tenant, schoolId };
}

describe('statements sent for a query', () => {
  let gateway: TestGateway;
  let statements: string[] = [];

  before(async () => {
    gateway = await openTestGateway({
      app: (database) => database.connect('app', { max: 1, debug: (_, query) => statements.push(query) }),
    });
    // The driver asks once for each connection which types the server has.
    const tenant = await seedTenant(gateway.database.app);
    await gateway.as(tenant.id).ask('{ schools { totalCount } }');
  });
  after(() => gateway.close());

  /** What was sent, without the frame of a transaction. */
  async function count(tenantId: string, document: string, variables?: Record<string, unknown>): Promise<string[]> {
    statements = [];
    await gateway.as(tenantId).ask(document, variables);
    const frame = /^\s*(begin|commit|select\s+set_config)/i;
    assert.equal(statements.filter((text) => /^\s*begin/i.test(text)).length, 1, 'one transaction');

    return statements.filter((text) => !frame.test(text));
  }

  const expected = { Dashboard: 5, AppsAndIntegrations: 4, Conflicts: 4, Roster: 4 };

  for (const [name, number] of Object.entries(expected)) {
    test(`${name} takes ${number}, however many schools, integrations and runs there are`, async () => {
      const document = await readExample(name);
      const [one, many] = [await seedMany(gateway, 1), await seedMany(gateway, 4)];

      for (const { tenant, schoolId } of [one, many]) {
        const sent = await count(tenant.id, document, { schoolId });
        assert.equal(sent.length, number, sent.join('\n;\n'));
      }
    });
  }

  test('a count is taken only when it is asked for, and a page only when its items are', async () => {
    const { tenant } = await seedMany(gateway, 2);
    const counts = (sent: string[]) => sent.filter((text) => text.includes('count(*)')).length;

    const page = await count(tenant.id, '{ schools { nodes { integrations { syncRuns { nodes { id } } } } } }');
    assert.deepEqual([page.length, counts(page)], [3, 0]);
    const both = await count(
      tenant.id,
      '{ schools { nodes { integrations { syncRuns { totalCount edges { cursor } } } } } }',
    );
    assert.deepEqual([both.length, counts(both)], [4, 1]);
    const number = await count(tenant.id, '{ schools { totalCount } }');
    assert.deepEqual([number.length, counts(number)], [1, 1]);
  });

  test('the wide columns of a log are read only when somebody asks for them', async () => {
    const { tenant } = await seedMany(gateway, 1);
    const logs = (fields: string) =>
      `{ schools { nodes { integrations { syncRuns { nodes { logs { ${fields} } } } } } } }`;
    const reads = async (document: string) => {
      const sent = await count(tenant.id, document);
      return sent.some((text) => text.includes('l.details'));
    };

    assert.equal(await reads(logs('nodes { id action }')), false);
    assert.equal(await reads(logs('nodes { details }')), true);
    assert.equal(await reads(logs('edges { node { ... on SyncLog { changes { name } } } }')), true);
    assert.equal(await reads(`${logs('...Page')} fragment Page on SyncLogConnection { nodes { details } }`), true);
  });

  test('a fragment that is used in two places reads in each what that place selects', async () => {
    const { tenant } = await seedMany(gateway, 1);
    const document = `{
      narrow: schools { nodes { integrations { latestSyncRun { ...Run } } } }
      wide: schools { nodes { integrations { latestSyncRun { ...Run logs { nodes { details } } } } } }
    }
    fragment Run on SyncRun { logs { nodes { action } } }`;
    const answer = JSON.stringify(await gateway.as(tenant.id).ask(document));

    assert.match(answer, /"narrow".*"action":"google_classroom.roster.student.add"\}.*"wide".*"details":\{\}/);
  });
});
