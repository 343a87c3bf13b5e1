import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayText } from './day.ts';

test('a day is one of a calendar that the database has, too', () => {
  const isDay = (text: string) => dayText().safeParse(text).success;

  for (const text of ['2026-09-01', '0001-01-01', '9999-12-31']) assert.ok(isDay(text), text);
  for (const text of ['0000-01-01', '2026-02-30', '2026-9-1', '10000-01-01', '']) assert.ok(!isDay(text), text);
});
