import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { earlier, instantOf, newestOf } from './mark.ts';

const five = 300_000;

describe('a mark', () => {
  test('lies five minutes before the newest change, in the form the server writes dates', () => {
    for (const [raw, expected] of [
      ['2026-01-15T08:30:00.000Z', '2026-01-15T08:25:00.000Z'],
      ['2026-01-01T00:04:59.999Z', '2025-12-31T23:59:59.999Z'],
      ['2026-01-15T08:30:00Z', '2026-01-15T08:25:00Z'],
      ['2026-01-15T08:30:00.1234567+00:00', '2026-01-15T08:25:00.1230000+00:00'],
      ['2026-01-15T08:30:00', '2026-01-15T08:25:00'],
      ['2026-01-15T08:30:00.5', '2026-01-15T08:25:00.5'],
      ['2026-01-15 08:30', '2026-01-15 08:25'],
      ['2026-01-15T00:02:00+02:00', '2026-01-14T23:57:00+02:00'],
      ['2026-01-15', '2026-01-14'],
    ] as const) {
      assert.equal(earlier(raw, five), expected);
    }
    for (const nonsense of ['', 'yesterday', '2026-13-15', '2026-01-15T25:00:00Z', '15.01.2026', '2026']) {
      assert.equal(earlier(nonsense, five), undefined, nonsense);
    }
  });

  test('comes from the newest date in time, not in text', () => {
    const newest = (...dates: unknown[]) =>
      newestOf(
        dates.map((dateLastModified) => ({ dateLastModified })),
        null,
      );
    assert.equal(
      newest('2026-01-15T08:30:00.000Z', '2026-01-15T08:30:00.001Z', '2025-12-31T23:59:59.999Z'),
      '2026-01-15T08:30:00.001Z',
    );
    assert.equal(newest('2026-01-15T08:30:00.000Z', '2026-01-15T10:00:00.000+02:00'), '2026-01-15T08:30:00.000Z');
    assert.equal(newest('2026-01-15T10:00:00.000+02:00', '2026-01-15T08:30:00.000Z'), '2026-01-15T08:30:00.000Z');
    assert.equal(newest('2026-01-15', '2026-01-14T23:00:00Z'), '2026-01-15');
    assert.equal(newest(undefined, null, 5, 'zzzz', '9'), null);
    assert.equal(newestOf([{ dateLastModified: '2026-01-14' }, null, 7], '2026-01-15'), '2026-01-15');
    assert.equal(newestOf([null, 'text', undefined], null), null);
  });

  test('can be read back, is never later than what it was made of, and keeps its form', () => {
    const moment = fc.date({ min: new Date('1971-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    const forms = [
      (iso: string) => iso,
      (iso: string) => iso.slice(0, 19),
      (iso: string) => `${iso.slice(0, 23)}4567+00:00`,
      (iso: string) => iso.slice(0, 10),
      (iso: string) => `${iso.slice(0, 19)}-05:00`,
    ];
    fc.assert(
      fc.property(moment, fc.constantFrom(...forms), (date, write) => {
        const raw = write(date.toISOString());
        const before = earlier(raw, five) ?? '';
        const difference = (instantOf(raw) ?? 0) - (instantOf(before) ?? 0);
        assert.ok(difference >= five && difference <= 86_400_000, `${raw} → ${before}`);
        assert.equal(before.replace(/\d/g, '0'), raw.replace(/\d/g, '0'));
      }),
    );
  });
});
