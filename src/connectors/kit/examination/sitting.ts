/** One test's own provider with the connector connected to it, and an ear for what must not be said. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { systemClock } from '../../../model/clock.ts';
import type { ConnectContext, Connector, From, Page, Stream } from '../contract.ts';
import type { Fixtures, Stage } from '../examination.ts';
import { makeHttp } from '../http.ts';

export interface Sitting {
  connector: Connector;
  stage: Stage;
  context: ConnectContext;
  client: unknown;
  /** What a pull is given; keys of other streams come from pulling those. */
  from: (options?: { checkpoint?: string | null; signal?: AbortSignal }) => From<unknown>;
  /** All pages of a stream: from its own pull, or out of its carrier's pages. */
  pages: (name: string, checkpoint?: string | null) => Promise<readonly Page[]>;
  /** Notes something that people may get to read: a message, an error, an answer. */
  hear: (said: unknown) => void;
}

/** Registers a test that has a provider of its own. At its end nothing secret or personal may have been said. */
export function examineWith(
  title: string,
  connector: Connector,
  fixtures: Fixtures,
  fn: (sitting: Sitting, t: TestContext) => Promise<void>,
): void {
  void test(title, async (t) => {
    const stage = await fixtures.start();
    const stop = new AbortController();
    const heard: string[] = [];
    const hear = (said: unknown) =>
      void heard.push(inspect(said, { depth: 20, maxStringLength: null, maxArrayLength: null }));
    for (const method of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) {
      t.mock.method(console, method, (...said: unknown[]) => said.forEach(hear));
    }

    try {
      const context = contextOf(connector, stage, stop.signal);
      const client = await connector.connect(context);
      await fn(sit(connector, stage, context, client, hear), t);
      assertDiscreet(heard, stage);
    } catch (error) {
      hear(error instanceof assert.AssertionError ? '' : error);
      assertDiscreet(heard, stage);
      throw error;
    } finally {
      stop.abort(new Error('The test is over.'));
      await stage.close();
    }
  });
}

/** The door is the real one, quotas are always granted, and pauses between tries take no time. */
function contextOf(connector: Connector, stage: Stage, signal: AbortSignal): ConnectContext {
  const settings = connector.settings.parse(stage.settings);
  const credentials = connector.credentials.parse(stage.credentials);
  const http = makeHttp({
    allowedHosts: stage.allowedHosts,
    limits: connector.limits,
    quotaKeys: connector.quotaKeys(settings, credentials),
    takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    signal,
  });
  const sleep = async (_: number, stopped: AbortSignal) => stopped.throwIfAborted();

  return { settings, credentials, http, clock: systemClock, signal, sleep };
}

function sit(
  connector: Connector,
  stage: Stage,
  context: ConnectContext,
  client: unknown,
  hear: Sitting['hear'],
): Sitting {
  const { settings, clock } = context;

  const sitting: Sitting = {
    connector,
    stage,
    context,
    client,
    hear,
    from: ({ checkpoint = null, signal = context.signal } = {}) => {
      return { client, settings, signal, clock, checkpoint, keys };
    },
    pages: async (name, checkpoint = null) => {
      const stream = streamOf(connector, name);
      const { pull } = stream;
      if (pull.within) {
        const { within } = pull;
        const carrier = streamOf(connector, within.stream);
        const carried = await sitting.pages(within.stream);
        return carried.map((page) => ({
          ...page,
          records: readable(carrier, page).flatMap((one) => [...within.records(one)]),
        }));
      }
      const pages = await Array.fromAsync(pull.all?.(sitting.from({ checkpoint })) ?? []);
      for (const page of pages) for (const record of page.records) stream.wire.parse(record);
      return pages;
    },
  };

  async function* keys(name: string): AsyncIterable<string> {
    const stream = streamOf(connector, name);
    yield* keysOf(stream, await sitting.pages(name)).sort();
  }

  return sitting;
}

export function streamOf(connector: Connector, name: string): Stream {
  const stream = connector.streams[name];
  assert.ok(stream, `${connector.id} has a stream ${name}`);
  return stream;
}

function readable(stream: Stream, page: Page): unknown[] {
  return page.records.map((record) => stream.wire.parse(record));
}

/** The keys of all records on these pages, in order, a key as often as it comes. */
export function keysOf(stream: Stream, pages: readonly Page[]): string[] {
  return pages.flatMap((page) => readable(stream, page).map((wire) => stream.key(wire)));
}

function assertDiscreet(heard: readonly string[], { secrets, personal }: Stage): void {
  for (const said of heard) {
    const lower = said.toLowerCase();
    for (const word of [...secrets, ...personal]) {
      assert.ok(!lower.includes(word.toLowerCase()), 'A secret or personal value reached a message.');
    }
    assert.doesNotMatch(said, /(Bearer|Basic|OAuth) [\w+/=.~"-]{8}/, 'An authorization header reached a message.');
  }
}
