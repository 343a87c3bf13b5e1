/** A front-end team's client: the documents of examples/operations over the real port. */
import { readFileSync } from 'node:fs';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

// biome-ignore lint/suspicious/noExplicitAny: what a test reads out of an answer is the test's own claim
export type Answer = any; // oxlint-disable-line typescript/no-explicit-any

export interface ApiClient {
  /** Sends examples/operations/<name>.graphql, or a document given as text. Throws on top-level errors. */
  send(operation: string, variables?: Record<string, unknown>): Promise<Answer>;
  /** The same, answering the whole response. */
  raw(operation: string, variables?: Record<string, unknown>): Promise<{ status: number; body: Answer }>;
  /** Follows a subscription over WebSocket until the loop ends. */
  follow(operation: string, variables?: Record<string, unknown>): AsyncIterableIterator<Answer>;
  close(): Promise<void>;
}

export function apiClient(url: string, key: string): ApiClient {
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${key}` },
    retryAttempts: 0,
    lazy: true,
  });
  const raw: ApiClient['raw'] = async (operation, variables = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: documentOf(operation), variables }),
    });
    return { status: response.status, body: await response.json() };
  };

  return {
    raw,
    async send(operation, variables) {
      const { body } = await raw(operation, variables);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
    follow: (operation, variables = {}) => socket.iterate({ query: documentOf(operation), variables }),
    async close() {
      await socket.dispose();
    },
  };
}

function documentOf(operation: string): string {
  if (operation.includes('{')) return operation;
  return readFileSync(new URL(`../../examples/operations/${operation}.graphql`, import.meta.url), 'utf8');
}

/** The one field of a mutation's answer; throws when it is an error of the union. */
export async function mutate(client: ApiClient, operation: string, input: Record<string, unknown>): Promise<Answer> {
  const [payload] = Object.values((await client.send(operation, { input })) as Record<string, Answer>);
  if (payload.code) throw new Error(`${operation}: ${JSON.stringify(payload)}`);

  return payload;
}

/** Follows a run until it has ended (or waits for a person) and answers it as it then is. */
export async function ended(client: ApiClient, runId: string): Promise<Answer> {
  for await (const event of client.follow('SyncRunUpdated', { id: runId })) {
    const run = event.data?.syncRunUpdated;
    if (!run) throw new Error(JSON.stringify(event));
    if (['HELD', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'].includes(run.status)) return run;
  }
  throw new Error('The subscription ended before the run did.');
}

/** Waits until an integration has nothing queued or running, and answers its newest run. */
export async function calm(client: ApiClient, integrationId: string): Promise<Answer> {
  for (;;) {
    const { integration } = await client.send(
      'query($id: ID!) { integration(id: $id) { latestSyncRun { id status trigger counts { created updated deleted conflicts failed } } } }',
      { id: integrationId },
    );
    const run = integration.latestSyncRun;
    if (run.status !== 'QUEUED' && run.status !== 'RUNNING') return run;
    await ended(client, run.id);
  }
}

/** Asks for a sync of a whole integration, and answers the run as it ended. */
export async function trigger(client: ApiClient, integrationId: string): Promise<Answer> {
  const { syncRun } = await mutate(client, 'TriggerSync', { integrationId });
  return ended(client, syncRun.id);
}

/** Connects a provider, by its slug, to a school; answers the integration's id. */
export async function connect(client: ApiClient, schoolId: string, slug: string, form: object): Promise<string> {
  const { providers } = await client.send('Providers');
  const providerId = providers.find((each: { slug: string }) => each.slug === slug).id;
  return (await mutate(client, 'ConnectIntegration', { schoolId, providerId, ...form })).integration.id;
}
