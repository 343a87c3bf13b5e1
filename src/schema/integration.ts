import {
  type IntegrationRow,
  integrationsByIds,
  integrationsOfSchools,
  lastWebhooks,
} from '../db/queries/integration.ts';
import { withoutWorker } from '../sync/freshness.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { OwnedBySourceError } from './errors.ts';
import { rawId } from './ids.ts';
import { grouped, loaderFor } from './loaders.ts';
import { globalId, Node, registerNode } from './node.ts';
import { Provider } from './provider.ts';
import { School } from './school.ts';
import { SyncSchedule } from './sync-schedule.ts';

const IntegrationStatus = builder.enumType('IntegrationStatus', {
  description: 'How well an integration works, judged by its recent runs.',
  values: {
    CONNECTED: { description: 'It works.' },
    DEGRADED: { description: 'Some operations fail and some succeed, or a sync that its schedule promised is late.' },
    ERROR: { description: 'All recent runs failed, or somebody must sign in again.' },
    DISCONNECTED: { description: 'A person disconnected it, or its authorisation was never finished.' },
  } as const,
});

/** What was written down, and what nobody could write down because no worker is there. */
function asItStands({ status, statusReason, nextSyncAt }: IntegrationRow, now: Date) {
  const away = withoutWorker(nextSyncAt, now);
  if (status === 'CONNECTED')
    return away ? { status: 'DEGRADED' as const, statusReason: away.message } : { status, statusReason: null };

  return { status, statusReason: away ? `${statusReason} ${away.message}` : statusReason };
}

export const Integration = builder.loadableObject('Integration', {
  description: 'One school’s configured use of one provider.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<IntegrationRow[]> =>
    context.read((db) => integrationsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Integration')),
    school: t.field({ type: School, description: 'The school it serves.', resolve: (row) => row.schoolId }),
    provider: t.field({ type: Provider, description: 'The system at the other end.', resolve: (row) => row.provider }),
    status: t.field({
      type: IntegrationStatus,
      description: 'How well it works.',
      resolve: (row, _args, { deps }) => asItStands(row, deps.clock.now()).status,
    }),
    statusReason: t.string({
      nullable: true,
      description: 'Why it is not CONNECTED, and what helps; null when it is.',
      resolve: (row, _args, { deps }) => asItStands(row, deps.clock.now()).statusReason,
    }),
    lastSyncedAt: t.expose('lastSyncedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The end of the last run that read everything; null before it.',
    }),
    schedule: t.expose('schedule', {
      type: SyncSchedule,
      nullable: true,
      description: 'When it syncs by itself; null when it does not.',
    }),
    nextSyncAt: t.expose('nextSyncAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the schedule starts the next run; null without a schedule.',
    }),
    settings: t.expose('settings', {
      type: 'JSON',
      description: 'What the school filled in, by the provider’s `settingsSchema`. Never a secret.',
    }),
    webhookUrl: t.string({
      nullable: true,
      description:
        'The address to enter at the provider, so that what happens there is noticed at once; it stays the same. Null where the provider does not call, or the integration is older than that: save its credentials again. Needs the scope `integration:admin`.',
      authScopes: { scope: 'integration:admin' },
      resolve: ({ provider, webhookEndpoint }, _args, { deps }) =>
        webhookEndpoint === null
          ? null
          : `${deps.baseUrl().replace(/\/$/, '')}/webhooks/${provider}/${webhookEndpoint}`,
    }),
    webhookReceivedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When the provider last told of something new there; null when it has not for a week.',
      resolve: (row, _args, context) =>
        loaderFor<Date | null>(context, null, 'webhookReceivedAt', async (ids) => {
          const rows = await context.read((db) => lastWebhooks(db, ids));
          const known = new Map(rows.map(({ integrationId, receivedAt }) => [integrationId, receivedAt]));

          return ids.map((id) => known.get(id) ?? null);
        }).load(row.id),
    }),
  }),
});

registerNode(Integration);

builder.objectField(School, 'integrations', (t) =>
  t.field({
    type: [Integration],
    description: 'All integrations of the school, also disconnected ones, in the order they were connected.',
    authScopes: { scope: 'roster:read' },
    resolve: (school, _args, context) =>
      loaderFor<IntegrationRow[]>(context, null, 'integrationsOfSchools', async (schoolIds) => {
        const rows = await context.read((db) => integrationsOfSchools(db, schoolIds));

        return grouped(schoolIds, rows, (row) => row.schoolId);
      }).load(school.id),
  }),
);

builder.objectField(OwnedBySourceError, 'integration', (t) =>
  t.field({
    type: Integration,
    description: 'The integration whose provider owns the value.',
    resolve: (error) => error.integrationId,
  }),
);

builder.queryField('integration', (t) =>
  t.field({
    type: Integration,
    nullable: true,
    description: 'One integration; null when it is not there or not yours to see.',
    authScopes: { scope: 'roster:read' },
    args: { id: t.arg.id({ required: true, description: 'The integration’s id.' }) },
    resolve: (_root, { id }) => rawId('Integration', id),
  }),
);
