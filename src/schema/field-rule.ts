/** What a school has decided once and for all about fields of an integration. */
import { type FieldRuleRow, fieldRulesOfIntegrations } from '../db/queries/field-rule.ts';
import { NotFound } from '../model/problems.ts';
import type { FieldRule } from '../model/sync.ts';
import { builder } from './builder.ts';
import { EntityType } from './entity.ts';
import { act, idIn } from './input.ts';
import { Integration } from './integration.ts';
import { grouped, loaderFor } from './loaders.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';

const FieldRuleEnum = builder.enumType('FieldRule', {
  description: 'Who wins when only a person could tell which value of a field is right.',
  values: {
    ASK: { description: 'A person, each time: it becomes a conflict. What holds without a rule.' },
    ALWAYS_PUSH_LOCAL: { description: 'Our value: it is written there, or kept here against a source.' },
    ALWAYS_ACCEPT_EXTERNAL: { description: 'Their value: it is taken over here.' },
  } as const satisfies Record<FieldRule, { description: string }>,
});

const StandingRule = builder.objectRef<FieldRuleRow>('StandingRule').implement({
  description: 'A school’s decision about one field of one integration, for all records and until it is changed.',
  fields: (t) => ({
    entityType: t.field({ type: EntityType, description: 'The kind of record.', resolve: ({ entity }) => entity }),
    field: t.exposeString('field', { description: 'The field’s name.' }),
    rule: t.expose('rule', { type: FieldRuleEnum, description: 'Who wins.' }),
  }),
});

builder.objectField(Integration, 'fieldRules', (t) =>
  t.field({
    type: [StandingRule],
    description: 'Its standing rules, by kind of record and field; a field that is not here is asked about.',
    resolve: (integration, _args, context) =>
      loaderFor<FieldRuleRow[]>(context, null, 'fieldRules', async (ids) => {
        const rows = await context.read((db) => fieldRulesOfIntegrations(db, ids));

        return grouped(ids, rows, (row) => row.integrationId);
      }).load(integration.id),
  }),
);

const SetFieldRuleInput = builder.inputType('SetFieldRuleInput', {
  description: 'A standing rule for one field of one integration.',
  fields: (t) => ({
    integrationId: t.id({ required: true, description: 'The integration.' }),
    entityType: t.field({ type: EntityType, required: true, description: 'The kind of record.' }),
    field: t.string({ required: true, description: 'The field’s name, as conflicts name it.' }),
    rule: t.field({ type: FieldRuleEnum, required: true, description: 'Who wins; ASK takes a rule away.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const SetFieldRulePayload = builder.simpleObject('SetFieldRulePayload', {
  description: 'The rule holds from now on.',
  fields: (t) => ({ integration: t.field({ type: Integration, description: 'The integration with its rules.' }) }),
});

builder.mutationField('setFieldRule', (t) =>
  t.field({
    type: SetFieldRulePayload,
    description:
      'Decides once and for all about a field. The next run that looks at a record acts on it, and settles what is open about this field.',
    authScopes: { scope: 'integration:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: SetFieldRuleInput, required: true, description: 'The rule.' }) },
    resolve: once(async (input, context) => {
      const { entityType, field, rule } = input;
      const integrationId = idIn('Integration', input.integrationId);
      const request = { ...act(context), integrationId, entityType, field, rule };
      await context.write((tx) => context.deps.sync.setFieldRule(tx, request));

      return { integration: integrationId };
    }),
  }),
);
