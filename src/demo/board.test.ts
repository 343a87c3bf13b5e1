import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogEntry } from './answers.ts';
import { type BoardState, drawBoard } from './board.ts';
import { width } from './columns.ts';
import { type Leg, noCounts, startLeg } from './leg.ts';
import { createPaint } from './paint.ts';

const plain = createPaint(false);
const entry: LogEntry = {
  action: 'google_classroom.roster.student.add',
  status: 'SUCCESS',
  timestamp: new Date(2026, 8, 1, 7, 30),
  reason: 'New in Homeroom.',
  details: {},
  entity: { name: 'Adéọlá Ṣóyínká' },
};
const ended: Leg = {
  ...startLeg(900),
  phase: 'ended',
  counts: { ...noCounts, created: 885 },
  outcome: 'SUCCEEDED',
  beganAt: 2_000,
  endedAt: 3_200,
};
const writing: Leg = { ...startLeg(null), phase: 'writing', done: 371, total: 742, beganAt: 5_000, phaseAt: 6_000 };

function state(classroom: Leg): BoardState {
  const names = ['Foxglove Lane Primary School', 'Élan-Rivière Middle School', '健太 High School'];
  return {
    schools: names.map((name) => ({ name, legs: { sis: ended, classroom } })),
    withClassroom: true,
    log: Array.from({ length: 10 }, () => ({ school: 'Élan-Rivière Middle School', entry })),
    received: 1_234,
    now: 10_000,
    callsTake: (calls) => Math.max(0, calls - 540) * 100,
  };
}

describe('the board', () => {
  it('fits every terminal, in width and in height', () => {
    for (const columns of [20, 40, 60, 80, 100, 120, 240]) {
      for (const rows of [8, 24, 60]) {
        const lines = drawBoard(state(writing), { columns, rows }, plain);
        for (const line of lines) assert.ok(width(line) <= columns, `${columns}: ${line}`);
        assert.ok(lines.length < Math.max(rows, 9), `${lines.length} lines in ${rows} rows`);
      }
    }
  });

  it('shows what is done of either leg, and the last of the log', () => {
    const lines = drawBoard(state(writing), { columns: 120, rows: 40 }, plain);
    const [head, school] = lines;
    assert.match(head ?? '', /SIS → Homeroom +Homeroom → Classroom/);
    assert.match(school ?? '', /^ {2}Foxglove Lane Primary School {2}━+ 885 in 1\.2 s +━+╌+ 371 of 742$/);
    const [, bars = '', rest = ''] = /(━+)(╌+) 371/.exec(school ?? '') ?? [];
    assert.ok(Math.abs(bars.length - rest.length) <= 1, 'half of it is written');
    assert.equal(lines.filter((line) => line.includes('Adéọlá Ṣóyínká')).length, 6);
    assert.match(lines.at(-1) ?? '', /10\.0 s · 1,234 log entries, live over a WebSocket$/);
  });

  it('says when the quota sets the pace, and what is left when that is minutes', () => {
    const slow = { ...writing, done: 600, total: 100_000 };
    const lines = drawBoard(state(slow), { columns: 120, rows: 40 }, plain);
    assert.match(lines.at(-1) ?? '', /Google’s quota sets the pace now$/);
    const later = drawBoard({ ...state(slow), now: 66_000 }, { columns: 120, rows: 40 }, plain);
    assert.match(later[1] ?? '', /0 %, 166 min left$/);
  });

  it('does not call a failure done', () => {
    const lines = drawBoard(state({ ...ended, outcome: 'FAILED' }), { columns: 120, rows: 40 }, plain);
    assert.match(lines[1] ?? '', /failed$/);
  });
});
