import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pagesOf, type Read, readOf, type Sis, startSis } from './test-sis.ts';

const keysOf = (reads: readonly Read[]) => reads.map(({ key }) => key);
const markOf = async (sis: Sis, name: string) => (await pagesOf(sis, name)).at(-1)?.mark ?? '';

describe('changes', () => {
  test('since a mark are what was changed, made and marked to be deleted', async () => {
    const sis = await startSis({ settings: { pageSize: 100 } });
    const { sis: office, clock } = sis.simulator;
    const mark = await markOf(sis, 'enrollments');
    clock.advance(3_600_000);
    const [one, two] = office.records('enrollments');
    assert.ok(one && two);
    office.change('enrollments', one.sourcedId, { role: 'ext:tutor' });
    office.remove('enrollments', two.sourcedId);
    office.put('enrollments', { ...one, sourcedId: 'new' });

    const changes = new Map((await readOf(sis, 'enrollments', mark)).map((read) => [read.key, read]));
    assert.equal(changes.get('new')?.gone, false);
    assert.equal(changes.get(one.sourcedId)?.values.role, 'ext:tutor');
    assert.equal(changes.get(two.sourcedId)?.gone, true);

    const next = await markOf(sis, 'enrollments');
    assert.ok(next > mark);
    await sis.close();
  });

  test('are read from the whole where the server cannot filter by date', async () => {
    const sis = await startSis({ filtering: ['status'] });
    const all = await readOf(sis, 'users');
    const changes = await readOf(sis, 'users', await markOf(sis, 'users'));
    assert.ok(all.length > 0);
    for (const key of keysOf(all)) assert.ok(keysOf(changes).includes(key));
    await sis.close();
  });

  test('of plain dates and of times without a zone are found with a mark of the same form', async () => {
    for (const quirk of ['plain-dates', 'local-dates', 'seven-digit-dates', 'no-fraction-dates'] as const) {
      const sis = await startSis({ quirks: [quirk] });
      const mark = await markOf(sis, 'classes');
      const [first] = sis.simulator.sis.records('classes');
      assert.ok(first);
      sis.simulator.clock.advance(86_400_000);
      sis.simulator.sis.change('classes', first.sourcedId, { title: 'Renamed' });
      const changed = await readOf(sis, 'classes', mark);
      assert.equal(changed.find(({ key }) => key === first.sourcedId)?.values.title, 'Renamed', quirk);
      await sis.close();
    }
  });
});

describe('one school of several', () => {
  for (const version of ['1.1', '1.2'] as const) {
    test(`is all that is read when the settings name it (${version})`, async () => {
      const everything = await startSis({ version });
      const [school = '', other = ''] = everything.schools;
      const sis = await startSis({ version, settings: { schoolSourcedId: school } });
      const { sis: office } = sis.simulator;

      assert.deepEqual(keysOf(await readOf(sis, 'orgs')), [school]);
      const expected = {
        academicSessions: office.records('academicSessions'),
        courses: office
          .records('courses')
          .filter(({ orgSourcedId: org }) => org === undefined || org === school || !everything.schools.includes(org)),
        users: office.records('users').filter(({ roles }) => roles.some(({ orgSourcedId }) => orgSourcedId === school)),
        classes: office.records('classes').filter(({ schoolSourcedId }) => schoolSourcedId === school),
        enrollments: office.records('enrollments').filter(({ schoolSourcedId }) => schoolSourcedId === school),
      };
      for (const [name, records] of Object.entries(expected)) {
        const active = records.filter(({ status }) => status === 'active').map(({ sourcedId }) => sourcedId);
        assert.ok(active.length > 0, name);
        assert.deepEqual(keysOf(await readOf(sis, name)), active.sort(), name);
      }
      assert.equal(
        sis.simulator.journal.count({ route: 'getAllOrgs' }),
        2,
        'orgs once for themselves and once for the others',
      );

      const moved = expected.users.find(({ roles }) => roles.length === 1);
      assert.ok(moved);
      const mark = await markOf(sis, 'users');
      sis.simulator.clock.advance(3_600_000);
      const roles = moved.roles.map((role) => ({ ...role, orgSourcedId: other }));
      office.change('users', moved.sourcedId, { roles, primaryOrgSourcedId: other });
      const change = (await readOf(sis, 'users', mark)).find(({ key }) => key === moved.sourcedId);
      assert.equal(change?.gone, true, 'who went to another school is gone from this one');
      await Promise.all([sis.close(), everything.close()]);
    });
  }
});
