/** Connecting a school to a provider: forms checked, credentials sealed, the connection tried, and all of it undone. */

import type { Check, Connector } from '../connectors/kit/contract.ts';
import { ProviderProblem } from '../connectors/kit/errors.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { compareAfresh } from '../db/queries/engine/checkpoint.ts';
import { reopenQuestions } from '../db/queries/engine/conflict.ts';
import {
  findIntegration,
  findSchool,
  forgetCredentials,
  type IntegrationRow,
  insertIntegration,
  integrationsOf,
  updateIntegrationForm,
} from '../db/queries/engine/integration.ts';
import { cancelWaiting, lockUnended } from '../db/queries/engine/run.ts';
import { replaceProblems } from '../db/queries/problem.ts';
import { newId } from '../model/ids.ts';
import { type FieldProblem, InvalidState, NotFound, ValidationFailed } from '../model/problems.ts';
import type { Schedule } from '../model/schedule.ts';
import { connectWith, credentialsPlace } from './client.ts';
import { connectorOf } from './connector-of.ts';
import { type Engine, tell } from './engine.ts';
import { judge, standing } from './health.ts';
import { changeSchedule } from './schedules.ts';
import { setUpWebhook } from './webhook-secrets.ts';

type Form = Readonly<Record<string, unknown>>;

interface Act {
  tenantId: string;
  by: string;
  now: Date;
}

type Needs = Pick<Engine, 'connectors' | 'vault'>;

/** @throws NotFound for an unknown school; ValidationFailed with paths under `settings` and `credentials`, or `provider`. */
export async function connectIntegration(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { schoolId: string; provider: string; settings: Form; credentials: Form },
): Promise<string> {
  if (!(await findSchool(tx, act))) throw new NotFound('There is no such school.');
  const connector = connectorOf(engine, act.provider);
  const form = parseForm(connector, act.settings, act.credentials);
  const { tenantId, schoolId } = act;
  const row = { id: newId(), tenantId, schoolId };
  const credentials = await engine.vault.seal(tx, credentialsPlace(row), form.credentials);
  await insertIntegration(tx, { ...row, provider: connector.id, settings: form.settings, credentials });
  await setUpWebhook(tx, engine.vault, connector, { place: row, credentials: form.credentials, now: act.now });
  await tell(tx, row, [{ kind: 'integration', parentId: row.id, ids: [row.id] }]);

  return row.id;
}

/** Also the way back after an error or a disconnect. @throws NotFound, ValidationFailed, InvalidState without credentials. */
export async function updateIntegration(
  tx: TransactionSql,
  engine: Needs,
  act: Act & { integrationId: string; settings?: Form; credentials?: Form; schedule?: Schedule | null },
): Promise<void> {
  const row = await findIntegration(tx, act, 'for update');
  if (!row) throw new NotFound('There is no such integration.');
  const connector = connectorOf(engine, row.provider);
  if (!act.credentials && !row.credentials) throw new InvalidState('Its credentials were forgotten: enter them again.');
  const problems: FieldProblem[] = [];
  const settings = parsePart(connector.settings, 'settings', act.settings ?? row.settings, problems);
  const credentials = act.credentials && parsePart(connector.credentials, 'credentials', act.credentials, problems);
  if (problems.length > 0 || !settings) throw new ValidationFailed(problems);
  const sealed = credentials ? await engine.vault.seal(tx, credentialsPlace(row), credentials) : null;
  // What failed under other settings is forgiven, until a run says so again.
  const forgive = act.settings || act.credentials ? act.now : null;
  await updateIntegrationForm(tx, act, { settings, credentials: sealed, forgive });
  if (credentials) await setUpWebhook(tx, engine.vault, connector, { place: row, credentials, now: act.now });
  // Its fields are its own again.
  if (row.status === 'DISCONNECTED') await compareAfresh(tx, act.tenantId, [row.id]);
  if (act.schedule !== undefined || row.status === 'DISCONNECTED') await changeSchedule(tx, act, act.schedule, act.now);
  await judge(tx, engine, act, await standing(tx, engine, { ...act, schoolId: row.schoolId }), act.now);
  await tell(tx, row, [{ kind: 'integration', parentId: row.id, ids: [row.id] }]);
}

/**
 * Forgets the credentials; links and history stay, and nothing is changed out there. What it owned belongs to the next source
 * that has it, from that one's next run on. @throws NotFound
 */
export async function disconnectIntegration(
  tx: TransactionSql,
  engine: Pick<Engine, 'connectors'>,
  act: Act & { integrationId: string },
): Promise<void> {
  // Runs before their integration, as a run's own end takes them.
  await lockUnended(tx, act);
  const row = await findIntegration(tx, act, 'for update');
  if (!row) throw new NotFound('There is no such integration.');
  await forgetCredentials(tx, act, `Disconnected by ${act.by}.`);
  await compareAfresh(tx, act.tenantId, await sourcesBeside(tx, engine, row));
  const cancelled = await cancelWaiting(tx, act, act.now);
  await replaceProblems(tx, { ...act, schoolId: row.schoolId }, [], act.now);
  // What was to be pushed is not: whoever decided it is asked again.
  const reopened: string[] = [];
  for (const runId of cancelled) reopened.push(...(await reopenQuestions(tx, act.tenantId, runId)));
  await tell(tx, row, [
    { kind: 'integration', parentId: row.id, ids: [row.id] },
    { kind: 'conflict', ids: reopened },
    ...cancelled.map((id) => ({ kind: 'run' as const, parentId: id, ids: [id] })),
  ]);
}

async function sourcesBeside(tx: TransactionSql, { connectors }: Pick<Engine, 'connectors'>, row: IntegrationRow) {
  const others = await integrationsOf(tx, row, row.id);
  const isSource = (provider: string) =>
    Object.values(connectors.find(({ id }) => id === provider)?.streams ?? {}).some(({ born }) => born === 'there');

  return others.filter(({ provider }) => isSource(provider)).map(({ id }) => id);
}

export type ConnectionToTest =
  | { tenantId: string; integrationId: string }
  | { tenantId: string; schoolId: string; provider: string; settings: Form; credentials: Form };

/** Real milliseconds within which a connection test answers, whatever the provider does. */
const testMs = 9_000;

/**
 * Tries a connection, stored or about to be, with cheap reads; changes nothing anywhere. A provider that refuses or
 * does not answer is an answer, not an error.
 *
 * @param unwanted aborts when nobody waits for the answer any more.
 * @throws NotFound, InvalidState when its credentials were forgotten, ValidationFailed.
 */
export async function testConnection(
  engine: Pick<Engine, 'connectors' | 'vault' | 'clock' | 'http'> & { db: Sql },
  connection: ConnectionToTest,
  unwanted: AbortSignal,
): Promise<{ ok: boolean; checks: readonly Check[] }> {
  const { connector, settings, credentials } = await formOf(engine, connection, unwanted);
  const signal = AbortSignal.any([unwanted, AbortSignal.timeout(testMs)]);
  try {
    const about = { tenantId: connection.tenantId, settings };
    const { client, context } = await connectWith(engine, connector, about, credentials, signal);
    const checks = await withDeadline(connector.probe(client, context), signal);
    return { ok: checks.every((check) => check.ok), checks };
  } catch (error) {
    if (error instanceof ProviderProblem) return failedCheck(error.message, error.remedy);
    if (signal.aborted)
      return failedCheck(`${connector.name} did not answer in time.`, 'Check the address, and try again in a moment.');
    throw error;
  }
}

function failedCheck(message: string, remedy: string) {
  return { ok: false, checks: [{ name: 'Connection', ok: false, message, remedy }] };
}

function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

async function formOf(engine: Needs & { db: Sql }, connection: ConnectionToTest, signal: AbortSignal) {
  if (!('integrationId' in connection)) {
    const connector = connectorOf(engine, connection.provider);
    const form = parseForm(connector, connection.settings, connection.credentials);
    return { connector, ...form };
  }
  const identity = { tenantId: connection.tenantId, schoolIds: null, actor: 'test-connection' };

  const open = async (tx: TransactionSql) => {
    const row: IntegrationRow | undefined = await findIntegration(tx, connection);
    if (!row) throw new NotFound('There is no such integration.');
    if (!row.credentials) throw new InvalidState('Its credentials were forgotten: enter them again.');
    const secret = await engine.vault.open(tx, credentialsPlace(row), row.credentials);
    return { connector: connectorOf(engine, row.provider), settings: row.settings, credentials: secret.reveal() };
  };

  return asTenant(engine.db, identity, open, { signal });
}

function parseForm(connector: Connector, settings: Form, credentials: Form) {
  const problems: FieldProblem[] = [];
  const parsed = {
    settings: parsePart(connector.settings, 'settings', settings, problems),
    credentials: parsePart(connector.credentials, 'credentials', credentials, problems),
  };
  if (problems.length > 0 || !parsed.settings || !parsed.credentials) throw new ValidationFailed(problems);

  return { settings: parsed.settings, credentials: parsed.credentials };
}

function parsePart(
  schema: Connector['settings'],
  part: string,
  value: Form,
  problems: FieldProblem[],
): Form | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues)
    problems.push({ path: [part, ...issue.path.map(String)], message: issue.message });

  return undefined;
}
