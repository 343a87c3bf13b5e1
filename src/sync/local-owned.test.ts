import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import { orm } from '../db/client.ts';
import { link } from '../db/tables/link.ts';

type Request = Parameters<TestEngine['api']['changeRecord']>[1];

describe('terms, courses and guardian links of a source', () => {
  let world: TestEngine;
  let integrationId: string;
  let term: string;
  let course: string;
  let guardianLink: string;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'Ms Vos', now: world.engine.clock.now() });

  before(async () => {
    world = await testEngine([oneroster]);
    const { school } = world;
    ({ id: integrationId } = await school.integration({ provider: 'oneroster' }));
    term = await school.term({ sourcedId: 't1' });
    course = await school.course({ sourcedId: 'c1' });
    const people = { studentId: await school.person(), guardianId: await school.person({ role: 'guardian' }) };
    guardianLink = await school.guardianLink({ ...people, sourcedId: 's:g' });
    const place = { tenantId: school.tenant.id, schoolId: school.id, integrationId, state: 'LINKED' as const };
    await world.write((tx) =>
      orm(tx)
        .insert(link)
        .values([
          { ...place, stream: 'academicSessions', key: 't1', recordId: term },
          { ...place, stream: 'courses', key: 'c1', recordId: course },
          { ...place, stream: 'guardianLinks', key: 's:g', recordId: guardianLink },
        ]),
    );
  });
  after(() => world.database.drop());

  const owned = { name: 'OwnedBySource', message: /^OneRoster / };
  const of = () => ({ ...owned, integrationId });

  it('are changed there, as far as it tells of them', async () => {
    const requests: readonly Omit<Request, 'tenantId' | 'by' | 'now'>[] = [
      { entity: 'term', recordId: term, changes: { title: 'Other' } },
      { entity: 'term', recordId: term, changes: { endDate: '2027-06-01' } },
      { entity: 'term', recordId: term, changes: {}, references: { parent: [await world.school.term()] } },
      { entity: 'course', recordId: course, changes: { courseCode: 'X' } },
    ];
    for (const request of requests) {
      await assert.rejects(
        world.write((tx) => world.api.changeRecord(tx, { ...act(), ...request })),
        of(),
      );
    }
    // What the adult is to the student is said by nobody but us.
    const change = { entity: 'guardianLink', recordId: guardianLink, changes: { relationship: 'aunt' } } as const;
    await world.write((tx) => world.api.changeRecord(tx, { ...act(), ...change }));
    const rows = await world.write((tx) => tx`select relationship from guardian_link where id = ${guardianLink}`);
    assert.equal(rows[0]?.relationship, 'aunt');
  });

  it('are removed there', async () => {
    for (const [entity, recordId] of [
      ['term', term],
      ['course', course],
      ['guardianLink', guardianLink],
    ] as const) {
      await assert.rejects(
        world.write((tx) => world.api.archiveRecord(tx, { ...act(), entity, recordId })),
        of(),
        entity,
      );
    }
  });

  it('are people’s once the source is disconnected, and their history says who did what', async () => {
    await world.write((tx) => world.api.disconnectIntegration(tx, { ...act(), integrationId }));
    await world.write((tx) => world.api.archiveRecord(tx, { ...act(), entity: 'term', recordId: term }));
    await world.write((tx) => world.api.restoreRecord(tx, { ...act(), entity: 'term', recordId: term }));
    const rows = await world.write(
      (tx) => tx`select action, actor from record_edit where record_id = ${term} order by id`,
    );
    assert.deepEqual(
      rows.map(({ action, actor }) => [action, actor]),
      [
        ['term.archive', 'Ms Vos'],
        ['term.restore', 'Ms Vos'],
      ],
    );
  });
});
