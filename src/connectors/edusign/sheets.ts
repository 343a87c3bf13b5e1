/** Sessions as attendance sheets: made when they come near, kept in step until they are over, then left alone for good. */
import { type Field, type From, type Pages, stream } from '../kit/contract.ts';
import type { EdusignClient } from './client.ts';
import { apiIdOf, listPages, lookUp, pageSizes, readById, readByOurs } from './listing.ts';
import { create, remove, update } from './sheet-push.ts';
import { closedSheet, type Sheet, sheet } from './sheet-wire.ts';

const day = 86_400_000;
const hour = 3_600_000;

/** Edusign lists at most 90 days at once: from yesterday on, in case a session runs into today. */
const listed = { before: day, days: 90 };

const tooManyInstructors = {
  code: 'TOO_MANY_INSTRUCTORS',
  message: 'The session has more instructors than Edusign holds on a sheet: the first three are on it.',
  remedy: 'Put those who are to sign first at the school, or let the others sign on a sheet of their own.',
};

export const sheets = stream<EdusignClient, 'meeting', Sheet>({
  entity: 'meeting',
  born: 'here',
  action: 'edusign.sheet',
  wire: sheet,
  key: (wire) => wire.ID,
  ours: (wire) => wire.API_ID || undefined,
  fields: {
    title: {
      read: ({ NAME }) => NAME?.trim() ?? '',
      write: (value) => ({ NAME: value ?? '' }),
      canonical: (value) => value.trim(),
      owner: 'homeroom',
      needed: true,
    },
    description: text('DESCRIPTION'),
    startsAt: instant('START'),
    endsAt: instant('END'),
    location: text('CLASSROOM'),
  },
  refs: {
    instructors: {
      stream: 'instructors',
      read: ({ PROFESSOR, PROFESSOR_2, PROFESSOR_3 }) =>
        [PROFESSOR, PROFESSOR_2, PROFESSOR_3].flatMap((id) => (id ? [id] : [])),
      write: ([first, second = '', third = '']) => ({
        ...(first !== undefined && { PROFESSOR: first }),
        PROFESSOR_2: second,
        PROFESSOR_3: third,
      }),
      canonical: (keys) => keys.slice(0, 3),
      leftOut: tooManyInstructors,
      missing: 'omit',
    },
    learners: {
      stream: 'learners',
      read: ({ STUDENTS }) => STUDENTS?.map(({ studentId }) => studentId) ?? [],
      write: (keys) => ({ STUDENTS: keys.map((studentId) => ({ studentId })) }),
      unordered: true,
      missing: 'omit',
    },
    groups: {
      stream: 'groups',
      read: ({ SCHOOL_GROUP }) => SCHOOL_GROUP ?? [],
      write: (keys) => ({ SCHOOL_GROUP: keys }),
      unordered: true,
      missing: 'omit',
    },
  },
  selects: {
    describe: 'Sessions of the days ahead; a sheet that was made stays until its session is over',
    window: { starts: 'startsAt', ends: 'endsAt', days: (settings) => Number(settings.windowDays) },
    leaving: 'park',
    stays: ({ startsAt }, { now, settings }) =>
      settings.deleteVanishedSheets === false || Date.parse(String(startsAt)) <= now.getTime(),
  },
  blocks: (_row, { there, settings }) => {
    if ((there.learners ?? 0) === 0 && (there.instructors ?? 0) === 0) return nobody;
    return (there.instructors ?? 0) === 0 && settings.fallbackProfessorId === undefined ? noInstructor : undefined;
  },
  closed: closedSheet,
  pull: {
    all,
    // A little less than is listed: time goes on while a run does.
    covers: {
      field: 'startsAt',
      since: ({ now }) => new Date(rangeAt(now.getTime())[0] + 6 * hour),
      until: ({ now }) => new Date(rangeAt(now.getTime())[1] - 6 * hour),
    },
    some: (from, asked) =>
      lookUp(from, asked, ({ key, ...sought }, signal) =>
        key === null
          ? readByOurs(from.client, 'course', apiIdOf(sought), signal)
          : readById(from.client, 'course', key, signal),
      ),
  },
  push: { create, update, remove },
});

function rangeAt(now: number): [number, number] {
  return [now - listed.before, now - listed.before + listed.days * day];
}

function all(from: From<EdusignClient>): Pages {
  const [start, end] = rangeAt(from.clock.now().getTime()).map((at) => new Date(at).toISOString());
  const query = { start: start ?? '', end: end ?? '' };

  return listPages(from, { doing: 'read sheets', path: '/v1/course', size: pageSizes.sheets, query });
}

/** A text that may be empty. */
function text(name: 'DESCRIPTION' | 'CLASSROOM'): Field<Sheet, string> {
  return {
    read: (wire) => wire[name]?.trim() || null,
    write: (value) => ({ [name]: value ?? '' }),
    canonical: (value) => value.trim(),
    owner: 'homeroom',
  };
}

/** Edusign keeps UTC; a time without a zone would be one of UTC too. */
function instant(name: 'START' | 'END'): Field<Sheet, string> {
  return {
    read: (wire) => {
      const written = wire[name]?.trim() ?? '';
      const at = Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(written) ? written : `${written}Z`);
      return Number.isNaN(at) ? undefined : new Date(at).toISOString();
    },
    write: (value) => ({ [name]: value ?? '' }),
    canonical: (value) => new Date(value).toISOString(),
    owner: 'homeroom',
    needed: true,
  };
}

const nobody = {
  code: 'SHEET_NOBODY',
  message: 'The session has neither an instructor nor a learner who is in Edusign, so it has no sheet.',
  remedy: 'Put people on the session at the school; the next sync makes the sheet.',
};

const noInstructor = {
  code: 'SHEET_NO_INSTRUCTOR',
  message: 'The session has no instructor who is in Edusign, and Edusign makes no sheet without one.',
  remedy: 'Put an instructor on the session at the school, or enter a stand-in instructor in the settings.',
};
