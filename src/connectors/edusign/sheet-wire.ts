/** An attendance sheet as Edusign answers it, as far as we use it, and what stands against touching one. */
import { z } from 'zod';
import type { Blocker } from '../kit/contract.ts';
import { apiType } from './marks.ts';

const optionalText = z.string().nullish().catch(undefined);
const mark = z.unknown().optional();

export const sheet = z.object({
  ID: z.string().min(1),
  NAME: optionalText,
  DESCRIPTION: optionalText,
  START: optionalText,
  END: optionalText,
  CLASSROOM: optionalText,
  PROFESSOR: optionalText,
  PROFESSOR_2: optionalText,
  PROFESSOR_3: optionalText,
  PROFESSOR_SIGNATURE: mark,
  SCHOOL_GROUP: z
    .union([z.array(z.string()), z.string().transform((one) => (one === '' ? [] : [one]))])
    .nullish()
    .catch(undefined),
  STUDENTS: z
    .array(z.object({ studentId: z.string().min(1), state: mark, signature: mark }))
    .nullish()
    .catch(undefined),
  LOCKED: mark,
  API_ID: optionalText,
  API_TYPE: optionalText,
});

export type Sheet = z.output<typeof sheet>;

/** Why the sheet is to be left as it is: what was signed is a document, and what is locked is closed. */
export function closedSheet(wire: Sheet, to: 'update' | 'remove'): Blocker | undefined {
  if (isSet(wire.LOCKED)) return lockedSheet;
  if (isSet(wire.PROFESSOR_SIGNATURE) || wire.STUDENTS?.some(hasSigned)) return signed;
  return to === 'remove' && wire.API_TYPE !== apiType ? notOurs : undefined;
}

function hasSigned({ state, signature }: { state?: unknown; signature?: unknown }): boolean {
  return isSet(state) || isSet(signature);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false && value !== 0 && value !== '0';
}

export const lockedSheet: Blocker = {
  code: 'SHEET_LOCKED',
  message: 'The sheet is locked in Edusign and stays as it is.',
  remedy: 'Unlock the sheet in Edusign if it is to follow the plan again.',
};

const signed: Blocker = {
  code: 'SHEET_SIGNED',
  message: 'Somebody has signed the sheet in Edusign already, so it stays as it is.',
  remedy: 'Change the sheet in Edusign by hand if it must be changed.',
};

const notOurs: Blocker = {
  code: 'SHEET_NOT_OURS',
  message: 'The sheet was not made by Homeroom, so it is not deleted.',
  remedy: 'Delete the sheet in Edusign by hand if nobody needs it.',
};
