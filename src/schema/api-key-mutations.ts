import { z } from 'zod';
import { apiKeysByIds, markApiKeyRevoked } from '../db/queries/api-key.ts';
import { schoolsByIds } from '../db/queries/school.ts';
import { type Scope, scopes } from '../model/identity.ts';
import { NotFound } from '../model/problems.ts';
import { ApiKey, scopesDescription } from './api-key.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { idIn, idsIn, invalid, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A new key. Nobody gives what they do not have.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Who or what will use it: at most 100 characters.' }),
    scopes: t.stringList({ required: true, description: `What it is to allow. ${scopesDescription}.` }),
    schoolIds: t.idList({
      description: 'Only these schools, at most 200; left out: every school, also one that is added later.',
    }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when it is good: at most, and if left out, a year.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const CreateApiKeyPayload = builder.simpleObject('CreateApiKeyPayload', {
  description: 'The key was made.',
  fields: (t) => ({
    apiKey: t.field({ type: ApiKey, description: 'The key as it is looked after.' }),
    secret: t.string({
      nullable: true,
      description:
        'The key itself, to be sent as `Authorization: Bearer …`. Shown this once: null when this is a retry.',
    }),
  }),
});

const ApiKeyForm = z.object({
  name: z
    .string()
    .trim()
    .min(1, 'This cannot be empty.')
    .max(100, 'At most 100 characters.')
    .refine((text) => !text.includes('\0'), 'NUL is no character of a name.'),
  scopes: z
    .array(z.enum(scopes, `There is no such scope. There are: ${scopes.join(', ')}.`))
    .min(1, 'Choose at least one.')
    .transform((list): Scope[] => [...new Set(list)]),
});

/** The schools a new key is to open, to be looked for; null for all. @throws ValidationFailed */
function schoolsIn({ identity }: Context, globalIds: readonly string[] | null | undefined): string[] | null {
  const ids = idsIn('School', 'schoolIds', globalIds);
  if (ids === undefined && identity.schoolIds !== null) {
    throw invalid('schoolIds', 'You are for some schools: name some of them.');
  }

  return ids === undefined ? null : [...new Set(ids)];
}

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    description: 'Makes a key for a program. Its secret is in the answer, and nowhere else.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key.' }) },
    resolve: once(
      async (input, context) => {
        const { name, scopes: wanted } = validated(ApiKeyForm, input);
        const lacking = wanted.filter((scope) => !context.has(scope));
        if (lacking.length > 0)
          throw invalid('scopes', `Nobody gives what they do not have: you lack ${lacking.join(', ')}.`);
        const schoolIds = schoolsIn(context, input.schoolIds);
        const { tenantId } = context.identity;
        const key = {
          tenantId,
          name,
          scopes: wanted,
          schoolIds,
          ...(input.expiresAt && { expiresAt: input.expiresAt }),
        };
        const made = await context.write(async (tx) => {
          const found = await schoolsByIds(tx, schoolIds ?? []);
          if (schoolIds !== null && found.length < schoolIds.length) throw new NotFound('There is no such school.');

          return context.deps.apiKeys.create(tx, key);
        });

        return { apiKey: made.id, secret: made.key };
      },
      { shownOnce: ['secret'] },
    ),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'Which key to end.',
  fields: (t) => ({
    apiKeyId: t.id({ required: true, description: 'The key.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RevokeApiKeyPayload = builder.simpleObject('RevokeApiKeyPayload', {
  description: 'The key is ended.',
  fields: (t) => ({ apiKey: t.field({ type: ApiKey, description: 'The key, REVOKED.' }) }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    description:
      'Ends a key for good. From ten seconds on, at the latest, nobody gets in with it, and what is open under it ends. One that is revoked already stays so.',
    authScopes: { scope: 'tenant:admin' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => {
      const id = idIn('ApiKey', input.apiKeyId);
      await context.write(async (tx) => {
        const [key] = await apiKeysByIds(tx, [id], context.identity.schoolIds);
        if (!key) throw new NotFound('There is no such key.');
        await markApiKeyRevoked(tx, id, context.deps.clock.now());
      });

      return { apiKey: id };
    }),
  }),
);
