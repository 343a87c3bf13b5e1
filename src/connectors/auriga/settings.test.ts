import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { credentials, settings } from './settings.ts';

const given = {
  url: 'https://auriga.your-company.fr/',
  keycloakUrl: 'https://auth.yourdomain.com/auth',
  realm: 'your-company',
  interventionsDetailFavoriteQueryId: ' 42 ',
};
const issues = (
  form: { safeParse(given: unknown): { success: boolean; error?: { issues: { path: PropertyKey[] }[] } | undefined } },
  value: object,
) => form.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the settings', () => {
  test('are what a school knows, with what Paris needs as defaults', () => {
    assert.deepEqual(settings.parse(given), {
      url: 'https://auriga.your-company.fr',
      keycloakUrl: 'https://auth.yourdomain.com/auth',
      realm: 'your-company',
      interventionsDetailFavoriteQueryId: '42',
      timeZone: 'Europe/Paris',
      labelLanguages: ['fr', 'en'],
      sheetNameSeparator: ' § ',
      pageSize: 500,
    });
  });

  test('take the realm out of a pasted log-in address, and refuse two that differ', () => {
    const pasted = 'https://auth.yourdomain.com/auth/realms/your-company/protocol/openid-connect/auth?x=1';
    const parsed = settings.parse({ ...given, keycloakUrl: pasted, realm: '' });
    assert.deepEqual([parsed.keycloakUrl, parsed.realm], ['https://auth.yourdomain.com/auth', 'your-company']);
    assert.deepEqual(issues(settings, { ...given, keycloakUrl: pasted, realm: 'other' }), ['realm']);
    assert.deepEqual(issues(settings, { ...given, realm: undefined }), ['realm']);
  });

  test('refuse what cannot be', () => {
    assert.deepEqual(issues(settings, { ...given, url: 'auriga' }), ['url']);
    assert.deepEqual(issues(settings, { ...given, keycloakUrl: 'ftp://x' }), ['keycloakUrl']);
    assert.deepEqual(issues(settings, { ...given, timeZone: 'Europe/Nowhere' }), ['timeZone']);
    assert.deepEqual(issues(settings, { ...given, interventionsDetailFavoriteQueryId: ' ' }), [
      'interventionsDetailFavoriteQueryId',
    ]);
  });
});

describe('the credentials', () => {
  const client = { clientId: 'edusign', clientSecret: 's' };
  test('name a user with a password, or none', () => {
    const user = { username: 'anne', password: ' p ' };
    assert.deepEqual(credentials.parse({ ...client, ...user }), { ...client, ...user });
    assert.equal(credentials.parse({ ...client, username: '' }).username, undefined);
    assert.deepEqual(issues(credentials, { ...client, username: 'anne' }), ['password']);
  });
});
