/**
 * Weeks between Auriga and Edusign around the nights in which clocks change, held against the rules window by window: those of
 * a large school, and those of a small one without groups whose worker dies between any two steps.
 */
import { describe, it } from 'node:test';
import type { LifeOptions } from './year/life.ts';
import { ordinaryYear, prove } from './year/proof.ts';

const weeks = {
  'three weeks of autumn with 5,000 learners, and workers that are killed': {
    ...ordinaryYear,
    learners: 5000,
    from: '2026-10-12',
    until: '2026-10-30',
    deaths: 2,
    accidents: { '2026-10-14': 'empty', '2026-10-16': 'vanished', '2026-10-21': 'strike' },
  },
  'two weeks of spring without groups, and a worker that dies between any two steps': {
    ...ordinaryYear,
    learners: 100,
    from: '2027-03-22',
    until: '2027-04-02',
    groupSync: false,
    deaths: 2,
    kill: false,
    accidents: {},
  },
} satisfies Record<string, Omit<LifeOptions, 'say'>>;

describe('a school that plans in Auriga and signs in Edusign', () => {
  for (const [when, life] of Object.entries(weeks)) {
    it(`has in Edusign what the rules say, window by window, for the fewest calls: ${when}`, (test) =>
      prove({ ...life, say: (line) => test.diagnostic(line) }));
  }
});
