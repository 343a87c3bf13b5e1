import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { Class } from './class.ts';
import { list, optionalText, requiredText, wordOf } from './form-fields.ts';
import { act, given, idIn, idsIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { archive, restore } from './record-status.ts';

const words = {
  title: 'What people call it.',
  classCode: 'Its short code.',
  classType: 'What it is, in OneRoster’s words: `homeroom`, `scheduled`.',
  location: 'Where it meets.',
  grades: 'Grades, in the source’s codes.',
  subjects: 'Subjects, in words.',
  subjectCodes: 'Subjects, as codes.',
  periods: 'Periods in which it meets.',
  courseId: 'The course it is an instance of.',
  termIds: 'The terms in which it meets, at most 200.',
} as const;

const CreateClassInput = builder.inputType('CreateClassInput', {
  description: 'A new class of a school.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    title: t.string({ required: true, description: words.title }),
    classCode: t.string({ description: words.classCode }),
    classType: t.string({ description: words.classType }),
    location: t.string({ description: words.location }),
    grades: t.stringList({ description: words.grades }),
    subjects: t.stringList({ description: words.subjects }),
    subjectCodes: t.stringList({ description: words.subjectCodes }),
    periods: t.stringList({ description: words.periods }),
    courseId: t.id({ description: words.courseId }),
    termIds: t.idList({ description: words.termIds }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateClassInput = builder.inputType('UpdateClassInput', {
  description: 'What to change about a class. What is left out stays as it is; null empties a field that may be empty.',
  fields: (t) => ({
    classId: t.id({ required: true, description: 'The class.' }),
    title: t.string({ description: words.title }),
    classCode: t.string({ description: words.classCode }),
    classType: t.string({ description: words.classType }),
    location: t.string({ description: words.location }),
    grades: t.stringList({ description: words.grades }),
    subjects: t.stringList({ description: words.subjects }),
    subjectCodes: t.stringList({ description: words.subjectCodes }),
    periods: t.stringList({ description: words.periods }),
    courseId: t.id({ description: words.courseId }),
    termIds: t.idList({ description: `${words.termIds} Null: none.` }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ClassChanges = z
  .object({
    title: requiredText,
    classCode: optionalText,
    classType: wordOf(['homeroom', 'scheduled']).nullable(),
    location: optionalText,
    grades: list,
    subjects: list,
    subjectCodes: list,
    periods: list,
  })
  .partial();

interface Referring {
  courseId?: string | null | undefined;
  termIds?: readonly string[] | null | undefined;
}

/** What is referred to, where something was said about it. @throws ValidationFailed */
function referencesIn({ courseId, termIds }: Referring): Record<string, readonly string[]> {
  return {
    ...(courseId !== undefined && { course: courseId === null ? [] : [idIn('Course', courseId)] }),
    ...(termIds !== undefined && { terms: termIds?.length ? [...new Set(idsIn('Term', 'termIds', termIds))] : [] }),
  };
}

const CreateClassPayload = builder.simpleObject('CreateClassPayload', {
  description: 'The class was made.',
  fields: (t) => ({ class: t.field({ type: Class, description: 'The new class.' }) }),
});

builder.mutationField('createClass', (t) =>
  t.field({
    type: CreateClassPayload,
    description: 'Makes a class in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: CreateClassInput, required: true, description: 'The class.' }) },
    resolve: once(async ({ schoolId, ...fields }, context) => {
      const request = {
        ...act(context),
        entity: 'class' as const,
        schoolId: idIn('School', schoolId),
        values: validated(ClassChanges, given(fields)),
        references: referencesIn(fields),
      };

      return { class: await context.write((tx) => context.deps.sync.createRecord(tx, request)) };
    }),
  }),
);

const UpdateClassPayload = builder.simpleObject('UpdateClassPayload', {
  description: 'The class was changed.',
  fields: (t) => ({ class: t.field({ type: Class, description: 'The class as it is now.' }) }),
});

builder.mutationField('updateClass', (t) =>
  t.field({
    type: UpdateClassPayload,
    description: 'Changes a class in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdateClassInput, required: true, description: 'Which, and what.' }) },
    resolve: once(async ({ classId, ...fields }, context) => {
      const recordId = idIn('Class', classId);
      const changes = validated(ClassChanges, fields);
      const references = referencesIn(fields);
      const request = { ...act(context), entity: 'class' as const, recordId, changes, references };
      await context.write((tx) => context.deps.sync.changeRecord(tx, request));

      return { class: recordId };
    }),
  }),
);

const ArchiveClassInput = builder.inputType('ArchiveClassInput', {
  description: 'Which class is over.',
  fields: (t) => ({
    classId: t.id({ required: true, description: 'The class.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchiveClassPayload = builder.simpleObject('ArchiveClassPayload', {
  description: 'The class is put away.',
  fields: (t) => ({ class: t.field({ type: Class, description: 'The class, ARCHIVED.' }) }),
});

builder.mutationField('archiveClass', (t) =>
  t.field({
    type: ArchiveClassPayload,
    description:
      'Puts a class away, with its members as they are; connected destinations follow by themselves. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchiveClassInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      class: await archive(context, 'class', input.classId),
    })),
  }),
);

const RestoreClassInput = builder.inputType('RestoreClassInput', {
  description: 'Which class goes on.',
  fields: (t) => ({
    classId: t.id({ required: true, description: 'The class.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RestoreClassPayload = builder.simpleObject('RestoreClassPayload', {
  description: 'The class is back.',
  fields: (t) => ({ class: t.field({ type: Class, description: 'The class, ACTIVE, with its members.' }) }),
});

builder.mutationField('restoreClass', (t) =>
  t.field({
    type: RestoreClassPayload,
    description: 'Brings back a class that somebody put away here.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: RestoreClassInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      class: await restore(context, 'class', input.classId),
    })),
  }),
);
