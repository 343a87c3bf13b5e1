import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

describe('the settings of a school', () => {
  let gateway: TestGateway;
  let caller: TestCaller;
  let schoolId: string;
  const update = async (settings: object, id = schoolId) => {
    const document = `mutation ($input: UpdateSchoolInput!) { updateSchool(input: $input) {
      ... on UpdateSchoolPayload { school { settings {
        removalShare removalMax keyFieldShare previewFirst blackouts { from until } } } }
      ... on ValidationError { fields { path } } ... on Error { code } } }`;
    const { updateSchool } = await caller.ask<{
      updateSchool: { code?: string; fields?: { path: string[] }[]; school?: { settings: Record<string, unknown> } };
    }>(document, { input: { schoolId: id, settings } });
    return updateSchool;
  };

  before(async () => {
    gateway = await openTestGateway();
    const tenant = await seedTenant(gateway.database.app);
    schoolId = encodeId('School', (await tenant.school()).id);
    caller = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  it('are the defaults until they are set, one by one, and again after null', async () => {
    const untouched = { removalShare: 0.1, removalMax: 500, keyFieldShare: 0.3, previewFirst: true, blackouts: [] };
    assert.deepEqual((await update({})).school?.settings, untouched);
    assert.equal((await update({ removalShare: 0.02 })).school?.settings.removalShare, 0.02);
    const blackouts = [{ from: '2026-12-21', until: '2027-01-03' }];
    assert.deepEqual((await update({ previewFirst: false, blackouts })).school?.settings, {
      ...untouched,
      removalShare: 0.02,
      previewFirst: false,
      blackouts,
    });
    const nothing = { removalShare: null, previewFirst: null, blackouts: null };
    assert.deepEqual((await update(nothing)).school?.settings, untouched);
  });

  it('are refused when they make no sense, naming the field', async () => {
    const wrong: [object, string][] = [
      [{ removalShare: 1.5 }, 'removalShare'],
      [{ removalMax: -1 }, 'removalMax'],
      [{ blackouts: [{ from: '2026-12-24', until: '2026-12-01' }] }, 'blackouts'],
      [{ blackouts: [{ from: 'soon', until: '2026-12-01' }] }, 'blackouts'],
    ];
    for (const [settings, field] of wrong)
      assert.deepEqual((await update(settings)).fields?.[0]?.path.slice(0, 2), ['settings', field]);
  });

  it('of another tenant’s school are not there', async () => {
    const stranger = await seedTenant(gateway.database.app);
    const theirs = encodeId('School', (await stranger.school()).id);

    assert.equal((await update({ removalMax: 5 }, theirs)).code, 'NOT_FOUND');
  });
});
