/** For the tests of this folder: operations against a real database and a real feed, without a server around them. */
import assert from 'node:assert/strict';
import { type ExecutionResult, execute, getOperationAST, Kind, OperationTypeNode, parse, validate } from 'graphql';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { connectors } from '../connectors/index.ts';
import type { Sql } from '../db/client.ts';
import { createFeed, type Feed } from '../live/feed.ts';
import type { Seat } from '../live/seat.ts';
import { createShares, type Shares } from '../live/sharing.ts';
import { type Clock, systemClock } from '../model/clock.ts';
import type { Identity, Scope } from '../model/identity.ts';
import { scopes } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { createApiKey } from '../server/api-keys.ts';
import { createCompiledQueries } from '../server/compiled.ts';
import { createOperationContext, type SchemaDeps } from './context.ts';
import { schema } from './index.ts';
import { subscribe } from './subscribe.ts';
import type { SyncApi } from './sync-api.ts';

type Variables = Readonly<Record<string, unknown>>;

// The shape of an answer is what a test is about to look at.
export interface Answer {
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  readonly codes: readonly unknown[];
  readonly messages: readonly string[];
}

export interface TestGateway {
  readonly database: TestDatabase;
  readonly feed: Feed;
  /** The engine: what a test puts here is asked. */
  readonly sync: Partial<SyncApi>;
  /** Speaks as a key of this tenant, or as a person of it, with all scopes and all schools unless told otherwise. */
  as(
    tenantId: string,
    key?: { scopes?: readonly Scope[]; schoolIds?: readonly string[] | null; kind?: Identity['actor']['kind'] },
  ): TestCaller;
  close(): Promise<void>;
}

export interface TestCaller {
  readonly identity: Identity;
  /** Runs a query or a mutation and answers data and the codes of its errors. */
  run(document: string, variables?: Variables): Promise<Answer>;
  /** The same; fails the test when anything went wrong. */
  ask<Data = Readonly<Record<string, never>>>(document: string, variables?: Variables): Promise<Data>;
  follow(document: string, variables?: Variables): Promise<TestSubscription>;
}

export interface TestSubscription {
  /** The next event's data; undefined at the end. */
  next(): Promise<Answer | undefined>;
  stop(): Promise<void>;
}

const unending = new AbortController().signal;

/** Refuses what the test did not give. */
const refusing: ProxyHandler<SyncApi> = {
  get: (given, name) =>
    Reflect.get(given, name) ??
    (() => Promise.reject(new Error(`The test did not expect ${String(name)} to be asked for.`))),
};

/** @param options.app another pool for the operations, one that counts statements. */
export async function openTestGateway(
  options: {
    sync?: Partial<SyncApi>;
    app?: (database: TestDatabase) => Sql;
    clock?: Clock;
    issuers?: readonly string[];
  } = {},
): Promise<TestGateway> {
  const { clock = systemClock } = options;
  const database = await freshDatabase();
  const listen = database.connect('system', { name: 'listen' });
  const sync = { ...options.sync };
  const log = { warn: () => undefined, info: () => undefined };
  const feed = await createFeed({ system: database.system, listen, log });
  const deps: SchemaDeps = {
    app: options.app?.(database) ?? database.app,
    clock,
    feed,
    connectors,
    sync: new Proxy(sync as SyncApi, refusing),
    baseUrl: () => 'https://homeroom.example',
    apiKeys: { create: (tx, wanted) => createApiKey(tx, wanted, clock) },
    issuersOf: () => options.issuers ?? [],
    reports: { link: ({ id }) => ({ url: `https://homeroom.example/reports/${id}`, expiresAt: new Date(0) }) },
    exports: {
      link: ({ id }, until) => ({ url: `https://homeroom.example/exports/${id}`, expiresAt: until ?? new Date(0) }),
    },
  };
  const shares = createShares();

  return {
    database,
    feed,
    sync,
    // Whoever counts statements does not want them twice.
    as: (tenantId, key) => caller(deps, shares, options.app === undefined, tenantId, key),
    async close() {
      await feed.close();
      await database.drop();
    },
  };
}

function caller(
  deps: SchemaDeps,
  shares: Shares,
  compares: boolean,
  tenantId: string,
  key: Parameters<TestGateway['as']>[1] = {},
): TestCaller {
  const identity: Identity = {
    tenantId,
    schoolIds: key.schoolIds ?? null,
    actor: { kind: key.kind ?? 'API_KEY', id: newId(), name: 'Test key' },
    scopes: new Set(key.scopes ?? scopes),
  };
  const prepare = (document: string, variableValues: Variables | undefined, seat?: Seat) => {
    const parsed = parse(document);
    assert.deepEqual(validate(schema, parsed), []);
    const [definition] = parsed.definitions;
    assert.ok(definition?.kind === Kind.OPERATION_DEFINITION);
    const contextValue = createOperationContext(deps, identity, { kind: definition.operation, ...(seat && { seat }) });

    return { schema, document: parsed, contextValue, ...(variableValues && { variableValues }) };
  };

  const attempt = async (
    document: string,
    variables: Variables | undefined,
    how: (args: Prepared) => Promise<ExecutionResult>,
  ) => {
    const args = prepare(document, variables);
    try {
      return answer(await how(args));
    } finally {
      await args.contextValue.dispose();
    }
  };

  const run: TestCaller['run'] = async (document, variables) => {
    const interpreted = await attempt(document, variables, async (args) => execute(args));
    // A place in the stream of events is another each time.
    if (compares && isQuery(document) && !document.includes('liveCursor')) {
      const compiled = await attempt(document, variables, runCompiled);
      if (compiled.codes.length === 0) assert.deepEqual(compiled, interpreted, 'compiled, it answers the same');
      else assert.notEqual(interpreted.codes.length, 0, 'compiled, it has no errors of its own');
    }
    return interpreted;
  };

  return {
    identity,
    run,
    async ask<Data>(document: string, variables?: Variables) {
      const { data, messages } = await run(document, variables);
      assert.deepEqual(messages, []);

      return data as Data;
    },
    async follow(document, variables) {
      const { schoolIds, scopes: granted } = identity;
      const share = shares.join(JSON.stringify([tenantId, schoolIds, [...granted], document]));
      const seat: Seat = { once: share.once, resume: null, follows: () => undefined };
      const stream = await subscribe(prepare(document, variables, seat), (run, eventKey) =>
        eventKey === undefined ? run(unending) : share.once(`event ${eventKey}`, run),
      );
      if (!(Symbol.asyncIterator in stream)) {
        share.leave();
        const refusal = [answer(stream)];

        return { next: async () => refusal.shift(), stop: async () => undefined };
      }

      return {
        async next() {
          const { value } = await stream.next();

          return value && answer(value.told);
        },
        async stop() {
          share.leave();
          await stream.return?.();
        },
      };
    },
  };
}

type Prepared = Parameters<typeof execute>[0];

const isQuery = (document: string) => getOperationAST(parse(document))?.operation === OperationTypeNode.QUERY;

/** Whatever it answers: in the product one with errors is not the last word. */
async function runCompiled(args: Prepared): Promise<ExecutionResult> {
  let answered: ExecutionResult | undefined;
  return createCompiledQueries(1).run(args, async (run) => (answered ??= await run(args)));
}

function answer({ data, errors = [] }: ExecutionResult): Answer {
  // Plain objects: what execution makes has no prototype, which deepEqual would mind.
  return {
    data: data === undefined ? undefined : (JSON.parse(JSON.stringify(data)) as Answer['data']),
    codes: errors.map(({ extensions }) => extensions.code ?? 'INTERNAL'),
    messages: errors.map(({ message }) => message),
  };
}
