import {
  type MeetingRow,
  meetings,
  meetingsCalled,
  meetingsOfPeople,
  meetingsStarting,
  roomsOfSchools,
} from '../db/queries/meeting.ts';
import { persons } from '../db/queries/person.ts';
import { isOneOf } from '../db/queries/record.ts';
import { builder } from './builder.ts';
import { Class } from './class.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { Group } from './group.ts';
import { grouped, loaderFor } from './loaders.ts';
import { globalId, registerNode } from './node.ts';
import { Person, PersonConnection, peopleWhere, personListArgs } from './person.ts';
import { createdFirst, loadRecords, recordFilter, recordInterfaces, recordList } from './record.ts';
import { given, idsAmong, idsLimit, searchLimit, wordsIn } from './record-filter.ts';
import { School } from './school.ts';

const nullable = true;

const Meeting = builder.loadableObject('Meeting', {
  description: 'A session: people who meet at a time, in a room.',
  interfaces: recordInterfaces,
  load: (ids: string[], context: Context): Promise<MeetingRow[]> => loadRecords(context, meetings, ids),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Meeting')),
    title: t.exposeString('title', { description: 'What people call it.' }),
    description: t.exposeString('description', {
      nullable,
      description: 'What it is about, where that is not its title; null when the source does not say.',
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    location: t.exposeString('location', {
      nullable,
      description: 'The room, by name; null when the source does not say.',
    }),
    class: t.field({
      type: Class,
      nullable,
      description: 'The class that meets; null when the source does not say.',
      resolve: (row) => row.classId,
    }),
    instructors: t.field({
      type: [Person],
      description: 'Who leads it, in the source’s order.',
      authScopes: { scope: 'roster:read' },
      resolve: (row) => [...row.instructorIds],
    }),
    learners: t.field({
      type: PersonConnection,
      description: 'Who takes part.',
      authScopes: { scope: 'roster:read' },
      args: personListArgs,
      resolve: recordList('learnersOfMeeting', persons, { table: 'meeting', column: 'learners_ids' }, peopleWhere),
    }),
    groups: t.field({
      type: [Group],
      description: 'The groups it is for.',
      authScopes: { scope: 'roster:read' },
      resolve: (row) => [...row.groupIds],
    }),
  }),
});

registerNode(Meeting);

const MeetingFilter = builder.inputType('MeetingFilter', {
  description: 'Which meetings to list: those that fit everything given here.',
  fields: (t) => ({
    ...recordFilter(t),
    startsFrom: t.field({ type: 'DateTime', description: 'That start at this instant or later.' }),
    startsBefore: t.field({ type: 'DateTime', description: 'That start before this instant.' }),
    search: t.string({
      description: `Each of whose words is in the title, the description or the room, in whatever case. ${searchLimit}`,
    }),
    classIds: t.idList({ description: `Of one of these classes. ${idsLimit}` }),
    personIds: t.idList({ description: `Which one of these people leads or takes part in. ${idsLimit}` }),
  }),
});

const MeetingOrder = orderInput('Meeting', {
  ...createdFirst,
  STARTS_AT: { description: 'When it begins. What is moved while somebody pages may come twice, or not at all.' },
});

const meetingListArgs = {
  ...pageArgs,
  ...builder.args((t) => ({
    filter: t.field({ type: MeetingFilter, description: 'Which meetings; left out: those that are ACTIVE.' }),
    orderBy: t.field({ type: MeetingOrder, description: 'In which order; left out: as they came.' }),
  })),
};

const MeetingConnection = builder.connectionObject(
  { type: Meeting, name: 'MeetingConnection', description: 'A page of meetings.' },
  { name: 'MeetingEdge', description: 'A meeting in a list.' },
);

builder.objectField(School, 'meetings', (t) =>
  t.field({
    type: MeetingConnection,
    description: 'The school’s meetings: sessions of its classes and groups.',
    authScopes: { scope: 'roster:read' },
    args: meetingListArgs,
    resolve: recordList(
      'meetings',
      meetings,
      'school_id',
      ({ startsFrom, startsBefore, search, classIds, personIds }: typeof MeetingFilter.$inferInput) => [
        meetingsStarting({ from: startsFrom, before: startsBefore }),
        ...given(search, (text) => meetingsCalled(wordsIn(text))),
        ...given(classIds, (ids) => isOneOf('class_id', 'uuid', idsAmong('Class', ids))),
        ...given(personIds, (ids) => meetingsOfPeople(idsAmong('Person', ids))),
      ],
    ),
  }),
);

builder.objectField(School, 'rooms', (t) =>
  t.stringList({
    description: 'The rooms in which its active meetings take place, by name.',
    authScopes: { scope: 'roster:read' },
    resolve: async (school, _args, context, info) => {
      const rooms = await loaderFor(context, info, 'rooms', async (ids) =>
        grouped(ids, await context.read((db) => roomsOfSchools(db, ids)), (room) => room.schoolId),
      ).load(school.id);

      return rooms.map((room) => room.name);
    },
  }),
);
