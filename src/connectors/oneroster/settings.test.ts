import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseAddress } from './address.ts';
import { oneroster } from './index.ts';
import { credentials, scopesOf, settings } from './settings.ts';

describe('the address', () => {
  const whole11 = 'https://sis.example/ims/oneroster/v1p1';
  const whole12 = 'https://sis.example/ims/oneroster/rostering/v1p2';

  test('may be the host, the host with a prefix or the whole base', () => {
    for (const given of [
      'sis.example',
      ' https://sis.example/ ',
      'https://sis.example/ims',
      'https://sis.example/ims/oneroster/',
      'https://SIS.example/ims/oneroster/v1p1/',
      'https://sis.example/ims/oneroster/v1p1/orgs',
      'https://sis.example/ims/oneroster/v1p1?limit=1#top',
    ]) {
      assert.equal(baseAddress(given, '1.1'), whole11, given);
    }
    for (const given of [
      'sis.example',
      'https://sis.example/ims/oneroster',
      'https://sis.example/ims/oneroster/rostering',
      'https://sis.example/ims/oneroster/rostering/v1p2',
      'https://sis.example/ims/oneroster/gradebook/v1p2',
      'https://sis.example/ims/oneroster/v1p2',
    ]) {
      assert.equal(baseAddress(given, '1.2'), whole12, given);
    }
  });

  test('keeps what stands before the standard path, and a version that is there already', () => {
    for (const [given, base] of [
      ['https://sis.example/campus/', 'https://sis.example/campus/ims/oneroster/v1p1'],
      ['sis.example:8443/tenant/2026', 'https://sis.example:8443/tenant/2026/ims/oneroster/v1p1'],
      ['https://sis.example/api/ims/oneroster/v1p1', 'https://sis.example/api/ims/oneroster/v1p1'],
      ['https://sis.example/learningdata/v1', 'https://sis.example/learningdata/v1'],
      ['https://sis.example/v1p1', 'https://sis.example/v1p1'],
      ['https://sis.example/ims/oneroster/rostering/v1p2', whole12],
      ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/ims/oneroster/v1p1'],
    ] as const) {
      assert.equal(baseAddress(given, '1.1'), base);
    }
  });

  test('that is none is refused in the form', () => {
    for (const given of [
      '',
      ' ',
      'ftp://sis.example',
      'https://',
      'https://ann:pw@sis.example',
      'not a host',
      'javascript:alert(1)',
    ]) {
      assert.equal(settings.safeParse({ baseUrl: given }).success, false, given);
    }
  });
});

describe('the forms', () => {
  test('fill in what most servers want', () => {
    assert.deepEqual(settings.parse({ baseUrl: 'sis.example', tokenUrl: '', scope: ' ', schoolSourcedId: '' }), {
      baseUrl: 'sis.example',
      version: '1.1',
      tokenUrl: undefined,
      scope: undefined,
      schoolSourcedId: undefined,
      pageSize: 5_000,
    });
  });

  test('point at the field that is wrong', () => {
    const wrong = (given: object) =>
      settings.safeParse({ baseUrl: 'sis.example', ...given }).error?.issues.map(({ path }) => path.join('.'));
    assert.deepEqual(wrong({ version: '1.2' }), ['tokenUrl']);
    assert.deepEqual(wrong({ version: '1.2', tokenUrl: 'https://sis.example/token' }), undefined);
    assert.deepEqual(wrong({ tokenUrl: 'sis' }), ['tokenUrl']);
    assert.deepEqual(wrong({ pageSize: 0 }), ['pageSize']);
    assert.deepEqual(wrong({ pageSize: 10_001 }), ['pageSize']);
    assert.deepEqual(wrong({ version: '1.0' }), ['version']);
    assert.equal(credentials.safeParse({ clientId: ' ', clientSecret: 'x' }).success, false);
  });

  test('ask for the narrowest scope of the version, and for none where that is refused', () => {
    const prefix = 'https://purl.imsglobal.org/spec/or';
    assert.deepEqual(scopesOf({ version: '1.1', scope: undefined }), [`${prefix}/v1p1/scope/roster-core.readonly`, '']);
    assert.deepEqual(scopesOf({ version: '1.2', scope: undefined }), [`${prefix}/v1p2/scope/roster-core.readonly`, '']);
    assert.deepEqual(scopesOf({ version: '1.2', scope: 'a b' }), ['a b']);
  });

  test('count calls for the server, however its address is written', () => {
    const key = (baseUrl: string) => oneroster.quotaKeys(settings.parse({ baseUrl }), {}).server;
    assert.equal(key('sis.example'), key('https://SIS.example/ims/oneroster/v1p1/'));
  });
});
