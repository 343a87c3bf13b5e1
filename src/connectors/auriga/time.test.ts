import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { readInstant } from './time.ts';

const paris = 'Europe/Paris';

const cases: [cell: unknown, instant: string | null][] = [
  ['2021-12-15T08:30:00', '2021-12-15T07:30:00.000Z'],
  ['2026-06-15T08:30:00', '2026-06-15T06:30:00.000Z'],
  ['2027-03-28T02:30:00', '2027-03-28T01:30:00.000Z'],
  ['2026-10-25T02:30:00', '2026-10-25T00:30:00.000Z'],
  ['2026-10-25T03:00:00', '2026-10-25T02:00:00.000Z'],
  ['2027-03-28T03:00:00', '2027-03-28T01:00:00.000Z'],
  ['2026-06-15T08:30:00Z', '2026-06-15T08:30:00.000Z'],
  ['2026-06-15T08:30:00-05:00', '2026-06-15T13:30:00.000Z'],
  ['2026-06-15T08:30:00+0530', '2026-06-15T03:00:00.000Z'],
  ['2026-06-15 08:30', '2026-06-15T06:30:00.000Z'],
  ['2026-06-15T08:30:00.1239', '2026-06-15T06:30:00.123Z'],
  ['2026-06-15', null],
  ['2026-02-30T08:30:00', null],
  ['2026-06-15T24:00:00', null],
  ['2026-06-15T08:30:00+99:00', null],
  ['15/06/2026 08:30', null],
  ['', null],
  [null, null],
  [1781512200000, null],
];

describe('a date with a time', () => {
  for (const [cell, instant] of cases) {
    test(`${JSON.stringify(cell)} in Paris is ${instant ?? 'none'}`, () => {
      assert.equal(readInstant(cell, paris), instant);
    });
  }

  test('keeps its clock through both nights that have another number of hours, in zones on both sides', () => {
    assert.equal(readInstant('2026-03-08T02:30:00', 'America/New_York'), '2026-03-08T07:30:00.000Z');
    assert.equal(readInstant('2026-11-01T01:30:00', 'America/New_York'), '2026-11-01T05:30:00.000Z');
    assert.equal(readInstant('2026-06-15T08:30:00', 'Asia/Kathmandu'), '2026-06-15T02:45:00.000Z');
  });

  test('is read from anything without an error', () => {
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.string()), (cell) => void readInstant(cell, paris)));
  });

  const instants = fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });

  test('with its zone stated comes back as it was', () => {
    fc.assert(fc.property(instants, (at) => assert.equal(readInstant(at.toISOString(), paris), at.toISOString())));
  });

  test('on a wall in Paris is the instant at which that clock shows it, the first time', () => {
    const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: paris, dateStyle: 'short', timeStyle: 'medium' });
    fc.assert(
      fc.property(instants, (at) => {
        const read = readInstant(wall.format(at), paris) ?? '';
        assert.equal(wall.format(new Date(read)), wall.format(at));
        assert.ok(Date.parse(read) <= at.getTime());
      }),
      { numRuns: 300 },
    );
  });
});
