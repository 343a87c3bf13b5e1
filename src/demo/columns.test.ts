import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { count, cut, duration, left, right, width, wrap } from './columns.ts';
import { createPaint } from './paint.ts';

const { green } = createPaint(true);

describe('text in columns', () => {
  it('counts what a reader sees: accents with their letter, wide signs twice, colours not at all', () => {
    for (const [text, columns] of [
      ['Biology 7b', 10],
      ['Zoë', 3],
      ['Zoe\u0308', 3],
      ['Ṣẹ́gun Fáṣọlá', 12],
      ['健太 藤原', 9],
      ['Νίκος', 5],
      [green('7b'), 2],
    ] as const) {
      assert.equal(width(text), columns, text);
    }
  });

  it('cuts to the column, says so, and keeps colours whole', () => {
    assert.equal(cut('Maple Hollow', 12), 'Maple Hollow');
    assert.equal(cut('Maple Hollow', 6), 'Maple…');
    assert.equal(cut('健太 藤原', 4), '健…');
    assert.equal(cut(`${green('Maple')} Hollow`, 8), `${green('Maple')} H…`);
    assert.equal(cut(green('Maple Hollow'), 6), green('Maple…'));
    assert.equal(width(cut('健太 藤原', 4)) <= 4, true);
  });

  it('pads on either side', () => {
    assert.equal(left('Zoë', 5), 'Zoë  ');
    assert.equal(right('1,234', 7), '  1,234');
  });

  it('breaks lines between words, and leaves a long word whole', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('a hr_demo_0123456789 b', 8), ['a', 'hr_demo_0123456789', 'b']);
  });

  it('writes numbers and times as people read them', () => {
    assert.equal(count(1_041_467), '1,041,467');
    for (const [ms, text] of [
      [412, '0.4 s'],
      [33_812, '33.8 s'],
      [59_960, '1 min 00 s'],
      [125_400, '2 min 05 s'],
      [39_120_000, '10 h 52 min'],
    ] as const) {
      assert.equal(duration(ms), text);
    }
  });
});
