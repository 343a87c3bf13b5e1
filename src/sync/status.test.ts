import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotPermitted, SignInNeeded, Unwell } from '../connectors/kit/errors.ts';
import type { ProblemTurn } from '../model/sync.ts';
import { type EndedRun, type Evidence, integrationState, runErrorOf, turnOf } from './status.ts';

const well: EndedRun = { error: null, failed: 0, done: 10 };
/** Some of its operations failed, or all of them. */
const partly: EndedRun = { error: null, failed: 2, done: 10 };
const inVain: EndedRun = { error: null, failed: 2, done: 0 };
const stopped = (turn: ProblemTurn, message = 'It does not answer.'): EndedRun => ({
  error: { code: 'x', message, remedy: 'Wait.', turn },
  failed: 0,
  done: 0,
});
const down = stopped('PROVIDER');
const locked = stopped('SCHOOL', 'It wants a sign-in.');

interface Case {
  title: string;
  evidence: Partial<Evidence>;
  status: string;
  /** null: no reason at all. */
  reason: RegExp | null;
}

const cases: Case[] = [
  { title: 'nothing has run yet', evidence: {}, status: 'CONNECTED', reason: null },
  {
    title: 'the newest whole run went well',
    evidence: { whole: [well, down, down] },
    status: 'CONNECTED',
    reason: null,
  },
  {
    title: 'what failed has been made good',
    evidence: { scoped: [well], whole: [partly] },
    status: 'CONNECTED',
    reason: null,
  },
  {
    title: 'some operations failed',
    evidence: { whole: [partly], openFailures: 2 },
    status: 'DEGRADED',
    reason: /^2 operations failed/,
  },
  {
    title: 'one operation failed',
    evidence: { whole: [partly], openFailures: 1 },
    status: 'DEGRADED',
    reason: /^One operation/,
  },
  {
    title: 'a small run that goes well does not hide what failed in the whole one',
    evidence: { scoped: [well], whole: [partly], openFailures: 2 },
    status: 'DEGRADED',
    reason: /^2 operations failed/,
  },
  {
    title: 'all operations of all recent runs failed',
    evidence: { scoped: [inVain], whole: [inVain, inVain], openFailures: 2 },
    status: 'ERROR',
    reason: /^2 operations failed/,
  },
  {
    title: 'all operations failed, but an earlier run went well',
    evidence: { whole: [inVain, well], openFailures: 2 },
    status: 'DEGRADED',
    reason: /./,
  },
  {
    title: 'the last whole run could not go on',
    evidence: { whole: [down, well] },
    status: 'DEGRADED',
    reason: /^It does not answer. Wait.$/,
  },
  { title: 'the first run could not go on', evidence: { whole: [down] }, status: 'ERROR', reason: /./ },
  {
    title: 'all recent runs could not go on',
    evidence: { whole: [down, down, down, down, down] },
    status: 'ERROR',
    reason: /./,
  },
  {
    title: 'a small run that goes well does not hide that the whole one could not go on',
    evidence: { scoped: [well], whole: [down, down] },
    status: 'DEGRADED',
    reason: /^It does not answer/,
  },
  {
    title: 'a small run that could not go on is not hidden by the whole one before it',
    evidence: { scoped: [down], whole: [well] },
    status: 'DEGRADED',
    reason: /^It does not answer/,
  },
  {
    title: 'a small run that goes well makes an earlier small one good',
    evidence: { scoped: [well, down], whole: [well] },
    status: 'CONNECTED',
    reason: null,
  },
  {
    title: 'the newest run was locked out, whatever was before',
    evidence: { whole: [locked, well] },
    status: 'ERROR',
    reason: /sign-in/,
  },
  {
    title: 'a small run was locked out, whatever was before',
    evidence: { scoped: [locked], whole: [well, well] },
    status: 'ERROR',
    reason: /sign-in/,
  },
  {
    title: 'a small run that goes well shows that the door is open again',
    evidence: { scoped: [well], whole: [locked] },
    status: 'DEGRADED',
    reason: /sign-in/,
  },
  {
    title: 'it is late, though all runs went well',
    evidence: { whole: [well], late: 'It is late.' },
    status: 'DEGRADED',
    reason: /^It is late.$/,
  },
  { title: 'it is late and has never run', evidence: { late: 'It is late.' }, status: 'DEGRADED', reason: /late/ },
  {
    title: 'it is late because it could not go on',
    evidence: { whole: [down, well], late: 'It is late.' },
    status: 'DEGRADED',
    reason: /^It does not answer. Wait. It is late.$/,
  },
];

describe('the state of an integration of which', () => {
  for (const { title, evidence, status, reason } of cases) {
    it(`${title} is ${status}`, () => {
      const state = integrationState({ whole: [], scoped: [], openFailures: 0, late: null, ...evidence });
      assert.equal(state.status, status);
      if (reason) assert.match(state.statusReason ?? '', reason);
      else assert.equal(state.statusReason, null);
    });
  }
});

describe('whose turn it is', () => {
  const about = { code: 'x', message: 'X.', remedy: 'Y.' };

  it('is the school’s, the provider’s or ours', () => {
    assert.equal(turnOf(new SignInNeeded(about)), 'SCHOOL');
    assert.equal(turnOf(new Unwell(about)), 'PROVIDER');
    assert.equal(turnOf(new TypeError('x')), 'HOMEROOM');
  });

  it('stands on the run that could not go on; what we did not expect keeps its words to itself', () => {
    assert.deepEqual(runErrorOf(new NotPermitted(about), 'r1'), { ...about, turn: 'SCHOOL' });
    const ours = runErrorOf(new TypeError('secret'), 'r1');
    assert.deepEqual([ours.code, ours.turn], ['internal', 'HOMEROOM']);
    assert.match(ours.remedy, /r1/);
    assert.doesNotMatch(JSON.stringify(ours), /secret/);
  });
});
