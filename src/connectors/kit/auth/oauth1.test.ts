import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { percentEncode, signRequest } from './oauth1.ts';

const signing = { key: 'key', secret: 's&cret', now: new Date(1_756_713_600_500), nonce: 'n0nce' } as const;

function parametersOf(header: string): Record<string, string> {
  assert.match(header, /^OAuth /);
  const pairs = header
    .slice(6)
    .split(', ')
    .map((pair) => /^(\w+)="(.*)"$/.exec(pair)?.slice(1) ?? []);
  return Object.fromEntries(pairs.map(([name = '', value = '']) => [name, decodeURIComponent(value)]));
}

describe('a signed request', () => {
  test('signs method, address and every parameter of the query, as RFC 5849 puts them together', () => {
    const url = new URL(
      'https://SIS.example:443/ims/oneroster/v1p1/users?limit=5&filter=status%3D%27active%27%20AND%20a%3E%3D%27b%2Bc%27',
    );
    const parameters = parametersOf(signRequest('get', url, { ...signing, method: 'HMAC-SHA256' }));

    const base = [
      'GET',
      'https%3A%2F%2Fsis.example%2Fims%2Foneroster%2Fv1p1%2Fusers',
      'filter%3Dstatus%253D%2527active%2527%2520AND%2520a%253E%253D%2527b%252Bc%2527%26limit%3D5%26oauth_consumer_key%3Dkey%26' +
        'oauth_nonce%3Dn0nce%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1756713600%26oauth_version%3D1.0',
    ].join('&');
    assert.deepEqual(parameters, {
      oauth_consumer_key: 'key',
      oauth_nonce: 'n0nce',
      oauth_signature_method: 'HMAC-SHA256',
      oauth_timestamp: '1756713600',
      oauth_version: '1.0',
      oauth_signature: createHmac('sha256', 's%26cret&').update(base).digest('base64'),
    });
  });

  test('keeps a port that is not the usual one, and can sign with SHA-1', () => {
    const parameters = parametersOf(
      signRequest('GET', new URL('http://127.0.0.1:8080/a'), { ...signing, method: 'HMAC-SHA1' }),
    );
    const base =
      'GET&http%3A%2F%2F127.0.0.1%3A8080%2Fa&oauth_consumer_key%3Dkey%26oauth_nonce%3Dn0nce%26' +
      'oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1756713600%26oauth_version%3D1.0';
    assert.equal(parameters.oauth_signature, createHmac('sha1', 's%26cret&').update(base).digest('base64'));
  });

  test('never carries the same nonce twice', () => {
    const { nonce: _, ...fresh } = signing;
    const nonces = Array.from(
      { length: 50 },
      () =>
        parametersOf(signRequest('GET', new URL('https://a.example/'), { ...fresh, method: 'HMAC-SHA1' })).oauth_nonce,
    );
    assert.equal(new Set(nonces).size, 50);
  });

  test('encodes everything but letters, digits and four signs', () => {
    assert.equal(percentEncode("AZaz09-._~!'()* /ü"), 'AZaz09-._~%21%27%28%29%2A%20%2F%C3%BC');
  });
});
