import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { classify, retryAfter } from './classify.ts';
import { SetupProblem, Wait } from './errors.ts';

const now = new Date('2026-09-01T08:00:00Z');
const clock = { now: () => now };
const asked = { provider: 'sis', name: 'the SIS', doing: 'read classes', clock };
const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers: new Headers(headers) });

describe('a status', () => {
  test('says what happens next', () => {
    for (const [status, next] of [
      [307, 'setup'],
      [400, 'record'],
      [401, 'sign-in'],
      [403, 'permission'],
      [404, 'record'],
      [408, 'retry'],
      [409, 'record'],
      [412, 'moved'],
      [422, 'record'],
      [425, 'retry'],
      [429, 'wait'],
      [500, 'retry'],
      [503, 'retry'],
      [599, 'retry'],
    ] as const) {
      const problem = classify(answer(status), asked);
      assert.equal(problem.next, next, String(status));
      assert.match(problem.code, /^sis_[a-z_]+$/);
      assert.match(problem.message, /^Homeroom cannot read classes: .*\.$/);
      assert.equal(problem.details.status, status);
    }
  });

  test('of 404 means what the caller says it means', () => {
    const notFound = classify(answer(404), {
      ...asked,
      notFound: (facts) => new SetupProblem({ ...facts, code: 'wrong_address' }),
    });
    assert.deepEqual([notFound.next, notFound.code], ['setup', 'wrong_address']);
  });

  test('that asks us to wait says until when', () => {
    const until = (status: number, header?: string) => {
      const problem = classify(answer(status, header === undefined ? {} : { 'retry-after': header }), asked);
      return problem instanceof Wait ? problem.until.getTime() - now.getTime() : problem.next;
    };
    assert.equal(until(429, '58'), 58_000);
    assert.equal(until(503, '2'), 2_000);
    assert.equal(until(429), 5_000);
    assert.equal(until(429, 'soon'), 5_000);
    assert.equal(until(503, 'soon'), 'retry');
    assert.equal(until(400, '58'), 'record');
  });
});

describe('a Retry-After', () => {
  test('is seconds or a date, at most an hour, and nonsense is none', () => {
    const delay = (header: string | null) => {
      const date = retryAfter(header, clock);
      return date && date.getTime() - now.getTime();
    };
    assert.equal(delay('0'), 0);
    assert.equal(delay(' 1.5 '), 1_500);
    assert.equal(delay('86400'), 3_600_000);
    assert.equal(delay('Tue, 01 Sep 2026 08:01:00 GMT'), 60_000);
    assert.equal(delay('Tuesday, 01-Sep-26 08:01:00 GMT'), 60_000);
    assert.equal(delay('Tue, 01 Sep 2026 07:00:00 GMT'), 0);
    for (const nonsense of [null, '', '-5', '5 minutes', '1e9', 'tomorrow', 'Tuesday']) {
      assert.equal(delay(nonsense), undefined, String(nonsense));
    }
  });
});
