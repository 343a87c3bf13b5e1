/** Classes as Google Classroom courses. Courses made by hand are left alone. */
import { z } from 'zod';
import { type Field, type Patch, type Sought, stream } from '../kit/contract.ts';
import { type GoogleClient, read } from './client.ts';
import { archive, create, update } from './course-push.ts';
import { type Course, course, courseFields } from './course-wire.ts';
import { isNotFound } from './errors.ts';
import { listPages, rawRecord, readInGroups } from './listing.ts';
import { fitText } from './text.ts';

const listed = z.object({ courses: z.array(z.unknown()).optional(), nextPageToken: z.string().optional() });

/** All of them by name: a list without states was seen to leave out courses that nobody has accepted yet. */
const courseStates = ['ACTIVE', 'ARCHIVED', 'PROVISIONED', 'DECLINED', 'SUSPENDED'];

export const courses = stream<GoogleClient, 'class', Course>({
  entity: 'class',
  born: 'here',
  action: 'google_classroom.course',
  wire: course,
  key: (wire) => wire.id,
  gone: (wire) => wire.courseState === 'ARCHIVED' || wire.courseState === 'DECLINED',
  fields: {
    // "Classroom API: Courses" states the lengths.
    title: text('name', 750),
    classCode: text('section', 2_800),
    location: text('room', 650),
  },
  refs: {
    teachers: {
      stream: 'accounts',
      read: (wire) => (wire.ownerId === undefined ? [] : [wire.ownerId]),
      // A course always has an owner: there is no way to write that it has none.
      write: ([owner]): Patch => (owner === undefined ? {} : { ownerId: owner }),
      canonical: (keys) => keys.slice(0, 1),
      missing: 'omit',
    },
  },
  selects: {
    describe: 'Active classes, of the current terms where the school wants it so',
    currentTerms: (settings) => settings.onlyCurrentTerms === true,
    leaving: 'remove',
  },
  pull: {
    all: ({ client, signal, checkpoint }) =>
      listPages(checkpoint, async (pageToken) => {
        const params = { courseStates, pageSize: 500, pageToken, fields: `nextPageToken,courses(${courseFields})` };
        const page = await read(client, { doing: 'read courses', shape: listed, signal }, (options) =>
          client.classroom.courses.list(params, options),
        );
        return { records: page.courses ?? [], nextPageToken: page.nextPageToken };
      }),
    some: ({ client, signal }, asked) =>
      readInGroups(
        asked,
        ({ recordId }) => recordId,
        (sought) => find(client, signal, sought),
      ),
  },
  push: { create, update, remove: archive },
});

/** A text that Google clears with an empty one and then leaves out of its answers. */
function text(name: 'name' | 'section' | 'room', longest: number): Field<Course, string> {
  return {
    read: (wire) => {
      const value = wire[name];
      return value === undefined || value.trim() === '' ? null : value;
    },
    write: (value) => ({ [name]: value ?? '' }),
    canonical: (value) => fitText(value, longest),
    owner: 'homeroom',
  };
}

async function find(client: GoogleClient, signal: AbortSignal, { key }: Sought): Promise<readonly unknown[]> {
  if (key === null) return [];

  try {
    const params = { id: key, fields: courseFields };
    return [
      await read(client, { doing: 'look up a course', shape: rawRecord, signal }, (options) =>
        client.classroom.courses.get(params, options),
      ),
    ];
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
