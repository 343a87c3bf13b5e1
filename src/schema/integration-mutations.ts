/** Connecting, changing, testing and disconnecting an integration. */
import { integrationsByIds } from '../db/queries/integration.ts';
import { schoolsByIds } from '../db/queries/school.ts';
import { InvalidState, NotFound, ProviderFailed } from '../model/problems.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { splitId } from './ids.ts';
import { act, formIn, idIn, invalid } from './input.ts';
import { Integration } from './integration.ts';
import { idempotencyKey, once, onceOutside, retryErrors } from './once.ts';
import type { ConnectionToTest } from './sync-api.ts';
import { SyncScheduleInput, scheduleIn } from './sync-schedule.ts';

const authorizationUrl = {
  nullable: true,
  description: 'OAUTH2: send the browser there; it comes back to `returnPath`. Null otherwise.',
} as const;

/** The slug in a provider's id. @throws NotFound */
function providerIn(globalId: string, { deps }: Context): string {
  const parts = splitId(globalId);
  const connector = deps.connectors.find(({ id }) => parts?.type === 'Provider' && parts.id === id);
  if (connector === undefined) throw new NotFound('There is no such provider.');

  return connector.id;
}

const ConnectIntegrationInput = builder.inputType('ConnectIntegrationInput', {
  description: 'A provider for a school, with both forms filled in.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    providerId: t.id({ required: true, description: 'The provider.' }),
    settings: t.field({ type: 'JSON', required: true, description: 'The form of the provider’s `settingsSchema`.' }),
    credentials: t.field({
      type: 'JSON',
      description: 'The form of the provider’s `credentialsSchema`. Kept encrypted and never shown again.',
    }),
    returnPath: t.string({
      description: 'OAUTH2: the path of your site to which the browser comes back. Of no effect otherwise.',
    }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ConnectIntegrationPayload = builder.simpleObject('ConnectIntegrationPayload', {
  description: 'The integration was made.',
  fields: (t) => ({
    authorizationUrl: t.string(authorizationUrl),
    integration: t.field({ type: Integration, description: 'The new integration; DISCONNECTED until authorised.' }),
  }),
});

builder.mutationField('connectIntegration', (t) =>
  t.field({
    type: ConnectIntegrationPayload,
    description: 'Connects a school with a provider. Nothing is synced yet.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: ConnectIntegrationInput, required: true, description: 'What to connect.' }) },
    resolve: once(async (input, context) => {
      const request = {
        ...act(context),
        schoolId: idIn('School', input.schoolId),
        provider: providerIn(input.providerId, context),
        settings: formIn('settings', input.settings),
        credentials: formIn('credentials', input.credentials ?? {}),
      };
      const integration = await context.write((tx) => context.deps.sync.connectIntegration(tx, request));

      return { authorizationUrl: null, integration };
    }),
  }),
);

const UpdateIntegrationInput = builder.inputType('UpdateIntegrationInput', {
  description: 'What to change about an integration.',
  fields: (t) => ({
    integrationId: t.id({ required: true, description: 'The integration.' }),
    settings: t.field({ type: 'JSON', description: 'The whole settings form anew; left out: as it is.' }),
    credentials: t.field({ type: 'JSON', description: 'The whole credentials form anew; left out: as it is.' }),
    schedule: t.field({
      type: SyncScheduleInput,
      description: 'When it syncs by itself; null: never; left out: as it is.',
    }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateIntegrationPayload = builder.simpleObject('UpdateIntegrationPayload', {
  description: 'The integration was changed.',
  fields: (t) => ({
    authorizationUrl: t.string(authorizationUrl),
    integration: t.field({ type: Integration, description: 'The integration as it is now.' }),
  }),
});

builder.mutationField('updateIntegration', (t) =>
  t.field({
    type: UpdateIntegrationPayload,
    description:
      'Changes an integration’s settings, credentials or schedule; also the way back after ERROR or a disconnect.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound, InvalidState] },
    args: { input: t.arg({ type: UpdateIntegrationInput, required: true, description: 'What to change.' }) },
    resolve: once(async (input, context) => {
      const integrationId = idIn('Integration', input.integrationId);
      const request = {
        ...act(context),
        integrationId,
        ...(input.settings != null && { settings: formIn('settings', input.settings) }),
        ...(input.credentials != null && { credentials: formIn('credentials', input.credentials) }),
        ...(input.schedule !== undefined && { schedule: scheduleIn(input.schedule) }),
      };
      await context.write((tx) => context.deps.sync.updateIntegration(tx, request));

      return { authorizationUrl: null, integration: integrationId };
    }),
  }),
);

const TestConnectionInput = builder.inputType('TestConnectionInput', {
  description:
    'Either `integrationId`, for what is stored, or all the others, before anything is. Nothing is stored by it.',
  fields: (t) => ({
    integrationId: t.id({ description: 'An integration, with its stored settings and credentials.' }),
    schoolId: t.id({ description: 'The school that is to be connected.' }),
    providerId: t.id({ description: 'The provider it is to be connected with.' }),
    settings: t.field({ type: 'JSON', description: 'The form of the provider’s `settingsSchema`.' }),
    credentials: t.field({ type: 'JSON', description: 'The form of the provider’s `credentialsSchema`.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ConnectionCheck = builder.simpleObject('ConnectionCheck', {
  description: 'One look at the provider.',
  fields: (t) => ({
    name: t.string({ description: 'What was looked at.' }),
    ok: t.boolean({ description: 'Whether it is as it must be.' }),
    message: t.string({ description: 'What was found, in one sentence.' }),
    remedy: t.string({ nullable: true, description: 'What an administrator can do about it; null when `ok`.' }),
  }),
});

const TestConnectionPayload = builder.simpleObject('TestConnectionPayload', {
  description: 'What the provider answered.',
  fields: (t) => ({
    ok: t.boolean({ description: 'Whether every check is.' }),
    checks: t.field({ type: [ConnectionCheck], description: 'What was looked at, one by one.' }),
  }),
});

function connectionToTest(input: typeof TestConnectionInput.$inferInput, context: Context): ConnectionToTest {
  const { tenantId } = context.identity;
  const { integrationId, schoolId, providerId, settings, credentials } = input;
  if (integrationId != null) {
    if (schoolId != null || providerId != null || settings != null || credentials != null) {
      throw invalid('integrationId', 'Give either this, or a school, a provider and both forms.');
    }

    return { tenantId, integrationId: idIn('Integration', integrationId) };
  }
  if (schoolId == null) throw invalid('schoolId', 'Say which school is to be connected, or give an `integrationId`.');
  if (providerId == null) throw invalid('providerId', 'Say which provider is to be connected.');

  return {
    tenantId,
    schoolId: idIn('School', schoolId),
    provider: providerIn(providerId, context),
    settings: formIn('settings', settings ?? {}),
    credentials: formIn('credentials', credentials ?? {}),
  };
}

/** What is asked of the provider is asked with a school's credentials: only for those who see the school. */
async function assertSeen(connection: ConnectionToTest, context: Context): Promise<void> {
  const found = await context.readOnce<readonly unknown[]>((db) =>
    'integrationId' in connection
      ? integrationsByIds(db, [connection.integrationId])
      : schoolsByIds(db, [connection.schoolId]),
  );
  if (found.length === 0) throw new NotFound('There is no such integration or school.');
}

builder.mutationField('testConnection', (t) =>
  t.field({
    type: TestConnectionPayload,
    description: 'Asks the provider whether a connection works; answers within 10 seconds.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound, InvalidState, ProviderFailed] },
    args: { input: t.arg({ type: TestConnectionInput, required: true, description: 'Which connection.' }) },
    resolve: onceOutside(async (input, context) => {
      const connection = connectionToTest(input, context);
      await assertSeen(connection, context);
      const { ok, checks } = await context.deps.sync.testConnection(connection, context.signal);

      return { ok, checks: [...checks] };
    }),
  }),
);

const DisconnectIntegrationInput = builder.inputType('DisconnectIntegrationInput', {
  description: 'Which integration to disconnect.',
  fields: (t) => ({
    integrationId: t.id({ required: true, description: 'The integration.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const DisconnectIntegrationPayload = builder.simpleObject('DisconnectIntegrationPayload', {
  description: 'The integration was disconnected.',
  fields: (t) => ({ integration: t.field({ type: Integration, description: 'The integration, DISCONNECTED.' }) }),
});

builder.mutationField('disconnectIntegration', (t) =>
  t.field({
    type: DisconnectIntegrationPayload,
    description: 'Forgets the credentials; keeps links and history, and changes nothing in the other system.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: DisconnectIntegrationInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => {
      const integrationId = idIn('Integration', input.integrationId);
      await context.write((tx) => context.deps.sync.disconnectIntegration(tx, { ...act(context), integrationId }));

      return { integration: integrationId };
    }),
  }),
);
