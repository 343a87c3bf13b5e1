/** For the tests of this folder: the product's own schema behind a real server, with a tenant, a school and a key. */
import assert from 'node:assert/strict';
import { connectors } from '../connectors/index.ts';
import type { Sql } from '../db/client.ts';
import { type SeededSchool, seedTenant } from '../db/seed.ts';
import { systemClock } from '../model/clock.ts';
import { scopes } from '../model/identity.ts';
import { createOperationContext, type SchemaDeps } from '../schema/context.ts';
import { schema } from '../schema/index.ts';
import { subscribe } from '../schema/subscribe.ts';
import { createApiKey } from './api-keys.ts';
import type { ServerOptions } from './server.ts';
import { openTestServer, type TestServer } from './test-server.ts';

export interface TestProduct extends TestServer {
  readonly school: SeededSchool;
  /** Of that school's tenant, with all scopes. */
  readonly key: string;
  /** Posts an operation under that key. */
  post(body: object, init?: { readonly accept?: string; readonly signal?: AbortSignal }): Promise<Response>;
}

/**
 * The engine and the makers of links and keys are not there: what is asked of them fails the test.
 *
 * @param options.name the operations' connections in `pg_stat_activity`, after `homeroom-`; their statements have no time limit.
 */
export async function openTestProduct({
  name,
  ...options
}: Partial<ServerOptions> & { readonly name: string }): Promise<TestProduct> {
  const here: { deps?: SchemaDeps } = {};
  const one = await openTestServer({
    schema,
    subscribe,
    createContext: (identity, operation) => createOperationContext(here.deps as SchemaDeps, identity, operation),
    ...options,
  });
  const app: Sql = one.database.connect('app', { name, max: 3, statementTimeout: 0, lockTimeout: 0 });
  const unused = () => assert.fail('This is not asked here.');
  here.deps = {
    app,
    clock: options.clock ?? systemClock,
    feed: one.feed,
    connectors,
    sync: new Proxy({} as SchemaDeps['sync'], { get: unused }),
    reports: { link: unused },
    exports: options.exports?.links ?? { link: unused },
    apiKeys: { create: unused },
    issuersOf: () => [],
    baseUrl: () => one.server.url,
  };
  const tenant = await seedTenant(one.database.app);
  const school = await tenant.school();
  const wanted = { tenantId: tenant.id, name: 'Wall', scopes, schoolIds: null };
  const { key } = await tenant.write((tx) => createApiKey(tx, wanted, systemClock));

  return {
    ...one,
    school,
    key,
    post: (body, { accept = 'application/json', ...init } = {}) =>
      fetch(`${one.server.url}/graphql`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', accept },
        body: JSON.stringify(body),
        ...init,
      }),
  };
}
