// Google's own ways of saying "later" or "no", for fault switches of kind `provider`.
import type { Answer, SimulatorRequest } from '../kit/exchange.ts';
import { type Api, newShape, oldShape } from './errors.ts';

/** Which API a path belongs to. */
export function apiOf(path: string): Api {
  return path.startsWith('/admin/') ? 'directory' : 'classroom';
}

const precondition = (message: string) => () => newShape('FAILED_PRECONDITION', message);
const denied = (message: string) => () => newShape('PERMISSION_DENIED', message);

export const providerFaults = {
  /** 403, each API in its own shape. */
  rateLimitExceeded: ({ path }) => rateAnswer(apiOf(path), 'rateLimitExceeded', 'Rate Limit Exceeded'),
  rateLimitExceededNewShape: () => rateAnswer('classroom', 'rateLimitExceeded', 'Rate Limit Exceeded'),
  rateLimitExceededOldShape: () => rateAnswer('directory', 'rateLimitExceeded', 'Rate Limit Exceeded'),
  userRateLimitExceeded: ({ path }) => rateAnswer(apiOf(path), 'userRateLimitExceeded', 'User Rate Limit Exceeded'),
  quotaExceeded: ({ path }) => rateAnswer(apiOf(path), 'quotaExceeded', 'Request rate higher than configured.'),
  classroomDisabled: denied('@ClassroomDisabled The user is not permitted to access Classroom.'),
  classroomApiDisabled: denied('@ClassroomApiDisabled The caller is not allowed to access the Classroom API.'),
  courseNotModifiable: precondition('@CourseNotModifiable The course is in a state that does not allow changes.'),
  transferIncomplete: precondition(
    '@CannotRemoveCourseOwnerTransferIncomplete The ownership transfer of the course is not complete yet.',
  ),
  userCreationNotComplete: () => oldShape(412, 'conditionNotMet', 'User creation is not complete.'),
  /** For the token endpoint. */
  invalidGrant: () => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
  }),
} satisfies Readonly<Record<string, (request: SimulatorRequest) => Answer>>;

function rateAnswer(api: Api, reason: string, message: string): Answer {
  return api === 'classroom'
    ? newShape('PERMISSION_DENIED', message, { reason, domain: 'usageLimits' })
    : oldShape(403, reason, message, 'usageLimits');
}
