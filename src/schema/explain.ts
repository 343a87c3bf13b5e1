/** Why something is, or is not, in another system. */

import type { Explanation as Explained, ExplainedBlocker, ExplainedField } from '../sync/explanation.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { recordNamed } from './entity.ts';
import { visible } from './field-change.ts';
import { rawId } from './ids.ts';
import { Integration } from './integration.ts';
import { badUserInput } from './refusals.ts';
import { SyncRun } from './sync-run.ts';

const ExplanationState = builder.enumType('ExplanationState', {
  description: 'How a record stands between Homeroom and another system.',
  values: {
    IN_STEP: { description: 'Both sides are alike, as far as is known.' },
    WAITING: { description: 'A sync will settle it, or a run that waits for approval.' },
    CONFLICT: { description: 'A person must decide.' },
    BLOCKED: { description: 'It cannot go on before what blocks it is mended.' },
    NOT_SELECTED: { description: 'It is not meant to be there, or not from there.' },
  } as const satisfies Record<Explained['state'], { description: string }>,
});

const ExplanationLink = builder.objectRef<NonNullable<Explained['link']>>('ExplanationLink').implement({
  description: 'The tie between our record and the one out there.',
  fields: (t) => ({
    externalId: t.exposeString('externalId', {
      nullable: true,
      description: 'Its id in the other system; null while it is in the making there.',
    }),
    lastSyncedAt: t.expose('lastSyncedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a run last wrote or compared it; null before.',
    }),
  }),
});

const ExplainedFieldType = builder.objectRef<ExplainedField>('ExplainedField').implement({
  description: 'One field’s three values, who owns it, and why it stands as it does.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The field’s name.' }),
    owner: t.exposeString('owner', { description: 'Who decides its value, by name: a provider, Homeroom, or both.' }),
    baseValue: t.expose('baseValue', {
      type: 'JSON',
      nullable: true,
      description: 'What both sides last agreed on; null where there is none.',
    }),
    localValue: t.expose('localValue', {
      type: 'JSON',
      nullable: true,
      description: 'Its value in Homeroom; null where there is none.',
    }),
    externalValue: t.expose('externalValue', {
      type: 'JSON',
      nullable: true,
      description: 'Its value in the other system, as it was last known; null where there is none.',
    }),
    reason: t.exposeString('reason', { description: 'Why it stands so, in one sentence.' }),
    lastRun: t.field({
      type: SyncRun,
      nullable: true,
      description: 'The run of this integration that last wrote it; null when none did.',
      resolve: (field) => field.lastRunId,
    }),
  }),
});

const ExplanationBlocker = builder.objectRef<ExplainedBlocker>('ExplanationBlocker').implement({
  description: 'Something in the way, and what helps.',
  fields: (t) => ({
    code: t.exposeString('code', { description: 'Stable, for programs: `no_email`, `outside_current_term`, `held`.' }),
    message: t.exposeString('message', { description: 'What is in the way, in one sentence.' }),
    remedy: t.exposeString('remedy', { description: 'What an administrator can do about it.' }),
    syncRun: t.field({
      type: SyncRun,
      nullable: true,
      description: 'The run in which it waits or failed; null when it is no run’s.',
      resolve: (blocker) => blocker.runId,
    }),
  }),
});

const Explanation = builder.objectRef<Explained>('Explanation').implement({
  description: 'Why something is, or is not, in another system.',
  fields: (t) => ({
    state: t.expose('state', { type: ExplanationState, description: 'How it stands.' }),
    summary: t.exposeString('summary', { description: 'The same in one sentence.' }),
    link: t.field({
      type: ExplanationLink,
      nullable: true,
      description: 'Its tie to the other system; null when it was never linked, or no longer is.',
      resolve: ({ link }) => link,
    }),
    fields: t.field({
      type: [ExplainedFieldType],
      description: 'The fields both sides can hold. Contact details are left out without the scope `pii:read`.',
      resolve: ({ fields }, _args, context) => visible(context, fields),
    }),
    blockers: t.field({
      type: [ExplanationBlocker],
      description: 'What is in the way, the most telling first; empty when nothing is.',
      resolve: ({ blockers }) => [...blockers],
    }),
  }),
});

/** In one operation: each is looked up by itself, through all streams of its provider. */
const mostExplanations = 20;

const explanations = new WeakMap<Context, number>();

/** @throws a top-level error for one too many. */
function countExplanation(context: Context): void {
  const count = (explanations.get(context) ?? 0) + 1;
  if (count > mostExplanations) throw badUserInput(`An operation asks for at most ${mostExplanations} explanations.`);
  explanations.set(context, count);
}

builder.objectField(Integration, 'explain', (t) =>
  t.field({
    type: Explanation,
    nullable: true,
    description: `Why a record, a person’s membership in a class, or a record out there is as it is, without asking the provider. Null when it is not there or not yours to see. At most ${mostExplanations} in one operation.`,
    authScopes: { scope: 'roster:read' },
    args: {
      recordId: t.arg.id({ description: 'A record of the school: a person, a class, an enrollment …' }),
      classId: t.arg.id({
        description: 'With a person: ask about their place in this class, also where there is none.',
      }),
      externalId: t.arg.string({
        description: 'Instead of `recordId`: a record by its id in the other system, also one that never came in.',
      }),
    },
    resolve: (integration, { recordId, classId, externalId }, context) => {
      if ((recordId == null) === (externalId == null)) throw badUserInput('Give either `recordId` or `externalId`.');
      const record = recordId == null ? undefined : recordNamed(recordId);
      const inClass = classId == null ? undefined : rawId('Class', classId);
      if (recordId != null && record === undefined) return null;
      if (classId != null && (inClass === undefined || record?.entity !== 'person')) return null;
      countExplanation(context);

      return context.read((tx) =>
        context.deps.sync.explain(tx, {
          tenantId: context.identity.tenantId,
          integrationId: integration.id,
          ...(record && { record }),
          ...(inClass !== undefined && { classId: inClass }),
          ...(externalId != null && { externalId }),
        }),
      );
    },
  }),
);
