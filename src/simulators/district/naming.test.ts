import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asciiName, createAddresses } from './naming.ts';

describe('a name in an address', () => {
  const cases: [name: string, ascii: string][] = [
    ['O’Brien', 'obrien'],
    ["D'Amico", 'damico'],
    ['Núñez-Peña', 'nunez-pena'],
    ['Weiß', 'weiss'],
    ['Łucja', 'lucja'],
    ['Ødegård', 'odegard'],
    ['Đặng', 'dang'],
    ['Ṣóyínká', 'soyinka'],
    ['van ’t Hof', 'van-t-hof'],
    ['渡辺', 'x'],
  ];
  for (const [name, ascii] of cases) {
    it(`is ${ascii} for ${name}`, () => assert.equal(asciiName(name, 30), ascii));
  }

  it('is cut where it is too long, and never ends in a hyphen', () => {
    assert.equal(asciiName('Anna Maria Sophie', 5), 'anna');
  });

  it('is numbered from the second of the same name on', () => {
    const address = createAddresses('school.example');
    const zoe = { givenName: 'Zoë', familyName: 'O’Brien', latinGiven: 'Zoë', latinFamily: 'O’Brien' };
    assert.deepEqual([address(zoe), address(zoe)], ['zoe.obrien@school.example', 'zoe.obrien2@school.example']);
  });
});
