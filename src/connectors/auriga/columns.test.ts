import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { SetupProblem } from '../kit/errors.ts';
import { readRows } from './columns.ts';

const required = ['id', 'start', 'end'] as const;

describe('the columns of a favourite', () => {
  test('are found whatever their order, capitals, accents and spaces, and others are ignored', () => {
    const headings = ['Whatever', ' END ', 'Stárt', 'Educational  Unit.Label', 'id'];
    assert.deepEqual(readRows({ headings, rows: [[1, 'e', 's', 'u', 7]] }, required, [], 'interventions'), [
      { end: 'e', start: 's', unit: 'u', id: 7 },
    ]);
  });

  test('may have other headings, as the school says; of two alike the first counts', () => {
    const aliases = [{ heading: 'Apprenant(s)', column: 'Learner(s)' }] as const;
    const headings = ['ID', 'Start', 'End', 'APPRENANT(S)', 'Learner(s)'];
    const [row] = readRows(
      { headings, rows: [['1', 's', 'e', 'first', 'second']] },
      required,
      aliases,
      'interventions',
    );
    assert.equal(row?.learners, 'first');
    const [plain] = readRows({ headings, rows: [['1', 's', 'e', 'first', 'second']] }, required, [], 'interventions');
    assert.equal(plain?.learners, 'second');
  });

  test('may stand on the rows alone, and a short row lacks only what it lacks', () => {
    const rows = [
      { ID: 1, Start: 's' },
      { ID: 2, End: 'e' },
    ];
    assert.deepEqual(readRows({ headings: [], rows }, required, [], 'interventions'), [
      { id: 1, start: 's', end: undefined },
      { id: 2, start: undefined, end: 'e' },
    ]);
    assert.deepEqual(readRows({ headings: ['ID', 'Start', 'End'], rows: [['1']] }, required, [], 'interventions'), [
      { id: '1', start: undefined, end: undefined },
    ]);
  });

  test('that are needed and missing are named, all of them, even when no row is there yet', () => {
    assert.throws(
      () => readRows({ headings: ['Id', 'Learner(s)'], rows: [] }, required, [], 'interventions'),
      (error) =>
        error instanceof SetupProblem && error.code === 'FAVORITE_SHAPE' && /“Start”, “End”/.test(error.message),
    );
    assert.deepEqual(readRows({ headings: [], rows: [] }, required, [], 'interventions'), []);
  });

  test('make no difference by their order', () => {
    const row = { ID: '1', Start: 's', End: 'e', 'Resource.Code': 'R', 'Learner(s)': 'l' };
    const names = Object.keys(row);
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (headings) => {
        const cells = headings.map((name) => row[name as keyof typeof row]);
        const [read] = readRows({ headings, rows: [cells] }, required, [], 'interventions');
        assert.deepEqual({ ...read }, { id: '1', start: 's', end: 'e', roomCode: 'R', learners: 'l' });
      }),
    );
  });
});
