import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { credentials, readMeans, settings } from './settings.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const keyFile = {
  type: 'service_account',
  client_email: 'homeroom@project.iam.gserviceaccount.com',
  private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
  project_id: 'project',
};
const account = { serviceAccountKey: JSON.stringify(keyFile), adminEmail: ' Admin@School.example ' };
const token = { clientId: 'client', clientSecret: 'hush', refreshToken: 'long' };

void describe('the settings', () => {
  void it('need a domain only', () => {
    assert.deepEqual(settings.parse({ domain: ' School.Example ' }), {
      domain: 'school.example',
      customer: 'my_customer',
      onlyCurrentTerms: false,
      tokenUrl: 'https://oauth2.googleapis.com/token',
    });
  });

  void it('refuse what is no domain and no web address', () => {
    for (const domain of ['', 'school', 'ann@school.example', 'https://school.example']) {
      assert.equal(settings.safeParse({ domain }).success, false, domain);
    }
    assert.equal(settings.safeParse({ domain: 'school.example', apiRootUrl: 'file:///etc' }).success, false);
  });

  void it('and the credentials describe every field, and mark the secrets', () => {
    for (const form of [settings, credentials]) {
      const { properties = {} } = z.toJSONSchema(form, { io: 'input' });
      for (const [name, field] of Object.entries(properties)) {
        assert.ok(typeof field === 'object' && field.title && field.description, name);
      }
    }
    const { properties = {} } = z.toJSONSchema(credentials, { io: 'input' });
    const secrets = Object.entries(properties).filter(([, field]) => typeof field === 'object' && field.writeOnly);
    assert.deepEqual(
      secrets.map(([name]) => name),
      ['serviceAccountKey', 'clientSecret', 'refreshToken'],
    );
  });
});

void describe('the credentials', () => {
  const problems = (given: object) => credentials.safeParse(given).error?.issues.map(({ path }) => path.join('.'));

  void it('are a service account with its administrator, or a token', () => {
    const means = readMeans(credentials.parse(account));
    assert.ok(means.kind === 'serviceAccount');
    assert.deepEqual([means.adminEmail, means.key.project_id], ['admin@school.example', 'project']);
    assert.deepEqual(readMeans(credentials.parse(token)), { kind: 'token', ...token });
  });

  void it('can be read again as they were kept', () => {
    const kept = credentials.parse(account);
    assert.deepEqual(credentials.parse(kept), kept);
  });

  void it('are neither both nor half of one', () => {
    assert.deepEqual(problems({}), ['serviceAccountKey', 'adminEmail']);
    assert.deepEqual(problems({ clientId: 'client' }), ['clientSecret', 'refreshToken']);
    assert.deepEqual(problems({ ...account, ...token }), ['refreshToken']);
  });

  void it('hold a key file that can sign, and no refusal quotes it', () => {
    for (const serviceAccountKey of ['{', '{}', JSON.stringify({ ...keyFile, private_key: 'PRIVATE' })]) {
      assert.deepEqual(problems({ ...account, serviceAccountKey }), ['serviceAccountKey']);
      assert.doesNotMatch(credentials.safeParse({ ...account, serviceAccountKey }).error?.message ?? '', /PRIVATE|iam/);
    }
  });
});
