/** From a stored integration to a connector's client: settings parsed, credentials opened, the outbound door made. */
import type { ConnectContext, Connector } from '../connectors/kit/contract.ts';
import { SetupProblem, SignInNeeded } from '../connectors/kit/errors.ts';
import { asTenant } from '../db/client.ts';
import type { IntegrationRow } from '../db/queries/engine/integration.ts';
import type { Engine } from './engine.ts';
import { type Flow, wantedFlows } from './flow.ts';

export interface Connected {
  connector: Connector;
  settings: ConnectContext['settings'];
  client: unknown;
  flows: readonly Flow[];
}

/** The columns a credentials box is bound to: moved elsewhere it does not open. */
export function credentialsPlace(integration: Pick<IntegrationRow, 'id' | 'schoolId' | 'tenantId'>) {
  const { tenantId, schoolId, id } = integration;

  return { table: 'integration', column: 'credentials', tenantId, schoolId, rowId: id };
}

/**
 * `permit` is asked before each call.
 *
 * @throws SetupProblem or SignInNeeded when it cannot work, and whatever the connector's own `connect` throws.
 */
export async function clientFor(
  engine: Pick<Engine, 'db' | 'connectors' | 'vault' | 'clock' | 'http'>,
  integration: IntegrationRow,
  signal: AbortSignal,
  permit: () => Promise<void>,
): Promise<Connected> {
  const connector = engine.connectors.find((candidate) => candidate.id === integration.provider);
  if (!connector) {
    throw new SetupProblem({
      code: 'provider_unknown',
      message: `This Homeroom has no connector called "${integration.provider}".`,
      remedy: 'Update Homeroom, or remove the integration.',
    });
  }
  const box = integration.credentials;
  if (!box) {
    throw new SignInNeeded({
      code: 'no_credentials',
      message: 'This integration has no credentials.',
      remedy: 'Enter them again under Apps & Integrations.',
    });
  }
  const identity = { tenantId: integration.tenantId, schoolIds: [integration.schoolId], actor: 'sync' };
  const secret = await asTenant(engine.db, identity, (tx) => engine.vault.open(tx, credentialsPlace(integration), box));

  return connectWith(engine, connector, integration, secret.reveal(), signal, permit);
}

/** A client for settings and credentials as a person typed them, already parsed or as stored. */
export async function connectWith(
  engine: Pick<Engine, 'clock' | 'http'>,
  connector: Connector,
  about: { tenantId: string; settings: unknown },
  secrets: unknown,
  signal: AbortSignal,
  permit?: () => Promise<void>,
): Promise<Connected & { context: ConnectContext }> {
  const settings = connector.settings.safeParse(about.settings);
  const credentials = connector.credentials.safeParse(secrets);
  if (!settings.success || !credentials.success) {
    throw new SetupProblem({
      code: 'settings_invalid',
      message: 'The stored settings or credentials no longer fit this connector.',
      remedy: 'Open the integration and save it again.',
    });
  }
  const quotaKeys = connector.quotaKeys(settings.data, credentials.data);
  const granted = connector.granted?.(settings.data) ?? {};
  const limits = connector.limits.map((limit) => ({ ...limit, calls: granted[limit.name] ?? limit.calls }));
  const http = engine.http({ connector, limits, quotaKeys, tenantId: about.tenantId, signal, permit });
  const context = { settings: settings.data, credentials: credentials.data, http, clock: engine.clock, signal };

  return {
    connector,
    settings: settings.data,
    client: await connector.connect(context),
    flows: wantedFlows(connector, settings.data),
    context,
  };
}
