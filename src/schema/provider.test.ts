import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { connectors } from '../connectors/index.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

interface Form {
  $schema: string;
  properties: Record<string, { description?: string; writeOnly?: boolean }>;
}

interface ProviderAnswer {
  id: string;
  slug: string;
  direction: string;
  authMethod: string;
  capabilities: { entity: string; action: string }[];
  settingsSchema: Form;
  credentialsSchema: Form | null;
  webhookSetup: string | null;
}

describe('the catalogue of providers', () => {
  let gateway: TestGateway;
  let caller: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    caller = gateway.as(newId());
  });
  after(() => gateway.close());

  const fields =
    'id slug direction authMethod capabilities { entity action } settingsSchema credentialsSchema webhookSetup';

  test('shows every registered connector, in the order of the register', async () => {
    const { providers } = await caller.ask<{ providers: ProviderAnswer[] }>(`{ providers { ${fields} } }`);

    assert.deepEqual(
      providers.map(({ slug }) => slug),
      connectors.map(({ id }) => id),
    );
    for (const { slug, capabilities, settingsSchema, credentialsSchema, authMethod, webhookSetup } of providers) {
      const rings = capabilities.some(({ action }) => action === 'WEBHOOK');
      assert.equal(webhookSetup !== null, rings, `${slug} says how it is set up to ring`);
      assert.ok(
        capabilities.some(({ action }) => action === 'PULL'),
        slug,
      );
      assert.equal(credentialsSchema === null, authMethod === 'OAUTH2');
      for (const form of [settingsSchema, ...(credentialsSchema ? [credentialsSchema] : [])]) {
        assert.equal(form.$schema, 'https://json-schema.org/draft/2020-12/schema');
      }
    }
  });

  test('finds one again by its id, and nothing for a name that nobody has', async () => {
    const id = encodeId('Provider', 'google-workspace');
    const document = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Provider { slug direction } } }';
    const { nodes } = await caller.ask<{ nodes: unknown[] }>(document, { ids: [id, encodeId('Provider', 'nobody')] });

    assert.deepEqual(nodes, [{ id, slug: 'google-workspace', direction: 'DESTINATION' }, null]);
  });
});
