// The habits of Google that are numbers or preferences, so that a test can have them otherwise.
import { z } from 'zod';

/** Rows of a page when none are asked for, and at most. */
const pageSizes = z.strictObject({ usual: z.int().positive(), most: z.int().positive() });

export const rulesSchema = z.strictObject({
  /** Deleting a course asks for an archived one. */
  deleteNeedsArchived: z.boolean(),
  /** A course list without `courseStates` leaves out PROVISIONED and DECLINED courses, as seen since February 2025. */
  plainListHidesProvisioned: z.boolean(),
  /** How long the last owner cannot be removed after a course was handed on. */
  ownerTransferMs: z.number(),
  /** How long after a course's first activation its calendar appears. */
  calendarDelayMs: z.number(),
  /** How long a new user cannot be changed yet. */
  userCreationMs: z.number(),
  coursePage: pageSizes,
  rosterPage: pageSizes,
  invitationPage: pageSizes,
  /** How many teachers a course takes, and how many members in all. */
  teachersOfACourse: z.int(),
  membersOfACourse: z.int(),
});

export type Rules = Readonly<z.infer<typeof rulesSchema>>;
export type PageSizes = Readonly<z.infer<typeof pageSizes>>;

export const GOOGLE_RULES: Rules = {
  deleteNeedsArchived: true,
  plainListHidesProvisioned: true,
  ownerTransferMs: 0,
  calendarDelayMs: 30_000,
  userCreationMs: 0,
  coursePage: { usual: 100, most: 500 },
  rosterPage: { usual: 30, most: 100 },
  invitationPage: { usual: 500, most: 500 },
  teachersOfACourse: 20,
  membersOfACourse: 1_000,
};
