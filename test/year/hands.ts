/** What the people at Edusign do behind everybody's back, and what a person says when they are asked about it. */
import type { Resolution } from '../../src/model/sync.ts';
import type { EdusignHand } from '../../src/simulators/edusign/hand.ts';
import type { ConflictSeen } from '../harness/engine.ts';
import { edit } from './kept.ts';
import type { Oracle, Sheet } from './oracle.ts';
import { noteThat, type School } from './school.ts';
import type { Stage } from './stage.ts';

const dayMs = 86_400_000;

/** For each hundred sheets ahead and half-day. */
const rates = { edited: 0.15, renamed: 0.05, deleted: 0.03, closed: 0.1, reopened: 20 } as const;

/** A half-day at Edusign. */
export function touch(school: School, hand: EdusignHand, oracle: Oracle, now: Date): void {
  const { random } = school;
  const ahead = [...oracle.sheets.values()].filter(({ start }) => start > now.getTime() + 3 * dayMs);
  const some = (all: readonly Sheet[], what: keyof typeof rates) =>
    all.filter(() => {
      const happens = random.chance(rates[what] / 100);
      if (happens) noteThat(school, `${what} by hand`);
      return happens;
    });
  const open = ahead.filter(({ closed, doomed }) => closed === null && !doomed);
  const ids = new Map(hand.sheets(now).map(({ API_ID, ID }) => [API_ID, ID]));
  const idOf = ({ id }: Sheet) => ids.get(id) ?? '';

  for (const sheet of some(open, 'edited')) {
    const word = `À la main ${random.int(1000)}`;
    const field = random.pick(['name', 'room'] as const);
    hand.changeSheet(idOf(sheet), field === 'name' ? { NAME: word } : { CLASSROOM: word });
    edit(oracle.kept(sheet.id), field, word);
    Object.assign(sheet, { [field]: word });
  }
  for (const sheet of some(open, 'renamed')) {
    const learner = random.pick(sheet.learners);
    const person = hand.people('student').find(({ API_ID }) => API_ID === learner);
    if (person === undefined) continue;
    const word = `Surnom ${random.int(1000)}`;
    hand.changePerson('student', person.ID, { FIRSTNAME: word });
    edit(oracle.kept(learner), 'givenName', word);
    // Who is in no session any more since this half-day is not looked at, and keeps it.
    const known = oracle.students.get(learner);
    if (known) oracle.students.set(learner, { ...known, givenName: word });
  }
  for (const sheet of some(open, 'deleted')) {
    if (oracle.kept(sheet.id).size === 0) hand.deleteSheet(idOf(sheet));
  }
  for (const sheet of some(
    ahead.filter(({ closed }) => closed === 'SHEET_LOCKED'),
    'reopened',
  )) {
    hand.lock(idOf(sheet), false);
    sheet.closed = null;
  }
  const left = new Set(hand.sheets(now).map(({ API_ID }) => API_ID));
  for (const sheet of some(
    open.filter(({ id }) => left.has(id)),
    'closed',
  )) {
    sheet.closed = random.chance(0.7) ? 'SHEET_LOCKED' : 'SHEET_SIGNED';
    if (sheet.closed === 'SHEET_LOCKED') hand.lock(idOf(sheet));
    else hand.sign(idOf(sheet));
  }
}

/** All that hands do, by the names under which it is noted. */
export const handiwork: readonly string[] = Object.keys(rates).map((what) => `${what} by hand`);

const atSource = new Set(['meetings', 'people', 'groups']);

/** Answers every open question, and has what follows from the answers done. Answers how many there were. */
export async function answerAll(stage: Stage, { random }: School, oracle: Oracle): Promise<number> {
  const { homeroom, there, ids, clock } = stage;
  const open = (await homeroom.conflicts()).filter(({ status }) => status === 'OPEN');
  if (open.length === 0) return 0;
  const names = new Map(
    [...there.hand.sheets(), ...there.hand.people('student')].map(({ ID, API_ID }) => [ID, API_ID]),
  );
  for (const conflict of open) {
    const at = atSource.has(conflict.stream) ? 'source' : 'there';
    const id = at === 'source' ? (conflict.key ?? '') : (names.get(conflict.key ?? '') ?? '');
    const resolution = random.pick(choices(conflict));
    const act = { tenantId: homeroom.school.tenant.id, by: 'a person', now: clock.now() };
    const { id: conflictId, version } = conflict;
    await homeroom.write((tx) => homeroom.api.resolveConflict(tx, { ...act, conflictId, version, resolution }));
    if (conflict.kind === 'FIELD_CHANGED') oracle.answer(id, resolution, at);
    if (conflict.kind === 'DELETED_EXTERNALLY' && resolution === 'ACCEPT_EXTERNAL') {
      oracle.leaveOut(await sourcedIdOf(stage, conflict));
    }
  }
  await homeroom.runWaiting(ids.source);
  await homeroom.runWaiting(ids.there);

  return open.length;
}

function choices({ kind }: ConflictSeen): readonly Resolution[] {
  switch (kind) {
    case 'FIELD_CHANGED':
      return ['ACCEPT_EXTERNAL', 'PUSH_LOCAL', 'IGNORE'];
    case 'DELETED_EXTERNALLY':
      return ['ACCEPT_EXTERNAL', 'PUSH_LOCAL'];
    default:
      return ['PUSH_LOCAL'];
  }
}

/** A sheet that is gone has no id in Edusign any more. */
async function sourcedIdOf({ homeroom }: Stage, { id }: ConflictSeen): Promise<string> {
  const [row] = await homeroom.write(
    (tx) => tx<{ sourcedId: string }[]>`
      select m.sourced_id as "sourcedId" from sync_conflict c join meeting m on m.tenant_id = c.tenant_id and m.id = c.record_id
      where c.id = ${id}`,
  );

  return row?.sourcedId ?? '';
}
