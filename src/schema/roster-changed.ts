import { brandWithType, type OutputType } from '@pothos/core';
import { classes } from '../db/queries/class.ts';
import { courses } from '../db/queries/course.ts';
import { enrollments } from '../db/queries/enrollment.ts';
import { groups } from '../db/queries/group.ts';
import { guardianLinks } from '../db/queries/guardian-link.ts';
import { meetings } from '../db/queries/meeting.ts';
import { orgs } from '../db/queries/org.ts';
import { persons } from '../db/queries/person.ts';
import { type RecordRow, type RecordTable, recordsByIds } from '../db/queries/record.ts';
import { terms } from '../db/queries/term.ts';
import type { Following } from '../live/feed.ts';
import type { EntityName } from '../model/entities.ts';
import { builder, type Types } from './builder.ts';
import type { Context } from './context.ts';
import { EntityType, nodeTypeOf } from './entity.ts';
import { followedSchools, followedSchoolsArg } from './followed-schools.ts';
import {
  CaughtUp,
  type CaughtUpEvent,
  describeCursor,
  feedEvent,
  type LiveEvent,
  liveEvent,
  liveStream,
  ResumeGap,
  type ResumeGapEvent,
} from './live.ts';
import { RecordInterface } from './record.ts';

interface ChangedEvent {
  type: 'changed';
  cursor: string;
  record: RecordRow;
}

interface ErasedEvent {
  type: 'erased';
  cursor: string;
  entity: EntityName;
  recordId: string;
  sourcedId: string | null;
}

type Event = ChangedEvent | ErasedEvent | CaughtUpEvent | ResumeGapEvent;

const RecordChanged = builder.objectRef<ChangedEvent>('RecordChanged').implement({
  description: 'A record was made, changed, archived or brought back. It is shown as it is when this is sent.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    record: t.expose('record', { type: RecordInterface, description: 'The record as it is now.' }),
  }),
});

const RecordErased = builder.objectRef<ErasedEvent>('RecordErased').implement({
  description: 'A record was forgotten for good: delete your copy.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', describeCursor),
    entityType: t.expose('entity', { type: EntityType, description: 'What kind of record.' }),
    recordId: t.exposeID('recordId', { description: 'The id it had here.' }),
    sourcedId: t.exposeString('sourcedId', {
      nullable: true,
      description: 'The id it had in the student information system; null when it was not from one.',
    }),
  }),
});

const typeNames = { changed: RecordChanged, erased: RecordErased, caughtUp: CaughtUp, gap: ResumeGap } as const;

const RosterEvent = builder.unionType('RosterEvent', {
  description: 'What `rosterChanged` tells.',
  types: [RecordChanged, RecordErased, CaughtUp, ResumeGap],
  resolveType: (event) => typeNames[event.type],
});

const tables: Readonly<Record<EntityName, RecordTable<RecordRow>>> = {
  org: orgs,
  term: terms,
  course: courses,
  class: classes,
  person: persons,
  enrollment: enrollments,
  guardianLink: guardianLinks,
  group: groups,
  meeting: meetings,
};

/** Records that are read together, right before they are sent. */
const readTogether = 100;

async function* changes(context: Context, following: Following): AsyncGenerator<LiveEvent<Event>, void> {
  for await (const event of following) {
    if (event.type !== 'activity') {
      yield feedEvent(context, event);
      continue;
    }
    const { entity, ids, allIds } = event.row;
    const left = new Set(ids);
    if (entity === null) throw new Error('Activity about records does not say which.');
    for (let start = 0; start < allIds.length; start += readTogether) {
      const some = allIds.slice(start, start + readTogether);
      if (!some.some((id) => left.has(id))) continue;
      // All of them, whatever is left of them here: so the answer is everybody's.
      const read = (unwanted: AbortSignal) => readRecords(context, entity as EntityName, some, unwanted);
      for (const record of await context.once(`records ${event.cursor} ${start}`, read)) {
        if (!left.has(record.id)) continue;
        const cursor = event.cursorBehind(record.id);
        yield liveEvent<Event>(context, cursor, { type: 'changed', cursor, record }, `changed ${cursor} ${record.id}`);
      }
    }
  }
}

/** In the order of their ids in the row, which is what a cursor within it counts by. One that is no longer there is left out. */
async function readRecords(
  context: Context,
  entity: EntityName,
  ids: readonly string[],
  unwanted: AbortSignal,
): Promise<RecordRow[]> {
  const rows = await context.readOnce((db) => recordsByIds(db, tables[entity], ids), unwanted);
  const found = new Map(rows.map((row) => [row.id, row]));
  for (const row of rows) brandWithType(row, nodeTypeOf[entity] as OutputType<Types>);

  return ids.flatMap((id) => found.get(id) ?? []);
}

builder.subscriptionField('rosterChanged', (t) =>
  t.field({
    type: RosterEvent,
    description:
      'Each change of a record, from a cursor on: what a mirror of the roster follows once it has paged through it. There is no present state.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...followedSchoolsArg,
      after: t.arg.string({
        required: true,
        description:
          'Go on behind this place: `liveCursor` of the query that paged through the roster, or an event’s cursor.',
      }),
    },
    subscribe: async (_root, { schoolIds, after }, context) => {
      const schools = await followedSchools(context, schoolIds);

      return liveStream<Event>(context, { kinds: ['record'], schoolIds: schools, after }, async (following) =>
        changes(context, following),
      );
    },
    resolve: (event) => event.value,
  }),
);
