import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { day, requiredText, wordOf } from './form-fields.ts';
import { act, given, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { archive, restore } from './record-status.ts';
import { Term } from './term.ts';

const types = ['gradingPeriod', 'semester', 'schoolYear', 'term'];

const words = {
  title: 'What people call it.',
  type: 'What it is, in OneRoster’s words: `schoolYear`, `semester`, `term`, `gradingPeriod`.',
  startDate: 'Its first day: `2026-09-01`.',
  endDate: 'The first day after it.',
  schoolYear: 'The year in which its school year ends: `2027`.',
  parentId: 'The longer term it is part of, of the same school.',
} as const;

const CreateTermInput = builder.inputType('CreateTermInput', {
  description: 'A new school year, semester or term of a school.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    title: t.string({ required: true, description: words.title }),
    type: t.string({ required: true, description: words.type }),
    startDate: t.string({ required: true, description: words.startDate }),
    endDate: t.string({ required: true, description: words.endDate }),
    schoolYear: t.string({ description: words.schoolYear }),
    parentId: t.id({ description: words.parentId }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateTermInput = builder.inputType('UpdateTermInput', {
  description: 'What to change about a term. What is left out stays as it is; null empties a field that may be empty.',
  fields: (t) => ({
    termId: t.id({ required: true, description: 'The term.' }),
    title: t.string({ description: words.title }),
    type: t.string({ description: words.type }),
    startDate: t.string({ description: words.startDate }),
    endDate: t.string({ description: words.endDate }),
    schoolYear: t.string({ description: words.schoolYear }),
    parentId: t.id({ description: words.parentId }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const TermChanges = z
  .object({
    title: requiredText,
    type: wordOf(types),
    startDate: day,
    endDate: day,
    schoolYear: z
      .string()
      .regex(/^\d{4}$/, 'This is no year: `2027` is one.')
      .nullable(),
  })
  .partial();

/** What is referred to, where something was said about it. */
function referencesIn(parentId: string | null | undefined): Record<string, readonly string[]> {
  return parentId === undefined ? {} : { parent: parentId === null ? [] : [idIn('Term', parentId)] };
}

const CreateTermPayload = builder.simpleObject('CreateTermPayload', {
  description: 'The term was made.',
  fields: (t) => ({ term: t.field({ type: Term, description: 'The new term.' }) }),
});

builder.mutationField('createTerm', (t) =>
  t.field({
    type: CreateTermPayload,
    description: 'Makes a term in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: CreateTermInput, required: true, description: 'The term.' }) },
    resolve: once(async ({ schoolId, parentId, ...fields }, context) => {
      const request = {
        ...act(context),
        entity: 'term' as const,
        schoolId: idIn('School', schoolId),
        values: validated(TermChanges, given(fields)),
        references: referencesIn(parentId),
      };

      return { term: await context.write((tx) => context.deps.sync.createRecord(tx, request)) };
    }),
  }),
);

const UpdateTermPayload = builder.simpleObject('UpdateTermPayload', {
  description: 'The term was changed.',
  fields: (t) => ({ term: t.field({ type: Term, description: 'The term as it is now.' }) }),
});

builder.mutationField('updateTerm', (t) =>
  t.field({
    type: UpdateTermPayload,
    description: 'Changes a term in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdateTermInput, required: true, description: 'Which, and what.' }) },
    resolve: once(async ({ termId, parentId, ...fields }, context) => {
      const recordId = idIn('Term', termId);
      const changes = validated(TermChanges, fields);
      const references = referencesIn(parentId);
      const request = { ...act(context), entity: 'term' as const, recordId, changes, references };
      await context.write((tx) => context.deps.sync.changeRecord(tx, request));

      return { term: recordId };
    }),
  }),
);

const ArchiveTermInput = builder.inputType('ArchiveTermInput', {
  description: 'Which term is put away.',
  fields: (t) => ({
    termId: t.id({ required: true, description: 'The term.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchiveTermPayload = builder.simpleObject('ArchiveTermPayload', {
  description: 'The term is put away.',
  fields: (t) => ({ term: t.field({ type: Term, description: 'The term, ARCHIVED.' }) }),
});

builder.mutationField('archiveTerm', (t) =>
  t.field({
    type: ArchiveTermPayload,
    description:
      'Puts a term away; the classes and terms that are part of it stay as they are. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchiveTermInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      term: await archive(context, 'term', input.termId),
    })),
  }),
);

const RestoreTermInput = builder.inputType('RestoreTermInput', {
  description: 'Which term comes back.',
  fields: (t) => ({
    termId: t.id({ required: true, description: 'The term.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RestoreTermPayload = builder.simpleObject('RestoreTermPayload', {
  description: 'The term is back.',
  fields: (t) => ({ term: t.field({ type: Term, description: 'The term, ACTIVE.' }) }),
});

builder.mutationField('restoreTerm', (t) =>
  t.field({
    type: RestoreTermPayload,
    description: 'Brings back a term that somebody put away here.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: RestoreTermInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      term: await restore(context, 'term', input.termId),
    })),
  }),
);
