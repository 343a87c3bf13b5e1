/** What happened to a record, in all systems. */
import { countTimelinesOf, type TimelineRow, timelinesOf } from '../db/queries/timeline.ts';
import { builder } from './builder.ts';
import { childConnection } from './child-connection.ts';
import { Class } from './class.ts';
import { pageArgs } from './connection.ts';
import { Enrollment } from './enrollment.ts';
import { changesBetween, FieldChange, visible } from './field-change.ts';
import { Integration } from './integration.ts';
import { Person } from './person.ts';
import { SyncRun } from './sync-run.ts';
import { SyncLogStatus } from './sync-words.ts';

const TimelineActor = builder.simpleObject('TimelineActor', {
  description: 'Who did something.',
  fields: (t) => ({ name: t.string({ description: 'The person’s name, or the key’s.' }) }),
});

const TimelineEntry = builder.objectRef<TimelineRow>('TimelineEntry').implement({
  description: 'One thing that happened to a record, or that a run means to do to it.',
  fields: (t) => ({
    timestamp: t.expose('at', {
      type: 'DateTime',
      description: 'When it happened; of what is planned, when it was planned.',
    }),
    action: t.exposeString('action', {
      description: 'What was done: `google_classroom.roster.student.add`, `person.update`, `conflict.push_local`.',
    }),
    status: t.expose('status', { type: SyncLogStatus, description: 'What became of it.' }),
    reason: t.exposeString('reason', { description: 'Why, in one sentence.' }),
    actor: t.field({
      type: TimelineActor,
      nullable: true,
      description: 'The person who did it; null when the engine did.',
      resolve: ({ actor }) => (actor === null ? null : { name: actor }),
    }),
    integration: t.field({
      type: Integration,
      nullable: true,
      description: 'The integration it went through, or whose question was answered; null for an edit in Homeroom.',
      resolve: (row) => row.integrationId,
    }),
    changes: t.field({
      type: [FieldChange],
      description: 'The fields it changed. Contact details are left out without the scope `pii:read`.',
      resolve: ({ before, after }, _args, context) => visible(context, changesBetween(before, after)),
    }),
    syncRun: t.field({
      type: SyncRun,
      nullable: true,
      description: 'The run that did it; null for what a person did.',
      resolve: (row) => row.runId,
    }),
  }),
});

const TimelineConnection = builder.connectionObject(
  { type: TimelineEntry, name: 'TimelineConnection', description: 'A page of a record’s timeline.' },
  { name: 'TimelineEdge', description: 'Something that happened, in a list.' },
);

const timeline = (description: string) => ({
  type: TimelineConnection,
  description,
  authScopes: { scope: 'roster:read' as const },
  args: pageArgs,
});

builder.objectField(Person, 'timeline', (t) =>
  t.field({
    ...timeline('Everything that happened to the person and to their places in classes, in all systems, newest first.'),
    resolve: (person, args, context, info) => childConnection<TimelineRow>(context, info, person, listOf(args)),
  }),
);

builder.objectField(Class, 'timeline', (t) =>
  t.field({
    ...timeline('Everything that happened to the class itself, in all systems, newest first.'),
    resolve: (row, args, context, info) => childConnection<TimelineRow>(context, info, row, listOf(args)),
  }),
);

builder.objectField(Enrollment, 'timeline', (t) =>
  t.field({
    ...timeline('Everything that happened to this place in a class, in all systems, newest first.'),
    resolve: (row, args, context, info) => childConnection<TimelineRow>(context, info, row, listOf(args)),
  }),
);

function listOf(args: { first?: number | null | undefined; after?: string | null | undefined }) {
  return {
    name: 'timeline',
    args,
    descending: true,
    key: (row: TimelineRow) => row.id,
    parentOf: (row: TimelineRow) => row.parentId,
    load: timelinesOf,
    count: countTimelinesOf,
  };
}
