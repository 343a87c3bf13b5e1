/** The clients that front-end teams use, as they come, and the example they copy from. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { generate } from '@graphql-codegen/cli';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { OperationTypeNode } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import codegen from '../examples/client/codegen.ts';
import { watch } from '../examples/client/watch.ts';
import { recordActivity } from '../src/db/queries/activity.ts';
import type { SeededIntegration } from '../src/db/seed.ts';
import { encodeId } from '../src/schema/ids.ts';
import { openTestProduct, type TestProduct } from '../src/server/test-product.ts';
import { openRelay, type Relay } from './harness/relay.ts';

const folder = join(import.meta.dirname, '../examples/client');

interface Activity {
  readonly schoolActivity: {
    readonly __typename: string;
    readonly cursor?: string;
    readonly run?: { readonly id: string; readonly status: string };
  };
}

const follow = `subscription ($after: String) { schoolActivity(after: $after) {
  __typename ... on SyncRunChanged { cursor run { id status } } ... on CaughtUp { cursor } } }`;

describe('the clients that people use', () => {
  let product: TestProduct;
  let relay: Relay;
  let integration: SeededIntegration;
  let authorization: string;

  before(async () => {
    product = await openTestProduct({ name: 'clients' });
    relay = await openRelay(product.server.url);
    integration = await product.school.integration();
    authorization = `Bearer ${product.key}`;
  });
  after(async () => {
    await relay.close();
    await product.close();
  });

  /** A run that has ended, and everybody told of it; answers its id. */
  async function endRun(): Promise<string> {
    const { id } = await integration.run({ status: 'SUCCEEDED' });
    await changed(id);
    return encodeId('SyncRun', id);
  }

  async function changed(runId: string): Promise<void> {
    const { tenant } = product.school;
    const row = {
      tenantId: tenant.id,
      schoolId: product.school.id,
      kind: 'run',
      parentId: runId,
      ids: [runId],
    } as const;
    await tenant.write((tx) => recordActivity(tx, [row]));
    product.feed.wake();
  }

  it('the example is typed by what the schema is today', async () => {
    const made = (await generate({ ...codegen, silent: true }, false)) as { filename: string; content: string }[];
    const files = Object.fromEntries(made.map(({ filename, content }) => [filename.split('/').at(-1), content]));
    const kept = readdirSync(join(folder, 'generated')).map((name) => [
      name,
      readFileSync(join(folder, 'generated', name), 'utf8'),
    ]);
    assert.deepEqual(files, Object.fromEntries(kept), 'run npm run generate:client');
  });

  it('the example goes on behind the last event when its connection is cut, without gap or repeat', async () => {
    const told: string[] = [];
    let heard = Promise.withResolvers<void>();
    const failures: Error[] = [];
    const { unsubscribe } = watch(
      `${relay.url}/graphql`,
      product.key,
      (event) => {
        told.push(event.__typename === 'SyncRunChanged' ? event.run.id : event.__typename);
        heard.resolve();
        heard = Promise.withResolvers();
      },
      (error) => failures.push(error),
    );
    const until = async (last: string) => {
      while (told.at(-1) !== last) await heard.promise;
    };
    await until('CaughtUp');
    told.splice(0);
    const first = await endRun();
    await until(first);
    relay.cut();
    const missed = [await endRun(), await endRun(), await endRun()];
    relay.mend();
    await until('CaughtUp');
    const later = await endRun();
    await until(later);
    unsubscribe();

    assert.deepEqual(told, [first, ...missed, 'CaughtUp', later]);
    assert.deepEqual(failures, []);
  });

  it('urql asks, and keeps what it was answered', async () => {
    const client = new Client({
      url: `${product.server.url}/graphql`,
      exchanges: [cacheExchange, fetchExchange],
      fetchOptions: { headers: { authorization } },
      preferGetMethod: 'force',
    });
    const ask = () => client.query<{ schools: { nodes: { id: string }[] } }>('{ schools { nodes { id } } }', {});
    const { data, error } = await ask().toPromise();
    assert.equal(error, undefined);
    assert.deepEqual(
      data?.schools.nodes.map(({ id }) => id),
      [encodeId('School', product.school.id)],
    );
    assert.equal((await ask().toPromise()).operation.context.meta?.cacheOutcome, 'hit');

    const wrong = await client.query('{ node(id: "x") { nothing } }', {}).toPromise();
    assert.equal(wrong.error?.graphQLErrors[0]?.extensions.code, 'BAD_USER_INPUT');
  });

  it('Apollo Client shows a run in its query as the subscription tells of it', async () => {
    const { id } = await integration.run({ status: 'RUNNING' });
    const runId = encodeId('SyncRun', id);
    const socket = createClient({
      url: `${product.server.url.replace('http', 'ws')}/graphql`,
      connectionParams: { authorization },
    });
    const http = new HttpLink({ uri: `${product.server.url}/graphql`, headers: { authorization } });
    const isSubscription = ({ operationType }: ApolloLink.Operation) =>
      operationType === OperationTypeNode.SUBSCRIPTION;
    const client = new ApolloClient({
      link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), http),
      cache: new InMemoryCache(),
    });
    const query = gql`query ($id: ID!) { node(id: $id) { id ... on SyncRun { status } } }`;
    const statuses: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const watching = client.watchQuery<{ node: { status: string } }>({ query, variables: { id: runId } }).subscribe({
      next({ data, dataState }) {
        if (dataState !== 'complete') return;
        statuses.push(data.node.status);
        if (data.node.status === 'SUCCEEDED') ended.resolve();
      },
      error: ended.reject,
    });
    const following = client.subscribe<Activity>({ query: gql(follow) }).subscribe({
      next: ({ data }) => data?.schoolActivity.__typename === 'CaughtUp' && began.resolve(),
      error: ended.reject,
    });
    await began.promise;
    await product.school.tenant.write((tx) => tx`update sync_run set status = 'SUCCEEDED' where id = ${id}`);
    await changed(id);
    await ended.promise;
    watching.unsubscribe();
    following.unsubscribe();
    client.stop();
    await socket.dispose();

    assert.deepEqual(statuses, ['RUNNING', 'SUCCEEDED']);
  });

  it('graphql-sse follows events and hears of their end', async () => {
    const client = createSseClient({
      url: `${product.server.url}/graphql`,
      headers: { authorization },
      retryAttempts: 0,
    });
    const { id } = await integration.run({ status: 'RUNNING' });
    const statuses: unknown[] = [];
    for await (const { data } of client.iterate<{ syncRunUpdated: { status: string } }>({
      query: 'subscription ($id: ID!) { syncRunUpdated(id: $id) { status } }',
      variables: { id: encodeId('SyncRun', id) },
    })) {
      statuses.push(data?.syncRunUpdated.status);
      if (statuses.length > 1) continue;
      await product.school.tenant.write((tx) => tx`update sync_run set status = 'PARTIAL' where id = ${id}`);
      await changed(id);
    }
    client.dispose();

    assert.deepEqual(statuses, ['RUNNING', 'PARTIAL']);
  });

  it('curl follows them with the line of the example', async () => {
    const [, line = ''] = /```sh\n(curl [^\n]+)\n```/.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? [];
    const child = spawn('sh', ['-c', `exec ${line}`], {
      env: { ...process.env, URL: product.server.url, KEY: product.key },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    for await (const each of createInterface({ input: child.stdout })) {
      lines.push(each);
      if (each.includes('"CaughtUp"')) break;
    }
    child.kill();

    assert.deepEqual(lines.slice(0, 2), [':', '']);
    assert.ok(lines.includes('event: next'));
    assert.match(
      lines.at(-1) ?? '',
      /^data: \{"data":\{"schoolActivity":\{"__typename":"CaughtUp","cursor":"[\w-]+"\}\}\}$/,
    );
  });
});
