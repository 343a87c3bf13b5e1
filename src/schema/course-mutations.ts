import { z } from 'zod';
import { InvalidState, NotFound, OwnedBySource } from '../model/problems.ts';
import { builder } from './builder.ts';
import { Course } from './course.ts';
import { list, optionalText, requiredText } from './form-fields.ts';
import { act, given, idIn, validated } from './input.ts';
import { idempotencyKey, once, retryErrors } from './once.ts';
import { archive, restore } from './record-status.ts';

const words = {
  title: 'What people call it.',
  courseCode: 'Its short code.',
  grades: 'Grades it is for, in the source’s codes.',
  subjects: 'Subjects, in words.',
  subjectCodes: 'Subjects, as codes.',
} as const;

const CreateCourseInput = builder.inputType('CreateCourseInput', {
  description: 'A new course of a school.',
  fields: (t) => ({
    schoolId: t.id({ required: true, description: 'The school.' }),
    title: t.string({ required: true, description: words.title }),
    courseCode: t.string({ description: words.courseCode }),
    grades: t.stringList({ description: words.grades }),
    subjects: t.stringList({ description: words.subjects }),
    subjectCodes: t.stringList({ description: words.subjectCodes }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const UpdateCourseInput = builder.inputType('UpdateCourseInput', {
  description:
    'What to change about a course. What is left out stays as it is; null empties a field that may be empty.',
  fields: (t) => ({
    courseId: t.id({ required: true, description: 'The course.' }),
    title: t.string({ description: words.title }),
    courseCode: t.string({ description: words.courseCode }),
    grades: t.stringList({ description: words.grades }),
    subjects: t.stringList({ description: words.subjects }),
    subjectCodes: t.stringList({ description: words.subjectCodes }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const CourseChanges = z
  .object({ title: requiredText, courseCode: optionalText, grades: list, subjects: list, subjectCodes: list })
  .partial();

const CreateCoursePayload = builder.simpleObject('CreateCoursePayload', {
  description: 'The course was made.',
  fields: (t) => ({ course: t.field({ type: Course, description: 'The new course.' }) }),
});

builder.mutationField('createCourse', (t) =>
  t.field({
    type: CreateCoursePayload,
    description: 'Makes a course in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound] },
    args: { input: t.arg({ type: CreateCourseInput, required: true, description: 'The course.' }) },
    resolve: once(async ({ schoolId, ...fields }, context) => {
      const values = validated(CourseChanges, given(fields));
      const request = { ...act(context), entity: 'course' as const, schoolId: idIn('School', schoolId), values };

      return { course: await context.write((tx) => context.deps.sync.createRecord(tx, request)) };
    }),
  }),
);

const UpdateCoursePayload = builder.simpleObject('UpdateCoursePayload', {
  description: 'The course was changed.',
  fields: (t) => ({ course: t.field({ type: Course, description: 'The course as it is now.' }) }),
});

builder.mutationField('updateCourse', (t) =>
  t.field({
    type: UpdateCoursePayload,
    description: 'Changes a course in Homeroom; connected destinations follow by themselves.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource] },
    args: { input: t.arg({ type: UpdateCourseInput, required: true, description: 'Which, and what.' }) },
    resolve: once(async ({ courseId, ...fields }, context) => {
      const recordId = idIn('Course', courseId);
      const changes = validated(CourseChanges, fields);
      const request = { ...act(context), entity: 'course' as const, recordId, changes };
      await context.write((tx) => context.deps.sync.changeRecord(tx, request));

      return { course: recordId };
    }),
  }),
);

const ArchiveCourseInput = builder.inputType('ArchiveCourseInput', {
  description: 'Which course is put away.',
  fields: (t) => ({
    courseId: t.id({ required: true, description: 'The course.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const ArchiveCoursePayload = builder.simpleObject('ArchiveCoursePayload', {
  description: 'The course is put away.',
  fields: (t) => ({ course: t.field({ type: Course, description: 'The course, ARCHIVED.' }) }),
});

builder.mutationField('archiveCourse', (t) =>
  t.field({
    type: ArchiveCoursePayload,
    description: 'Puts a course away; its classes stay as they are. One that a connected source has is removed there.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: ArchiveCourseInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      course: await archive(context, 'course', input.courseId),
    })),
  }),
);

const RestoreCourseInput = builder.inputType('RestoreCourseInput', {
  description: 'Which course comes back.',
  fields: (t) => ({
    courseId: t.id({ required: true, description: 'The course.' }),
    idempotencyKey: t.string(idempotencyKey),
  }),
});

const RestoreCoursePayload = builder.simpleObject('RestoreCoursePayload', {
  description: 'The course is back.',
  fields: (t) => ({ course: t.field({ type: Course, description: 'The course, ACTIVE.' }) }),
});

builder.mutationField('restoreCourse', (t) =>
  t.field({
    type: RestoreCoursePayload,
    description: 'Brings back a course that somebody put away here.',
    authScopes: { scope: 'roster:write' },
    errors: { types: [...retryErrors, NotFound, OwnedBySource, InvalidState] },
    args: { input: t.arg({ type: RestoreCourseInput, required: true, description: 'Which one.' }) },
    resolve: once(async (input, context) => ({
      course: await restore(context, 'course', input.courseId),
    })),
  }),
);
