import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { readIds } from './ids.ts';
import { readPeople } from './people.ts';
import { readText } from './text.ts';

/** What came of a cell: people as `id last, first <e-mail> codes`, and rejected ones by their code. */
function told(cell: unknown): string[] {
  const { people, rejected } = readPeople(cell);
  const codes = (findings: readonly { code: string }[]) => findings.map(({ code }) => ` ${code}`).join('');

  return [
    ...people.map((each) => `${each.id} ${each.familyName}, ${each.givenName} <${each.email}>${codes(each.findings)}`),
    ...rejected.map(({ finding }) => finding.code),
  ];
}

const cases: [cell: unknown, told: string[]][] = [
  [
    '16026415/GRIMAUD/Karole/k.grimaud@example.org|13456/Smith/John/john@example.org',
    ['16026415 GRIMAUD, Karole <k.grimaud@example.org>', '13456 Smith, John <john@example.org>'],
  ],
  ['', []],
  [null, []],
  [undefined, []],
  ['|', []],
  [' | | ', []],
  ['""', []],
  ['null', []],
  ['7/DUPONT/MARTIN/Anne/a@x.fr', ['7 DUPONT/MARTIN, Anne <a@x.fr> NAME_HAS_SLASH']],
  ['7/Dupont/Anne/', ['7 Dupont, Anne <null> PERSON_NO_EMAIL']],
  ['7/Dupont/Anne', ['7 Dupont, Anne <null> PERSON_NO_EMAIL']],
  ['7/Dupont/a@x.fr', ['PERSON_NO_FIRST_NAME']],
  ['/Dupont/Anne/a@x.fr', ['PERSON_NO_ID']],
  ['7/a@x.fr', ['PERSON_NO_NAME']],
  ['7', ['PERSON_NO_NAME']],
  ['7//Anne/a@x.fr', ['PERSON_NO_NAME']],
  ['7/Dupont//a@x.fr', ['PERSON_NO_FIRST_NAME']],
  ['7/Dupont/Anne/not-an-email', ['7 Dupont, Anne <null> PERSON_BAD_EMAIL']],
  ['7/Dupont/Anne/a@localhost', ['7 Dupont, Anne <null> PERSON_BAD_EMAIL']],
  ['7/DUPONT/MARTIN/Anne/', ['7 DUPONT/MARTIN, Anne <null> NAME_HAS_SLASH PERSON_NO_EMAIL']],
  ['7/A/B/a@x.fr|7/A/B/a@x.fr', ['7 A, B <a@x.fr>']],
  [' 7.0 / Le  Goff / Yann / Yann.LeGoff@EXAMPLE.ORG ', ['7 Le Goff, Yann <Yann.LeGoff@example.org>']],
  ['||7/A/B/a@x.fr||', ['7 A, B <a@x.fr>']],
];

describe('a packed list of people', () => {
  for (const [cell, expected] of cases) {
    test(`${JSON.stringify(cell)} holds ${expected.join('; ') || 'nobody'}`, () => {
      assert.deepEqual(told(cell), expected);
    });
  }

  test('is read from anything without an error', () => {
    const bits = fc.array(fc.constantFrom('/', '|', '@', ' ', '', 'a', '7', '.', '\0', '"', 'null'));
    const anything = fc.oneof(
      fc.anything(),
      fc.string(),
      bits.map((list) => list.join('')),
    );
    fc.assert(
      fc.property(anything, (cell) => void readPeople(cell)),
      { numRuns: 500 },
    );
  });

  const name = fc.string({ minLength: 1, maxLength: 20 }).map((text) => readText(text.replace(/[/|]/g, '')) ?? 'X');
  const person = fc.record(
    {
      id: fc.integer({ min: 1, max: 1e9 }).map(String),
      familyName: name,
      givenName: name,
      email: fc.integer({ min: 1 }).map((n) => `p.${n}@example.org`),
    },
    { noNullPrototype: true },
  );
  const pack = (each: { id: string; familyName: string; givenName: string; email: string }) =>
    [each.id, each.familyName, each.givenName, each.email].join('/');
  const people = fc.uniqueArray(person, { selector: ({ id }) => id });

  test('comes back as it was packed', () => {
    fc.assert(
      fc.property(people, (given) => {
        const read = readPeople(given.map(pack).join('|'));
        const kept = read.people.map(({ id, familyName, givenName, email }) => ({ id, familyName, givenName, email }));
        assert.deepEqual(kept, given);
        assert.deepEqual(read.rejected, []);
        assert.ok(read.people.every(({ clean, findings }) => clean && findings.length === 0));
      }),
    );
  });

  test('never loses a person that is well formed, whatever stands beside them', () => {
    const junk = fc.array(fc.constantFrom('/', '|', '@', ' ', 'x', '"', '\t')).map((list) => list.join(''));
    fc.assert(
      fc.property(people, fc.array(junk), (given, between) => {
        const cell = given.flatMap((each, place) => [between[place] ?? '', pack(each)]).join('|');
        const read = new Map(readPeople(cell).people.map((each) => [each.id, each]));
        for (const each of given) assert.equal(read.get(each.id)?.email, each.email);
      }),
      { numRuns: 300 },
    );
  });
});

describe('ids joined by pipes', () => {
  test('are opaque, each once, without what a spreadsheet or a name added', () => {
    assert.deepEqual(readIds('546|456'), ['546', '456']);
    assert.deepEqual(readIds('16026415/GRIMAUD/Karole|13456'), ['16026415', '13456']);
    assert.deepEqual(readIds(' 7.0 ||7|007| '), ['7', '007']);
    assert.deepEqual(readIds(546), ['546']);
    assert.deepEqual([readIds(null), readIds('|'), readIds('null'), readIds({})], [[], [], [], []]);
  });
});
