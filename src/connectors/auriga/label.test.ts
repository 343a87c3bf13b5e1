import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { readLabel } from './label.ts';
import { type NameParts, roomName, sessionName } from './session-name.ts';
import { readText } from './text.ts';

const cases: [cell: unknown, languages: string[], label: string | null][] = [
  ['{"fr": "Éthique"}', ['en', 'fr'], 'Éthique'],
  ['{ "en": "Lectures", "fr": "Cours" }', ['fr', 'en'], 'Cours'],
  ['{ "fr": "Groupe TD 1"', ['fr', 'en'], 'Groupe TD 1'],
  ['{"fr": "", "en": " "}', ['fr', 'en'], null],
  ['{}', ['fr'], null],
  [null, ['fr'], null],
  ['Plain text', ['fr'], 'Plain text'],
  [{ en: 'Lecture', fr: 'Cours' }, ['fr'], 'Cours'],
  [{ 'fr-FR': 'Cours' }, ['FR'], 'Cours'],
  [{ fr_BE: 'Leçon' }, ['fr'], 'Leçon'],
  [{ nl: 'Les', de: 'Stunde' }, ['fr', 'en'], 'Stunde'],
  ['{"fr": "Cours", "en": "Lecture', ['en', 'fr'], 'Cours'],
  ['{not json at all', ['fr'], '{not json at all'],
  ['  Digital \u0007 Ethics\n- ETHIX ', ['fr'], 'Digital Ethics - ETHIX'],
  [undefined, ['fr'], null],
  [['a'], ['fr'], null],
];

describe('a label', () => {
  for (const [cell, languages, label] of cases) {
    test(`${JSON.stringify(cell)} in ${languages.join()} is ${JSON.stringify(label)}`, () => {
      assert.equal(readLabel(cell, languages), label);
    });
  }

  test('is read from anything without an error, and is never blank', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.json(),
      fc.json().map((json) => json.slice(0, -1)),
    );
    fc.assert(
      fc.property(anything, fc.array(fc.string()), (cell, languages) => {
        const label = readLabel(cell, languages);
        assert.ok(label === null || label.trim() !== '');
      }),
    );
  });

  test('comes back as it was written, as an object, as JSON, and as JSON without its end', () => {
    const word = fc
      .string({ minLength: 1 })
      .map(readText)
      .filter((text) => text !== null);
    fc.assert(
      fc.property(word, word, (fr, en) => {
        const label = { en, fr };
        const json = JSON.stringify(label);
        for (const cell of [label, json, json.slice(0, -1)]) assert.equal(readLabel(cell, ['fr', 'en']), fr);
      }),
    );
  });
});

describe('a session', () => {
  const parts: NameParts = { id: '115849', activityType: null, unit: null, description: null };
  test('is called by its activity and its unit, or the one of them there is', () => {
    const named = (more: Partial<NameParts>) => sessionName({ ...parts, ...more }, ' § ');
    assert.equal(named({ activityType: 'Cours', unit: 'Éthique' }), 'Cours § Éthique');
    assert.equal(named({ activityType: 'Cours', description: 'Session 08:30' }), 'Cours');
    assert.equal(named({ unit: 'Éthique' }), 'Éthique');
  });

  test('without both is called by its description, else by its id', () => {
    assert.equal(sessionName({ ...parts, description: 'Session 08:30' }, ' § '), 'Session 08:30');
    assert.equal(sessionName(parts, ' § '), '115849');
  });

  test('is held in the room’s label, else its code, else nowhere', () => {
    assert.equal(roomName(readText(' '), readText('R210')), 'R210');
    assert.equal(roomName(readText('Classroom 210'), readText('R210')), 'Classroom 210');
    assert.equal(roomName(readText(''), readText(null)), null);
  });
});
