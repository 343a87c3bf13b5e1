/** Sheets as pieces of paper: one session has one and the same all its life, and one that is signed stays word for word. */
import type { EdusignHand } from '../../src/simulators/edusign/hand.ts';

type Sheet = ReturnType<EdusignHand['sheets']>[number];

export interface Papers {
  /** A window is about to open. What people did before it is theirs. Sheets of an instant on. */
  opens(hand: EdusignHand, from: Date): void;
  /** It is over: what became another piece of paper, or was changed although it is signed, a line each. */
  closes(hand: EdusignHand, from: Date): string[];
  /** How many of the signed sheets that began before an instant are there still. */
  keptSince(hand: EdusignHand, before: Date): number;
}

export function papersOf(): Papers {
  let standing = new Map<string, string>();
  /** By Edusign's own id. */
  const signed = new Map<string, { start: number; words: string }>();

  return {
    opens: (hand, from) => {
      const sheets = hand.sheets(from);
      standing = new Map(sheets.map(({ API_ID, ID }) => [API_ID, ID]));
      for (const sheet of sheets) {
        if (!isSigned(sheet) || signed.has(sheet.ID)) continue;
        signed.set(sheet.ID, { start: Date.parse(sheet.START), words: words(sheet) });
      }
    },
    closes: (hand, from) => {
      const sheets = new Map(hand.sheets(from).map((sheet) => [sheet.ID, sheet]));
      const made = [...sheets.values()].filter(({ API_ID, ID }) => (standing.get(API_ID) ?? ID) !== ID);
      const changed = [...signed].filter(([id, before]) => {
        const now = sheets.get(id);
        return before.start >= from.getTime() && (now === undefined || words(now) !== before.words);
      });

      return [
        ...made.map(({ API_ID }) => `sheet ${API_ID} was made anew, where it stood already`),
        ...changed.map(([id, before]) => `the signed sheet ${id} is another or gone: ${before.words}`),
      ];
    },
    keptSince: (hand, before) =>
      hand.sheets().filter(({ ID }) => (signed.get(ID)?.start ?? Infinity) < before.getTime()).length,
  };
}

/** What is wrong with the sheet of a session that was put off: it is to be the same one, at the new time. */
export function hasMoved(
  hand: EdusignHand,
  { id, paper, start }: { id: string; paper: string; start: number },
): string[] {
  const seen = hand.sheets().filter(({ API_ID }) => API_ID === id);
  const isMoved = seen.length === 1 && seen[0]?.ID === paper && Date.parse(seen[0].START) === start;

  return isMoved ? [] : [`the session ${id} was put off, and its sheets are ${JSON.stringify(seen)}`];
}

function isSigned({ PROFESSOR_SIGNATURE, STUDENTS }: Sheet): boolean {
  return Boolean(PROFESSOR_SIGNATURE) || STUDENTS.some(({ signature }) => Boolean(signature));
}

function words(sheet: Sheet): string {
  return JSON.stringify(Object.entries(sheet).filter(([name]) => name !== 'DATE_UPDATED'));
}
