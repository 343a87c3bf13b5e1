/** A gateway that runs the documents of `examples/operations`, named by their hash, and no others. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ApiClient, apiClient } from './harness/client.ts';
import { freshDatabase, type TestDatabase } from './harness/database.ts';
import { type GatewayProcess, makeAccess, startGateway } from './harness/gateway.ts';

const examples = fileURLToPath(new URL('../examples/operations', import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), 'homeroom-trusted-'));
let database: TestDatabase;
let gateway: GatewayProcess;
let client: ApiClient;
let key: string;

before(async () => {
  database = await freshDatabase();
  const options = { dataDir, databaseUrl: database.url, allowedHosts: [] };
  ({ key } = await makeAccess(options, 'District', ['Elm Street']));
  const env = { TRUSTED_DOCUMENTS: examples, TRUSTED_DOCUMENTS_ONLY: 'on' };
  gateway = await startGateway({ ...options, env });
  client = apiClient(gateway.url, key);
});
after(async () => {
  await client?.close();
  await gateway?.end();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

it('answers a document by its hash, and by its text', async () => {
  const hash = createHash('sha256')
    .update(readFileSync(join(examples, 'Viewer.graphql')))
    .digest('hex');
  const response = await fetch(`${gateway.url}/graphql?documentId=sha256:${hash}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const { data } = (await response.json()) as { data: { viewer: { kind: string } } };
  assert.equal(data.viewer.kind, 'API_KEY');
  assert.deepEqual(await client.send('Viewer'), data);
});

it('runs nothing else', async () => {
  const { body } = await client.raw('{ viewer { id } }');
  assert.match(body.errors[0].message, /Only documents that are known here are run/);
  const followed = client.follow('subscription { schoolActivity { __typename } }').next();
  await assert.rejects(followed, ([error]: { message: string }[]) => error?.message === body.errors[0].message);
});
