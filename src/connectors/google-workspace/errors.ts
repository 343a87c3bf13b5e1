/** What Google's refusals mean for a sync: its answers and the client library's errors, classed by what happens next. */
import { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import { classify } from '../kit/classify.ts';
import {
  NotPermitted,
  type ProblemFacts,
  type ProviderProblem,
  Refused,
  SetupProblem,
  UnexpectedShape,
} from '../kit/errors.ts';
import { namedProblem } from './named-errors.ts';

export interface Answer {
  status: number;
  headers: Headers;
  /** The body: parsed where it was JSON, else as text. */
  data: unknown;
}

/** What was asked, to tell people about it: `doing` completes "Homeroom cannot …". */
export interface Asked {
  doing: string;
  clock: Clock;
}

type Details = ProblemFacts['details'] & object;

const reasoned = z.array(z.object({ reason: z.string().optional().catch(undefined) })).catch([]);

/** Both of Google's shapes: Classroom's with a canonical `status`, Directory's with a reason in `errors` only. */
const errorBody = z.object({
  error: z.object({
    message: z.string().catch(''),
    status: z.string().optional().catch(undefined),
    errors: reasoned.optional(),
    details: reasoned.optional(),
  }),
});

/** "Directory API: Limits and Quotas", "Handle API errors": with one of these a 403 says what a 429 does. */
const rateReasons = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'quotaExceeded',
  'dailyLimitExceeded',
  'RATE_LIMIT_EXCEEDED',
]);
const scopeReasons = new Set(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);
const disabledReasons = new Set(['accessNotConfigured', 'SERVICE_DISABLED']);

/**
 * The problem behind whatever a call of the client library threw. A mistake of ours comes back as it is, but never the
 * library's own error: that one carries the whole request, with its token and the people in it.
 */
export function problemOf(error: unknown, asked: Asked): unknown {
  if (!(error instanceof Error) || !('config' in error)) return error;

  const { response } = error as { response?: Answer };
  return response === undefined
    ? (error.cause ?? new Error('The client library gave up.'))
    : problemOfAnswer(response, asked);
}

/**
 * The problem that an answer outside 2xx stands for. Google's own words may name people, so they end here; its names and
 * reasons go on in `details`.
 */
export function problemOfAnswer({ status, headers, data }: Answer, { doing, clock }: Asked): ProviderProblem {
  const body = errorBody.safeParse(data).data?.error;
  const reasons = [...(body?.errors ?? []), ...(body?.details ?? []), { reason: body?.status }].flatMap(
    ({ reason }) => reason ?? [],
  );
  const reason = reasons.find((text) => /^\w{1,64}$/.test(text));
  const details: Details = { status, ...(reason !== undefined && { reason }) };
  const has = (known: ReadonlySet<string>) => status === 403 && reasons.some((text) => known.has(text));
  const plain = (as: number) =>
    classify({ status: as, headers }, { provider: 'google', name: 'Google', doing, clock, reason });

  if (has(rateReasons)) return plain(429);
  if (status >= 500 || status === 429 || status === 408) return plain(status);
  if (body === undefined) return notGoogle(details);

  const byName = namedProblem(body.message, details);
  if (byName !== undefined) return byName;
  if (has(disabledReasons)) return apiDisabled(details);
  if (has(scopeReasons)) return scopeMissing(details);
  if (status === 409) return alreadyThere(details);
  if (body.status === 'FAILED_PRECONDITION') return failedPrecondition(details);
  // A 412, but nothing changed meanwhile: the account is being made.
  if (body.message.includes('User creation is not complete')) return accountNotReady(details);

  return plain(status);
}

/** Whether Google said that the thing is not there, or not for us. */
export function isNotFound(problem: unknown): boolean {
  return problem instanceof Refused && problem.code === 'google_not_found';
}

/** Whether Google said that such a thing is there already. */
export function isAlreadyThere(problem: unknown): boolean {
  return problem instanceof Refused && problem.code === 'google_already_exists';
}

/** An answer that is no answer of Google's: a login page, half a document. Nothing of it is believed. */
export function notGoogle(details: Details): UnexpectedShape {
  return new UnexpectedShape({
    code: 'google_unexpected_answer',
    message: 'The answer is not one that Google gives: something between us and Google may have answered instead.',
    remedy: 'Check the API address in the settings and any proxy on the way, then try again.',
    details,
  });
}

function apiDisabled(details: Details): SetupProblem {
  return new SetupProblem({
    code: 'google_api_disabled',
    message: 'The Google Cloud project of our credentials has not switched this API on.',
    remedy: 'In the Google Cloud console, enable the Google Classroom API and the Admin SDK API for the project.',
    details,
  });
}

function scopeMissing(details: Details): NotPermitted {
  return new NotPermitted({
    code: 'google_scope_missing',
    message: 'Our sign-in lacks a scope that this needs.',
    remedy: 'Authorise every scope that the documentation of this connector lists, then connect again.',
    details,
  });
}

function alreadyThere(details: Details): Refused {
  return new Refused({
    code: 'google_already_exists',
    message: 'Google says that this exists already.',
    remedy: 'Look for it in Google; remove the double, then sync again.',
    details,
  });
}

function failedPrecondition(details: Details): Refused {
  return new Refused({
    code: 'google_failed_precondition',
    message: 'Google does not allow this in the present state of the course or of the account.',
    remedy: 'Check in Google that the account is not suspended and that the course is active.',
    details,
  });
}

function accountNotReady(details: Details): Refused {
  return new Refused({
    code: 'google_account_not_ready',
    message: 'The account is so new that Google does not let it be changed yet.',
    remedy: 'Nothing to do: the next sync tries again.',
    details,
  });
}
