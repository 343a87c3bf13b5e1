/**
 * The limit: what a person would write who needs this one answer and nothing else. A bare `node:http` server that checks
 * the key, runs the same statements in the same transaction and assembles the answer by hand. A process of its own.
 */
import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asTenant, connect, type Sql, type Target, type TransactionSql } from '../../src/db/client.ts';
import { type ApiKeyRow, findApiKeyByLookup } from '../../src/db/queries/api-key.ts';
import type { IntegrationRow } from '../../src/db/queries/integration.ts';
import type { CountOf } from '../../src/db/queries/keyset.ts';
import type { SchoolRow } from '../../src/db/queries/school.ts';
import type { SyncLogRow } from '../../src/db/queries/sync-log.ts';
import type { SyncRunRow } from '../../src/db/queries/sync-run.ts';
import { readKey } from '../../src/server/key-format.ts';
import { answerParent } from '../child.ts';
import type { Statement } from './capture.ts';
import { parametersFor, type Statements } from './statements.ts';

export interface BareInput {
  readonly target: Target;
  readonly statements: Statements;
}

const closers: (() => Promise<unknown>)[] = [];
answerParent({ serve }, async () => void (await Promise.all(closers.map((close) => close()))));

async function serve({ target, statements }: BareInput): Promise<string> {
  const app = connect({ target, role: 'app', max: 20 });
  const authenticate = authenticator(connect({ target, role: 'system', max: 6 }));
  const server = createServer((request, response) => {
    answer(app, authenticate, statements, request, response).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(
    async () => server.close(),
    () => app.end({ timeout: 1 }),
  );

  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(
  app: Sql,
  authenticate: (header: string | undefined) => Promise<ApiKeyRow | null>,
  statements: Statements,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const key = await authenticate(request.headers.authorization);
  if (key === null) {
    response.writeHead(401).end();
    return;
  }
  const identity = { tenantId: key.tenantId, schoolIds: key.schoolIds, actor: `api-key:${key.id}` };
  const rows = await asTenant(app, identity, (tx) => read(tx, statements), { readOnly: true });
  const text = JSON.stringify(assemble(rows));
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

const believedMs = 5_000;

/** A key's row is believed for five seconds, as the product does. */
function authenticator(system: Sql) {
  closers.push(() => system.end({ timeout: 1 }));
  const known = new Map<string, { row: Promise<ApiKeyRow | undefined>; until: number }>();

  return async (header: string | undefined): Promise<ApiKeyRow | null> => {
    const presented = readKey(header?.slice('Bearer '.length) ?? '');
    if (presented === null) return null;
    let found = known.get(presented.lookup);
    if (found === undefined || found.until < performance.now()) {
      found = { row: findApiKeyByLookup(system, presented.lookup), until: performance.now() + believedMs };
      known.set(presented.lookup, found);
    }
    const row = await found.row;
    const good = row && timingSafeEqual(row.secretHash, presented.hash) && !row.revokedAt && row.expiresAt > new Date();
    return good ? row : null;
  };
}

interface Rows {
  readonly schools: readonly SchoolRow[];
  readonly integrations: readonly IntegrationRow[];
  readonly conflicts: readonly CountOf[];
  readonly runs: readonly SyncRunRow[];
  readonly logs: readonly SyncLogRow[];
}

async function read(tx: TransactionSql, statements: Statements): Promise<Rows> {
  const run = async <Row extends object>(statement: Statement, parents: readonly { id: string }[]): Promise<Row[]> => {
    const parameters = parametersFor(
      statement,
      parents.map(({ id }) => id),
    );
    return tx.unsafe<Row[]>(statement.text, parameters as never[], { prepare: true });
  };
  const schools = (await run<SchoolRow>(statements.schools, [])).slice(0, 20);
  const integrations = await run<IntegrationRow>(statements.integrations, schools);
  const [conflicts, found] = await Promise.all([
    run<CountOf>(statements.conflicts, integrations),
    run<SyncRunRow>(statements.runs, integrations),
  ]);
  const runs = [...Map.groupBy(found, ({ integrationId }) => integrationId).values()].flatMap((some) =>
    some.slice(0, 5),
  );
  const logs = await run<SyncLogRow>(statements.logs, runs);

  return { schools, integrations, conflicts, runs, logs };
}

function assemble({ schools, integrations, conflicts, runs, logs }: Rows) {
  const ofSchool = Map.groupBy(integrations, ({ schoolId }) => schoolId);
  const ofIntegration = Map.groupBy(runs, ({ integrationId }) => integrationId);
  const ofRun = Map.groupBy(logs, ({ runId }) => runId);
  const open = new Map(conflicts.map(({ parentId, count }) => [parentId, count]));

  const log = ({ id, action, status, at }: SyncLogRow) => ({
    id: globalId('SyncLog', id),
    action,
    status,
    timestamp: at,
  });
  const run = ({ id, status, trigger, startedAt, finishedAt }: SyncRunRow) => ({
    id: globalId('SyncRun', id),
    status,
    trigger,
    startedAt,
    finishedAt,
    logs: { nodes: (ofRun.get(id) ?? []).slice(0, 5).map(log) },
  });
  const integration = ({ id, provider, status }: IntegrationRow) => ({
    id: globalId('Integration', id),
    provider: { id: globalId('Provider', provider) },
    status,
    openConflictCount: open.get(id) ?? 0,
    syncRuns: { nodes: (ofIntegration.get(id) ?? []).map(run) },
  });
  const school = ({ id, name }: SchoolRow) => ({
    id: globalId('School', id),
    name,
    integrations: (ofSchool.get(id) ?? []).map(integration),
  });

  return { data: { schools: { nodes: schools.map(school) } } };
}

function globalId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}
