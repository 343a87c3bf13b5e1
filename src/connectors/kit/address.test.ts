import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPublicAddress, judgeUrl } from './address.ts';
import { SetupProblem } from './errors.ts';

describe('an address', () => {
  test('is public only in the public ranges', () => {
    for (const address of [
      '8.8.8.8',
      '93.184.216.34',
      '172.15.0.1',
      '172.32.0.1',
      '2606:4700::1',
      '2a00:1450:4001::1',
    ]) {
      assert.ok(isPublicAddress(address), address);
    }
    for (const address of [
      ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
      ...['192.0.0.1', '192.168.1.1', '198.18.0.1', '203.0.113.7', '224.0.0.1', '255.255.255.255', 'no address'],
      ...[
        '::',
        '::1',
        '::7f00:1',
        '::ffff:10.0.0.1',
        '::ffff:8.8.8.8',
        '64:ff9b::1',
        '100::1',
        '2001::1',
        '2001:db8::1',
      ],
      ...['2002:7f00:1::', '3fff::1', 'fc00::1', 'fd12::1', 'fe80::1', 'fec0::1', 'ff02::1'],
    ]) {
      assert.ok(!isPublicAddress(address), address);
    }
  });

  test('is called only when it is https, without tricks, on the usual port', () => {
    for (const given of [
      'https://sis.example/ims',
      'https://SIS.example',
      'https://8.8.8.8/',
      'https://sis.example:443/x?a=b',
    ]) {
      assert.equal(judgeUrl(given, new Set()).protocol, 'https:');
    }
    for (const given of [
      ...['http://sis.example/', 'ftp://sis.example', 'sis.example', '', 'https://', 'https://sis.example:8443/'],
      ...['https://ann@sis.example/', 'https://ann:pw@sis.example/', 'https://sis.example/#top', 'file:///etc/passwd'],
      ...['https://127.1/', 'https://0x7f.1/', 'https://2130706433/', 'https://0177.0.0.1/', 'https://①②⑦.0.0.1/'],
      ...[
        'https://[::1]/',
        'https://[::127.0.0.1]/',
        'https://[::ffff:127.0.0.1]/',
        'https://localhost/',
        'https://localhost./',
      ],
      ...[
        'https://a.localhost',
        'https://printer.local/',
        'https://metadata.google.internal/',
        'https://169.254.169.254/',
      ],
    ]) {
      assert.throws(() => judgeUrl(given, new Set()), SetupProblem, given);
    }
  });

  test('may be anything that an operator allows, to the letter', () => {
    const allowed = new Set(['127.0.0.1:8080', 'sis.school.internal:443']);
    assert.equal(judgeUrl('http://127.0.0.1:8080/ims', allowed).pathname, '/ims');
    assert.equal(judgeUrl('https://sis.school.internal/', allowed).hostname, 'sis.school.internal');
    assert.throws(() => judgeUrl('http://127.0.0.1:8081/', allowed), SetupProblem);
    assert.throws(() => judgeUrl('http://localhost:8080/', allowed), SetupProblem);
    assert.throws(() => judgeUrl('http://ann@127.0.0.1:8080/', allowed), SetupProblem);
  });
});
