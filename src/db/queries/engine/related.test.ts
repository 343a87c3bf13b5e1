import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../../../test/harness/database.ts';
import { type SeededSchool, seedTenant } from '../../seed.ts';
import { relatedRecords } from './related.ts';

describe('records that a change concerns', () => {
  let database: TestDatabase;
  let school: SeededSchool;
  before(async () => {
    database = await freshDatabase();
    school = await (await seedTenant(database.app)).school();
  });
  after(() => database.drop());

  /** By entity, in order; none where there are none. */
  const related = async (...asked: [Parameters<typeof relatedRecords>[2], string[]]) => {
    const found = await school.tenant.write((tx) => relatedRecords(tx, school.tenant.id, ...asked));
    return Object.fromEntries(
      found.filter(({ recordIds }) => recordIds.length > 0).map((each) => [each.entity, each.recordIds.toSorted()]),
    );
  };

  test('of a person are the meetings and groups they are in, and of those their people', async () => {
    const [anne, karl, zoe] = [await school.person(), await school.person(), await school.person()];
    const group = await school.group({ membersIds: [karl] });
    const lesson = await school.meeting({ instructorsIds: [anne], learnersIds: [karl], groupsIds: [group] });
    await school.meeting({ learnersIds: [karl], status: 'ARCHIVED' });

    assert.deepEqual(await related('person', [karl]), { group: [group], meeting: [lesson] });
    assert.deepEqual(await related('person', [anne]), { meeting: [lesson] });
    assert.deepEqual(await related('person', [zoe]), {});
    assert.deepEqual(await related('meeting', [lesson]), { person: [anne, karl].toSorted() });
    assert.deepEqual(await related('group', [group]), { person: [karl] });
  });
});
