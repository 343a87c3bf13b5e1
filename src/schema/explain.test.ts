import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway } from './test-gateway.ts';

test('an operation gets twenty explanations, and is told that it gets no more', async (t) => {
  const gateway = await openTestGateway({
    sync: {
      explain: async () => ({ state: 'IN_STEP', summary: 'Alike.', link: null, fields: [], blockers: [] }),
    },
  });
  t.after(() => gateway.close());
  const tenant = await seedTenant(gateway.database.app);
  const school = await tenant.school();
  for (let count = 0; count < 7; count += 1) await school.integration();
  const recordId = encodeId('Person', await school.person());
  const explained = (name: string) => `${name}: integrations { explain(recordId: $recordId) { state } }`;
  const document = `query ($id: ID!, $recordId: ID!) { school(id: $id) { ${['a', 'b', 'c'].map(explained).join(' ')} } }`;

  // The next operation has its own twenty.
  for (const _operation of ['first', 'second']) {
    const { codes, data } = await gateway.as(tenant.id).run(document, { id: encodeId('School', school.id), recordId });
    assert.deepEqual(codes, ['BAD_USER_INPUT']);
    assert.equal(JSON.stringify(data).match(/IN_STEP/g)?.length, 20);
  }
});
