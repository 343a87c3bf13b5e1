import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type SeededTenant, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

const school = 'school { id name sourcedId timeZone settings { removalMax previewFirst } }';
const errors = '... on ValidationError { fields { path } } ... on Error { code }';
const create = `mutation ($input: CreateSchoolInput!) { it: createSchool(input: $input) { ... on CreateSchoolPayload { ${school} } ${errors} } }`;
const update = `mutation ($input: UpdateSchoolInput!) { it: updateSchool(input: $input) { ... on UpdateSchoolPayload { ${school} } ${errors} } }`;

interface Result {
  school?: Record<string, unknown> & { id: string };
  fields?: { path: string[] }[];
  code?: string;
}

describe('a school', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  const send = async (document: string, input: object, caller = us): Promise<Result> =>
    (await caller.ask<{ it: Result }>(document, { input })).it;

  it('is added, and seen from then on', async () => {
    const input = { name: ' Elm ', sourcedId: 'org-1', timeZone: 'Europe/Paris', settings: { removalMax: 7 } };
    const { school: made } = await send(create, input);
    const { id, ...rest } = made ?? assert.fail();

    const settings = { removalMax: 7, previewFirst: true };
    assert.deepEqual(rest, { name: 'Elm', sourcedId: 'org-1', timeZone: 'Europe/Paris', settings });
    const seen = await us.ask<object>('query ($id: ID!) { school(id: $id) { name } schools { totalCount } }', { id });
    assert.deepEqual(seen, { school: { name: 'Elm' }, schools: { totalCount: 1 } });
  });

  it('changes in what was given, and in nothing else', async () => {
    const { school: made } = await send(create, { name: 'Oak', sourcedId: 'org-2', timeZone: 'UTC' });
    const schoolId = made?.id;
    await send(update, { schoolId, settings: { removalMax: 9 } });
    const { school: renamed } = await send(update, { schoolId, name: 'Oak Hill' });
    assert.deepEqual([renamed?.name, renamed?.sourcedId, renamed?.timeZone], ['Oak Hill', 'org-2', 'UTC']);
    assert.deepEqual(renamed?.settings, { removalMax: 9, previewFirst: true });
    const { school: moved } = await send(update, { schoolId, sourcedId: null, timeZone: 'America/Lima' });
    assert.deepEqual([moved?.name, moved?.sourcedId, moved?.timeZone], ['Oak Hill', null, 'America/Lima']);
  });

  it('is refused with a name or a time zone that is none, field by field', async () => {
    for (const [input, field] of [
      [{ name: '  ', timeZone: 'UTC' }, 'name'],
      [{ name: 'a\0b', timeZone: 'UTC' }, 'name'],
      [{ name: 'x'.repeat(256), timeZone: 'UTC' }, 'name'],
      [{ name: 'Elm', timeZone: 'Mars/Olympus' }, 'timeZone'],
      [{ name: 'Elm', timeZone: 'UTC', settings: { removalShare: 2 } }, 'settings'],
    ] as const) {
      assert.equal((await send(create, input)).fields?.[0]?.path[0], field);
    }
    const schoolId = encodeId('School', (await tenant.school()).id);
    for (const input of [{ name: null }, { timeZone: null }, { timeZone: '' }]) {
      const { fields } = await send(update, { schoolId, ...input });
      assert.deepEqual(fields?.[0]?.path, Object.keys(input));
    }
  });

  it('is not added by a key for some schools, nor changed by a stranger', async () => {
    const own = await tenant.school();
    const narrow = gateway.as(tenant.id, { schoolIds: [own.id] });
    const { codes } = await narrow.run(create, { input: { name: 'Elm', timeZone: 'UTC' } });
    assert.deepEqual(codes, ['FORBIDDEN']);

    const beside = encodeId('School', (await tenant.school({ name: 'Beside' })).id);
    const theirs = encodeId('School', (await (await seedTenant(gateway.database.app)).school()).id);
    for (const schoolId of [beside, theirs, 'garbage']) {
      assert.deepEqual(await send(update, { schoolId, name: 'Ours' }, narrow), { code: 'NOT_FOUND' });
    }
    const { node } = await us.ask<{ node: object }>('query ($id: ID!) { node(id: $id) { ... on School { name } } }', {
      id: beside,
    });
    assert.deepEqual(node, { name: 'Beside' });
  });
});
