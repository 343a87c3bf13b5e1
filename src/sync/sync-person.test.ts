import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { googleWorkspace } from '../connectors/google-workspace/index.ts';
import { oneroster } from '../connectors/oneroster/index.ts';
import { newId } from '../model/ids.ts';

describe('syncing one person everywhere', () => {
  let world: TestEngine;
  let personId: string;
  const sync = (who: string) => {
    const act = { tenantId: world.school.tenant.id, by: 'a person', now: world.engine.clock.now() };
    return world.write((tx) => world.api.syncPerson(tx, { ...act, personId: who }));
  };

  before(async () => {
    world = await testEngine([oneroster, googleWorkspace]);
    personId = await world.school.person();
  });
  after(() => world.database.drop());

  it('says so when nothing is connected that knows people', async () => {
    await assert.rejects(sync(personId), { name: 'InvalidState' });
  });

  it('asks for one run of each connected integration that knows people, about this person and no other', async () => {
    const sis = (await world.school.integration({ provider: 'oneroster' })).id;
    const google = (await world.school.integration({ provider: 'google-workspace' })).id;
    await world.school.integration({ provider: 'google-workspace', status: 'DISCONNECTED' });
    const classId = await world.school.class();
    const enrollmentId = await world.school.enrollment({ classId, personId });
    await world.school.person();
    const runIds = await sync(personId);
    const runs = await world.write(
      (tx) =>
        tx`select id, integration_id as "integrationId", status, trigger, whole from sync_run order by integration_id`,
    );
    const scope = await world.write(
      (tx) => tx`select distinct entity, record_id as id from sync_scope order by entity, record_id`,
    );

    assert.deepEqual(
      [...runs],
      [sis, google].map((integrationId, at) => ({
        id: runIds[at],
        integrationId,
        status: 'QUEUED',
        trigger: 'MANUAL',
        whole: false,
      })),
    );
    assert.deepEqual(
      [...scope],
      [
        { entity: 'class', id: classId },
        { entity: 'enrollment', id: enrollmentId },
        { entity: 'person', id: personId },
      ],
    );
    assert.deepEqual(await sync(personId), runIds, 'asked again before they began, they are the same runs');
  });

  it('answers an unknown person like anything that is not there', async () => {
    await assert.rejects(sync(newId()), { name: 'NotFound' });
  });
});
