// What Edusign holds: learners, instructors, groups and attendance sheets, in its own field names.
import { createHash } from 'node:crypto';
import type { SimulatorClock } from '../kit/clock.ts';

export interface Person {
  readonly ID: string;
  FIRSTNAME: string;
  LASTNAME: string;
  EMAIL: string;
  /** Empty for those made by hand. */
  API_ID: string;
  API_TYPE: string;
  /** 1 for somebody who was archived: no list shows them any more. */
  HIDDEN: 0 | 1;
  DATE_UPDATED: string;
}

export interface Group {
  readonly ID: string;
  NAME: string;
  DESCRIPTION: string;
  STUDENTS: string[];
  PARENT: string;
  API_ID: string;
  API_TYPE: string;
  DATE_UPDATED: string;
}

/** One learner on a sheet; Edusign writes these in camel case. */
export interface Attendance {
  readonly studentId: string;
  state: boolean;
  signature: string | null;
  timestamp: string | null;
  comment: string;
}

export interface Sheet {
  readonly ID: string;
  NAME: string;
  DESCRIPTION: string;
  /** ISO 8601 with Z. */
  START: string;
  END: string;
  CLASSROOM: string;
  PROFESSOR: string;
  PROFESSOR_2: string;
  PROFESSOR_3: string;
  PROFESSOR_SIGNATURE: string | null;
  SCHOOL_GROUP: string[];
  STUDENTS: Attendance[];
  LOCKED: boolean;
  NEED_STUDENTS_SIGNATURE: boolean;
  API_ID: string;
  API_TYPE: string;
  DATE_CREATED: string;
  DATE_UPDATED: string;
}

export type Kind = 'student' | 'professor';

export interface World {
  readonly clock: SimulatorClock;
  readonly people: Readonly<Record<Kind, Map<string, Person>>>;
  readonly groups: Map<string, Group>;
  readonly sheets: Map<string, Sheet>;
  readonly rooms: Map<string, string>;
  /** Sheets whose signatures were lost or that were deleted although somebody had signed: what must never happen. */
  readonly harmed: string[];
  /** Called when something happens to a sheet; the webhooks listen. */
  readonly tell: (event: SheetEvent, sheet: Sheet, studentId?: string) => void;
  /** A short opaque id, the same for the same history. */
  newId(): string;
  now(): string;
}

export type SheetEvent =
  | 'on_course_created'
  | 'on_course_edited'
  | 'on_course_deleted'
  | 'on_course_locked'
  | 'on_student_sign';

/** An empty school. */
export function createWorld(clock: SimulatorClock, tell: World['tell']): World {
  let made = 0;
  return {
    clock,
    people: { student: new Map(), professor: new Map() },
    groups: new Map(),
    sheets: new Map(),
    rooms: new Map(),
    harmed: [],
    tell,
    newId: () => {
      made += 1;
      return createHash('sha256').update(`edusign ${made}`).digest('base64url').replaceAll(/[-_]/g, 'x').slice(0, 15);
    },
    now: () => clock.now().toISOString(),
  };
}

export function isSigned(sheet: Sheet): boolean {
  return sheet.PROFESSOR_SIGNATURE !== null || sheet.STUDENTS.some(({ signature }) => signature !== null);
}
