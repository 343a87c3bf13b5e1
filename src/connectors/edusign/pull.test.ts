import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Refused, SignInNeeded, Unwell } from '../kit/errors.ts';
import { groups } from './groups.ts';
import { learners } from './people.ts';
import { sheets } from './sheets.ts';
import { at, from, records, type School, sought, startSchool } from './test-school.ts';

describe('reading Edusign', () => {
  let school: School;

  beforeEach(async () => {
    school = await startSchool();
  });
  afterEach(async () => {
    assert.deepEqual(school.simulator.problems, []);
    await school.simulator.close();
  });

  it('asks for no more pages than there are, and for no more than 90 days', async () => {
    const { simulator, person, sheet } = school;
    const instructor = person('professor', 'Zoe');
    for (let number = 0; number < 41; number += 1) sheet(instructor, []);
    assert.equal((await records(sheets.pull.all?.(from(school)))).length, 41);
    assert.equal((await records(learners.pull.all?.(from(school)))).length, 0);
    assert.equal(simulator.journal.count({ route: 'sheets.list' }), 2);
    assert.equal(simulator.journal.count({ route: 'students.list' }), 1);
  });

  it('finds somebody by the id there, by ours, then by the address', async () => {
    const [anne, cas] = [school.person('student', 'Anne', '7'), school.person('student', 'Cas')];
    const find = async (parts: Parameters<typeof sought>[0]) => {
      const found = await records(learners.pull.some?.(from(school), [sought(parts)]));
      return found.map((one) => (one as { ID: string }).ID);
    };
    assert.deepEqual(await find({ key: cas }), [cas]);
    assert.deepEqual(await find({ sourcedId: '7', row: { email: 'cas@example.org' } }), [anne]);
    assert.deepEqual(await find({ sourcedId: '8', row: { email: 'CAS@example.org' } }), [cas]);
    assert.deepEqual(await find({ sourcedId: '8', row: { email: null } }), []);
  });

  it('believes that a sheet is gone only where the list has looked', () => {
    const { covers } = sheets.pull;
    assert.ok(typeof covers === 'object');
    const about = { now: new Date(), settings: {} };
    const [since, until] = [covers.since(about), covers.until?.(about)].map((edge) => edge?.toISOString() ?? '');
    const covered = (days: number) => (since ?? '') <= at(days, 12) && at(days, 12) <= (until ?? '');
    assert.deepEqual([-3, 1, 14, 20, 86, 95].map(covered), [false, true, true, true, true, false]);
  });

  it('leaves groups out unless the school wants them', () => {
    assert.equal(groups.wanted?.({ groupSync: false }), false);
    assert.equal(groups.wanted?.({ groupSync: true }), true);
  });

  it('keeps the sheet of a cancelled session where the school wants that, and always when the session has begun', () => {
    const stays = (startsAt: string, settings: object) =>
      sheets.selects?.stays?.({ startsAt }, { now, settings: { ...settings } });
    const now = new Date();
    assert.equal(stays(at(2, 6), { deleteVanishedSheets: true }), false);
    assert.equal(stays(at(2, 6), { deleteVanishedSheets: false }), true);
    assert.equal(stays(at(-1, 6), { deleteVanishedSheets: true }), true);
  });

  it('says why a sheet is to be left alone', () => {
    const against = (wire: object, to: 'update' | 'remove' = 'update') =>
      sheets.closed?.({ ID: 's', API_TYPE: 'homeroom', ...wire }, to)?.code;
    assert.equal(against({ LOCKED: true }), 'SHEET_LOCKED');
    assert.equal(against({ LOCKED: '1' }), 'SHEET_LOCKED');
    assert.equal(against({ LOCKED: 0, STUDENTS: [{ studentId: 'a', state: false, signature: null }] }), undefined);
    assert.equal(against({ STUDENTS: [{ studentId: 'a', state: true }] }), 'SHEET_SIGNED');
    assert.equal(against({ PROFESSOR_SIGNATURE: 'x' }, 'remove'), 'SHEET_SIGNED');
    assert.equal(against({ API_TYPE: 'aurion' }), undefined);
    assert.equal(against({ API_TYPE: 'aurion' }, 'remove'), 'SHEET_NOT_OURS');
  });

  it('classes failures by what they say, whatever their status is', async () => {
    const { simulator } = school;
    const failing = async (name: string) => {
      simulator.faults.add({ kind: 'provider', name });
      return records(learners.pull.some?.(from(school), [sought({ key: 'x' })])).catch((error: unknown) => error);
    };
    assert.ok((await failing('unauthorized')) instanceof SignInNeeded);
    assert.ok((await failing('errorInEnvelope')) instanceof Refused);
    const invalid = await failing('validation');
    assert.ok(invalid instanceof Refused);
    assert.match(invalid.message, /Edusign refused FIRSTNAME, EMAIL\./);
    simulator.faults.add({ kind: 'provider', name: 'internalError', times: 'always' });
    const unwell = await records(learners.pull.all?.(from(school))).catch((error: unknown) => error);
    assert.ok(unwell instanceof Unwell);
    assert.equal(simulator.journal.count({ route: 'students.list' }), 4);
  });
});
