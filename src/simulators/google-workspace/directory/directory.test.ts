import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createGoogleSimulator, type GoogleSimulator } from '../simulator.ts';
import { actAs, type Clients, refusal, scopes } from '../test-clients.ts';

const ADMIN = 'admin@school.example';
const NEW = {
  primaryEmail: 'new@school.example',
  name: { givenName: 'Nia', familyName: 'New' },
  password: 'longenough',
};

describe('the Directory API', () => {
  let simulator: GoogleSimulator;
  let google: Clients['directory'];
  let asAnn: Clients['directory'];

  before(async () => {
    simulator = await createGoogleSimulator({
      domains: [
        {
          name: 'school.example',
          admins: [ADMIN],
          users: [
            { primaryEmail: 'ann@school.example', givenName: 'Ann', familyName: "O'Hara", externalId: 'T1' },
            { primaryEmail: 'ben@school.example', givenName: 'Ben', familyName: 'van Dam', externalId: 'S1' },
          ],
        },
        { name: 'other.example', admins: ['admin@other.example'] },
      ],
    });
    const key = await simulator.makeServiceAccount({ scopes: scopes('admin.directory.user') });
    google = actAs(simulator, key, ADMIN, scopes('admin.directory.user')).directory;
    asAnn = actAs(simulator, key, 'ann@school.example', scopes('admin.directory.user')).directory;
  });
  afterEach(() => {
    assert.deepEqual(simulator.problems, []);
    for (const { primaryEmail } of simulator.domain('school.example').users()) {
      if (/^(new|moved|user)/.test(primaryEmail)) simulator.domain('school.example').deleteUser(primaryEmail);
    }
  });
  after(() => simulator.close());

  const addresses = async (params: object) => {
    const { data } = await google.users.list({ customer: 'my_customer', ...params });
    return data.users?.map(({ primaryEmail }) => primaryEmail) ?? [];
  };

  it('lists its own users by address', async () => {
    assert.deepEqual(await addresses({}), [ADMIN, 'ann@school.example', 'ben@school.example']);
    assert.deepEqual(await addresses({ orderBy: 'familyName' }), [ADMIN, 'ann@school.example', 'ben@school.example']);
    assert.deepEqual(await addresses({ orderBy: 'givenName', sortOrder: 'DESCENDING' }), [
      ADMIN,
      'ben@school.example',
      'ann@school.example',
    ]);
    assert.equal((await google.users.list({ domain: 'school.example' })).data.users?.length, 3);
  });

  it('searches', async () => {
    const ann = ['ann@school.example'];
    assert.deepEqual(await addresses({ query: 'email=ANN@school.example' }), ann);
    assert.deepEqual(await addresses({ query: 'email:an*' }), ann);
    assert.deepEqual(await addresses({ query: String.raw`familyName='O\'Hara'` }), ann);
    assert.deepEqual(await addresses({ query: "familyName:'van Dam' givenName=Ben" }), ['ben@school.example']);
    assert.deepEqual(await addresses({ query: 'externalId=T1' }), ann);
    assert.deepEqual(await addresses({ query: 'isAdmin=true' }), [ADMIN]);
    assert.deepEqual(await addresses({ query: 'email=nobody@school.example' }), []);
    assert.equal(
      (await refusal(google.users.list({ customer: 'my_customer', query: 'colour=red' }))).reason,
      'invalid',
    );
  });

  it('gives pages, whose token is good for one query only', async () => {
    const hand = simulator.domain('school.example');
    for (let number = 0; number < 120; number += 1) {
      const primaryEmail = `user${number}@school.example`;
      hand.addUser({ primaryEmail, givenName: 'U', familyName: String(number) });
    }
    const page = (params: object) => google.users.list({ customer: 'my_customer', ...params });
    const first = (await page({})).data;
    assert.equal(first.users?.length, 100);
    const rest = (await page({ pageToken: first.nextPageToken })).data;
    assert.equal(rest.users?.length, 23);
    assert.equal(rest.nextPageToken, undefined);
    assert.equal((await page({ maxResults: 500 })).data.users?.length, 123);

    assert.equal((await refusal(page({ maxResults: 501 }))).status, 400);
    assert.equal((await refusal(page({ pageToken: first.nextPageToken, query: 'isAdmin=true' }))).status, 400);
  });

  it('wants to know whose users are meant', async () => {
    assert.equal((await refusal(google.users.list({}))).reason, 'required');
    assert.equal((await refusal(google.users.list({ domain: 'other.example' }))).status, 404);
    assert.equal((await refusal(google.users.list({ customer: 'C0' }))).status, 400);
  });

  it('makes an account and shows it, without its password', async () => {
    const { data } = await google.users.insert({
      requestBody: { ...NEW, externalIds: [{ type: 'organization', value: 'S9' }], madeUp: 1 } as object,
    });
    assert.equal(data.kind, 'admin#directory#user');
    assert.equal(data.name?.fullName, 'Nia New');
    assert.deepEqual(data.externalIds, [{ type: 'organization', value: 'S9' }]);
    assert.doesNotMatch(JSON.stringify(data), /longenough|madeUp/);
    assert.doesNotMatch(JSON.stringify(simulator.journal.entries({ route: 'directory.users.insert' })), /longenough/);

    const found = await google.users.get({ userKey: 'NEW@school.example' });
    assert.equal(found.data.id, data.id);
    assert.equal(found.data.etag, data.etag);
  });

  it('refuses an account that cannot be', async () => {
    const insert = (change: object) => refusal(google.users.insert({ requestBody: { ...NEW, ...change } }));
    const twice = await insert({ primaryEmail: 'ann@school.example' });
    assert.deepEqual([twice.status, twice.reason, twice.code], [409, 'duplicate', undefined]);
    assert.equal(twice.message, 'Entity already exists.');
    assert.equal((await insert({ password: undefined })).reason, 'required');
    assert.equal((await insert({ name: { givenName: 'Nia' } })).reason, 'required');
    assert.equal((await insert({ name: { givenName: 'Nia', familyName: 'x'.repeat(61) } })).reason, 'invalid');
    assert.equal((await insert({ primaryEmail: 'new@elsewhere.example' })).status, 404);
  });

  it('changes what is given and keeps the rest', async () => {
    const { data: made } = await google.users.insert({
      requestBody: { ...NEW, recoveryEmail: 'a@b.example', externalIds: [{ type: 'organization', value: 'S9' }] },
    });
    const { data } = await google.users.update({
      userKey: made.id ?? '',
      requestBody: { name: { familyName: 'Newer' }, suspended: true, recoveryEmail: null },
    });
    assert.deepEqual([data.name?.givenName, data.name?.familyName, data.suspended], ['Nia', 'Newer', true]);
    assert.equal(data.recoveryEmail, undefined);
    assert.deepEqual(data.externalIds, [{ type: 'organization', value: 'S9' }]);
    assert.notEqual(data.etag, made.etag);
  });

  it('keeps the old address as an alias when a user gets a new one', async () => {
    await google.users.insert({ requestBody: NEW });
    await google.users.patch({ userKey: NEW.primaryEmail, requestBody: { primaryEmail: 'moved@school.example' } });
    const { data } = await google.users.get({ userKey: NEW.primaryEmail });
    assert.equal(data.primaryEmail, 'moved@school.example');
    assert.deepEqual(data.aliases, [NEW.primaryEmail]);
    assert.equal((await refusal(google.users.insert({ requestBody: NEW }))).status, 409);
    const taken = { userKey: 'moved@school.example', requestBody: { primaryEmail: 'ann@school.example' } };
    assert.equal((await refusal(google.users.patch(taken))).reason, 'duplicate');
  });

  it('deletes an account, which is then listed among the deleted', async () => {
    await google.users.insert({ requestBody: NEW });
    assert.equal((await google.users.delete({ userKey: NEW.primaryEmail })).status, 204);
    const gone = await refusal(google.users.get({ userKey: NEW.primaryEmail }));
    assert.deepEqual([gone.status, gone.reason, gone.code], [404, 'notFound', undefined]);
    assert.ok((await addresses({ showDeleted: 'true' })).includes(NEW.primaryEmail));
  });

  it('is for admins, and each sees only the own domain', async () => {
    const forAnn = await refusal(asAnn.users.list({ customer: 'my_customer' }));
    assert.deepEqual([forAnn.status, forAnn.reason], [403, 'forbidden']);
    assert.equal((await refusal(google.users.get({ userKey: 'admin@other.example' }))).status, 404);
  });
});
