/** Explain about what people and rules have decided, and about what a provider has only promised. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type TestEngine, testEngine } from '../../test/harness/engine.ts';
import { memoryDestination, memorySource } from '../../test/harness/memory.ts';
import type { EntityName } from '../model/entities.ts';
import type { Resolution } from '../model/sync.ts';

describe('explain, about decisions and promises', () => {
  const sis = memorySource();
  const rooms = memoryDestination();
  let world: TestEngine;
  let from: string;
  let to: string;
  let ann: string;
  let bio: string;
  let promised = false;
  const act = () => ({ tenantId: world.school.tenant.id, by: 'Ms Vos', now: world.engine.clock.now() });
  const ask = async (integrationId: string, entity: EntityName, id: string) => {
    const explained = await world.write((tx) =>
      world.api.explain(tx, { tenantId: world.school.tenant.id, integrationId, record: { entity, id } }),
    );
    assert.ok(explained);
    for (const { message, remedy } of explained.blockers) assert.ok(message && remedy, 'each blocker has a remedy');
    return explained;
  };
  const field = async (integrationId: string, name: string) =>
    (await ask(integrationId, 'person', ann)).fields.find((each) => each.name === name);
  const answer = async (resolution: Resolution) => {
    const open = (await world.conflicts()).find(({ status }) => status === 'OPEN');
    const { id: conflictId = '', version = 0 } = open ?? {};
    await world.write((tx) => world.api.resolveConflict(tx, { ...act(), conflictId, version, resolution }));
  };
  const rename = (familyName: string) => {
    for (const [key, record] of rooms.people) rooms.people.set(key, { ...record, familyName });
  };

  before(async () => {
    const { connector } = rooms;
    const { classes } = connector.streams;
    const create = classes?.push?.create;
    assert.ok(classes && create);
    const promising: typeof classes = {
      ...classes,
      push: {
        ...classes.push,
        create: async (client, request) =>
          promised
            ? create(client, request)
            : { accepted: { until: new Date('2031-02-03T08:00:00Z'), handle: 'ticket-7' } },
      },
    };
    world = await testEngine([sis.connector, { ...connector, streams: { ...connector.streams, classes: promising } }]);
    sis.people = [{ id: 'ann', givenName: 'Ann', familyName: 'Bos', role: 'teacher', email: 'ann@school.example' }];
    sis.classes = [{ id: 'bio', title: 'Biology' }];
    from = await world.connect(sis.connector.id, {}, {});
    to = await world.connect(connector.id, {}, {});
    await world.sync(from);
    await world.sync(to);
    const [person] = await world.write((tx) => tx<{ id: string }[]>`select id from person`);
    const [schoolClass] = await world.write((tx) => tx<{ id: string }[]>`select id from class`);
    ann = person?.id ?? '';
    bio = schoolClass?.id ?? '';
  });
  after(() => world.database.drop());

  it('says of what is in the making that it is, and when it is looked at again', async () => {
    const { state, summary, link } = await ask(to, 'class', bio);
    assert.equal(state, 'WAITING');
    assert.equal(summary, 'Memory Rooms is still making Biology. It is looked at again on 2031-02-03.');
    assert.equal(link?.externalId, null);
    promised = true;
  });

  it('says of an answer whose push has not gone out that it is on its way', async () => {
    rename('Boss');
    await world.sync(to);
    assert.equal((await ask(to, 'person', ann)).state, 'CONFLICT');
    await answer('PUSH_LOCAL');
    const { state, summary } = await ask(to, 'person', ann);
    assert.equal(state, 'WAITING');
    assert.equal(summary, 'The answer to a conflict about Ann Bos is on its way to Memory Rooms.');
    await world.runWaiting(to);
    assert.equal((await ask(to, 'person', ann)).state, 'IN_STEP');
  });

  it('names the standing rule that decides a field', async () => {
    const rule = { integrationId: to, entityType: 'person' as const, field: 'familyName' };
    await world.write((tx) => world.api.setFieldRule(tx, { ...act(), ...rule, rule: 'ALWAYS_PUSH_LOCAL' }));
    rename('Boss');
    const run = await world.sync(to);
    assert.deepEqual(
      (await world.log(run.id)).map(({ reason }) => reason),
      ['A standing rule of the school: familyName always takes Homeroom’s value.'],
    );
    assert.equal((await ask(to, 'person', ann)).state, 'IN_STEP');

    await world.write((tx) => world.api.setFieldRule(tx, { ...act(), ...rule, rule: 'ASK' }));
    rename('Boss');
    await world.sync(to);
    await world.write((tx) => world.api.setFieldRule(tx, { ...act(), ...rule, rule: 'ALWAYS_PUSH_LOCAL' }));
    assert.match((await field(to, 'familyName'))?.reason ?? '', /^A standing rule of the school: familyName/);
    await world.write((tx) => world.api.setFieldRule(tx, { ...act(), ...rule, rule: 'ASK' }));
  });

  it('names who keeps a value against its source, and what the source says', async () => {
    await answer('ACCEPT_EXTERNAL');
    await world.sync(from);
    const kept = await field(from, 'familyName');
    assert.deepEqual(
      [kept?.owner, kept?.localValue, kept?.externalValue],
      ['Homeroom (Ms Vos keeps it so)', 'Boss', 'Bos'],
    );
    assert.equal(kept?.reason, 'Ms Vos keeps this value against Memory SIS, until it says something else.');

    Object.assign(sis.people[0] ?? {}, { familyName: 'Bosman' });
    await world.sync(from);
    const asked = await ask(from, 'person', ann);
    assert.equal(asked.state, 'CONFLICT');
    assert.match(asked.fields.find(({ name }) => name === 'familyName')?.reason ?? '', /a person decides/);
    assert.deepEqual(
      asked.blockers.map(({ code }) => code),
      ['conflict_field_changed'],
    );
  });
});
