import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProviderProblem, Unwell } from '../kit/errors.ts';
import { problemOf, problemOfAnswer } from './errors.ts';
import { signInProblem } from './sign-in-errors.ts';

const clock = { now: () => new Date('2026-09-01T08:00:00Z') };
const asked = { doing: 'add a member', clock };
const secret = 'zoe@school.example';

const classroom = (message: string, status: string, reason?: string) => ({
  error: { message, status, errors: [{ message, ...(reason !== undefined && { reason }) }] },
});
const directory = (message: string, reason: string) => ({ error: { message, errors: [{ message, reason }] } });
const problem = (status: number, data: unknown, headers = {}) =>
  problemOfAnswer({ status, data, headers: new Headers(headers) }, asked);

const cases: readonly [status: number, body: unknown, name: string, code: string][] = [
  [400, classroom(`Invalid value for ${secret}`, 'INVALID_ARGUMENT'), 'Refused', 'google_refused'],
  [400, classroom('Precondition check failed.', 'FAILED_PRECONDITION'), 'Refused', 'google_failed_precondition'],
  [400, classroom('@CourseNotModifiable No.', 'FAILED_PRECONDITION'), 'Refused', 'google_course_not_modifiable'],
  [400, classroom(`${secret}: @IneligibleOwner`, 'FAILED_PRECONDITION'), 'Refused', 'google_ineligible_owner'],
  [
    400,
    classroom('@CannotRemoveCourseOwnerTransferIncomplete Wait.', 'FAILED_PRECONDITION'),
    'Refused',
    'google_cannot_remove_course_owner_transfer_incomplete',
  ],
  [401, classroom('Invalid credentials', 'UNAUTHENTICATED'), 'SignInNeeded', 'google_sign_in_refused'],
  [403, classroom('No permission', 'PERMISSION_DENIED', 'forbidden'), 'NotPermitted', 'google_not_permitted'],
  [403, classroom('@CannotDirectAddUser No.', 'PERMISSION_DENIED'), 'Refused', 'google_cannot_direct_add_user'],
  [403, classroom('@ClassroomApiDisabled No.', 'PERMISSION_DENIED'), 'SetupProblem', 'google_classroom_api_disabled'],
  [403, classroom('@ClassroomDisabled No.', 'PERMISSION_DENIED'), 'SetupProblem', 'google_classroom_disabled'],
  [403, classroom('@MissingGrant No.', 'PERMISSION_DENIED'), 'NotPermitted', 'google_missing_grant'],
  [403, classroom('Slow down', 'PERMISSION_DENIED', 'rateLimitExceeded'), 'Wait', 'google_asks_to_wait'],
  [403, directory('Slow down', 'userRateLimitExceeded'), 'Wait', 'google_asks_to_wait'],
  [403, directory('Slow down', 'quotaExceeded'), 'Wait', 'google_asks_to_wait'],
  [403, directory('Not authorised', 'forbidden'), 'NotPermitted', 'google_not_permitted'],
  [403, directory('Scopes', 'insufficientPermissions'), 'NotPermitted', 'google_scope_missing'],
  [403, directory('Not enabled', 'accessNotConfigured'), 'SetupProblem', 'google_api_disabled'],
  [404, classroom('Not found', 'NOT_FOUND'), 'Refused', 'google_not_found'],
  [409, classroom('Already exists', 'ALREADY_EXISTS'), 'Refused', 'google_already_exists'],
  [409, directory('Entity already exists.', 'duplicate'), 'Refused', 'google_already_exists'],
  [412, directory('User creation is not complete.', 'conditionNotMet'), 'Refused', 'google_account_not_ready'],
  [412, directory('Precondition', 'conditionNotMet'), 'Moved', 'google_moved'],
  [429, classroom('Quota', 'RESOURCE_EXHAUSTED'), 'Wait', 'google_asks_to_wait'],
  [500, classroom('Internal', 'INTERNAL'), 'Unwell', 'google_unwell'],
  [503, '<html>', 'Unwell', 'google_unwell'],
  [403, `<html>${secret}`, 'UnexpectedShape', 'google_unexpected_answer'],
  [404, '<html>', 'UnexpectedShape', 'google_unexpected_answer'],
];

void describe('a refusal of Google', () => {
  for (const [status, body, name, code] of cases) {
    void it(`with ${status} and ${code} is a ${name}, and quotes nobody`, () => {
      const found = problem(status, body);
      assert.equal(found.name, name);
      assert.equal(found.code, code);
      assert.ok(found.remedy.length > 10);
      assert.doesNotMatch(JSON.stringify([found.message, found.remedy, found.details, found.cause]), /zoe/);
    });
  }

  void it('is waited for as long as it says, else for some seconds', () => {
    const until = (headers: object) => {
      const found = problem(429, classroom('Quota', 'RESOURCE_EXHAUSTED'), headers);
      assert.ok('until' in found && found.until instanceof Date);
      return (found.until.getTime() - clock.now().getTime()) / 1_000;
    };
    assert.equal(until({ 'retry-after': '30' }), 30);
    assert.equal(until({ 'retry-after': 'Tue, 01 Sep 2026 08:02:00 GMT' }), 120);
    assert.ok(until({}) > 0 && until({}) < 60);
  });
});

void describe('an error of the client library', () => {
  void it('gives way to the problem that our door found', () => {
    const unreachable = new Unwell({ code: 'provider_unreachable', message: 'No.', remedy: 'None.' });
    assert.equal(problemOf(Object.assign(new Error('x', { cause: unreachable }), { config: {} }), asked), unreachable);
  });

  void it('is never passed on with its request, which names people and carries the token', () => {
    const mistake = new RangeError('a mistake of ours');
    const given = Object.assign(new Error('x', { cause: mistake }), { config: { url: `/students/${secret}` } });
    assert.equal(problemOf(given, asked), mistake);
  });

  void it('that is a mistake of ours stays one', () => {
    const mistake = new Error('Missing required parameters: id');
    assert.equal(problemOf(mistake, asked), mistake);
  });
});

void describe('a refused sign-in', () => {
  const refused = (status: number, error: string) =>
    signInProblem({ status, data: { error, error_description: secret }, headers: new Headers() }, asked);

  for (const [status, error, name] of [
    [400, 'invalid_grant', 'SignInNeeded'],
    [401, 'unauthorized_client', 'SignInNeeded'],
    [401, 'invalid_client', 'SignInNeeded'],
    [403, 'access_denied', 'NotPermitted'],
    [400, 'invalid_scope', 'SetupProblem'],
    [503, 'server_error', 'Unwell'],
    [429, 'slow_down', 'Wait'],
  ] as const) {
    void it(`with ${error} is a ${name}`, () => {
      const found = refused(status, error);
      assert.ok(found instanceof ProviderProblem);
      assert.equal(found.name, name);
      assert.doesNotMatch(found.message + found.remedy + JSON.stringify(found.details), /zoe/);
    });
  }

  void it('that is a web page is nothing of Google’s', () => {
    assert.equal(signInProblem({ status: 403, data: '<html>', headers: new Headers() }, asked).name, 'UnexpectedShape');
  });
});
