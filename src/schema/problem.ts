/** What is wrong with an integration, and whose turn it is. */
import { type Cause, type ProblemRow, problemsOfIntegrations } from '../db/queries/problem.ts';
import type { ProblemTurn } from '../model/sync.ts';
import { withoutWorker } from '../sync/freshness.ts';
import { builder } from './builder.ts';
import { Integration } from './integration.ts';
import { grouped, loaderFor } from './loaders.ts';

const ProblemTurnType = builder.enumType('ProblemTurn', {
  description: 'Whose turn it is to make a problem go away.',
  values: {
    SCHOOL: { description: 'The school’s: a setting, a right, an answer, a value at its source.' },
    PROVIDER: { description: 'The provider’s: it does not answer, or not as it should.' },
    HOMEROOM: { description: 'Ours.' },
  } as const satisfies Record<ProblemTurn, { description: string }>,
});

const Problem = builder.objectRef<Cause & { since: Date }>('Problem').implement({
  description: 'One cause of what goes wrong; it goes away by itself when the cause is gone.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, for programs: `open_conflicts`, `reference_missing`.' }),
    message: t.exposeString('message', { description: 'What is wrong, in one sentence.' }),
    remedy: t.exposeString('remedy', { description: 'What an administrator can do about it.' }),
    turn: t.expose('turn', { type: ProblemTurnType, description: 'Whose turn it is.' }),
    since: t.expose('since', { type: 'DateTime', description: 'Since when it has been there without a break.' }),
    affectedCount: t.exposeInt('affectedCount', {
      description: 'How many records, operations or questions it is about.',
    }),
  }),
});

builder.objectField(Integration, 'problems', (t) =>
  t.field({
    type: [Problem],
    description: 'What is wrong, grouped by cause, the oldest first; empty when all is well.',
    authScopes: { scope: 'roster:read' },
    resolve: async (integration, _args, context) => {
      const away = withoutWorker(integration.nextSyncAt, context.deps.clock.now());
      const written = await loaderFor<ProblemRow[]>(context, null, 'problems', async (ids) => {
        const rows = await context.read((db) => problemsOfIntegrations(db, ids));

        return grouped(ids, rows, (row) => row.integrationId);
      }).load(integration.id);

      return [...written, ...(away ? [away] : [])].toSorted(
        (left, right) => left.since.getTime() - right.since.getTime(),
      );
    },
  }),
);
