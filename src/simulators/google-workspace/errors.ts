// Google's two shapes of an error answer: the newer one of Classroom, the older one of Directory.
import { type Answer, Refusal } from '../kit/exchange.ts';

export type Api = 'classroom' | 'directory';

/** Canonical codes with their HTTP status and the reason that stands in `errors`. */
const CODES = {
  INVALID_ARGUMENT: { status: 400, reason: 'badRequest' },
  FAILED_PRECONDITION: { status: 400, reason: 'failedPrecondition' },
  UNAUTHENTICATED: { status: 401, reason: 'authError' },
  PERMISSION_DENIED: { status: 403, reason: 'forbidden' },
  NOT_FOUND: { status: 404, reason: 'notFound' },
  ALREADY_EXISTS: { status: 409, reason: 'alreadyExists' },
  RESOURCE_EXHAUSTED: { status: 429, reason: 'rateLimitExceeded' },
  INTERNAL: { status: 500, reason: 'backendError' },
  UNAVAILABLE: { status: 503, reason: 'backendError' },
} as const;

export type Code = keyof typeof CODES;

interface ErrorParts {
  readonly status?: number;
  readonly reason?: string;
  readonly domain?: string;
  readonly details?: readonly unknown[];
}

/** The newer shape: canonical `status`, `errors` for old clients, `details`. */
export function newShape(code: Code, message: string, parts: ErrorParts = {}): Answer {
  const { status = CODES[code].status, reason = CODES[code].reason, domain = 'global', details } = parts;
  return {
    status,
    json: {
      error: {
        code: status,
        message,
        errors: [{ message, domain, reason }],
        status: code,
        ...(details && { details }),
      },
    },
  };
}

/** The older shape: a reason in `errors`, no canonical status. */
export function oldShape(status: number, reason: string, message: string, domain = 'global'): Answer {
  return { status, json: { error: { code: status, message, errors: [{ message, domain, reason }] } } };
}

/** Classroom refuses. */
export function classroomRefusal(code: Code, message: string): Refusal {
  return new Refusal(newShape(code, message));
}

/** Directory refuses. */
export function directoryRefusal(status: number, reason: string, message: string): Refusal {
  return new Refusal(oldShape(status, reason, message));
}

export const NOT_FOUND = 'Requested entity was not found.';
export const NO_PERMISSION = 'The caller does not have permission';

/** What each API says about a plain HTTP status, for fault switches. */
export function statusAnswer(api: Api, status: number): Answer {
  const code = (Object.keys(CODES) as Code[]).find((name) => CODES[name].status === status);
  const message = MESSAGES[status] ?? 'Internal error encountered.';
  if (api === 'classroom') return newShape(code ?? 'INTERNAL', message, { status });

  return oldShape(status, OLD_REASONS[status] ?? 'backendError', message);
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'Request contains an invalid argument.',
  401: 'Request had invalid authentication credentials.',
  403: NO_PERMISSION,
  404: NOT_FOUND,
  409: 'Requested entity already exists',
  412: 'Precondition check failed.',
  429: 'Quota exceeded.',
  503: 'The service is currently unavailable.',
};

const OLD_REASONS: Readonly<Record<number, string>> = {
  400: 'invalid',
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  409: 'duplicate',
  412: 'conditionNotMet',
  429: 'rateLimitExceeded',
};
