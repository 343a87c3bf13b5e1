/** Which class of error a status is: the one place that decides what happens next. */
import type { Clock } from '../../model/clock.ts';
import {
  Moved,
  NotPermitted,
  type ProblemFacts,
  type ProviderProblem,
  Refused,
  SetupProblem,
  SignInNeeded,
  Unwell,
  Wait,
} from './errors.ts';

/** What was asked, to tell people about it. Nothing here may be personal or secret. */
export interface Asked {
  /** The connector's id: begins the codes. */
  provider: string;
  /** The provider's name, as people say it: "the SIS", "Google". */
  name: string;
  /** What we were about to do, after "cannot": "read classes". */
  doing: string;
  clock: Clock;
  /** The provider's own name for the error, where it sends one that is safe to log. */
  reason?: string | undefined;
  /** What it means here that something is not found. Default: `Refused`, one record that cannot be written. */
  notFound?: ((facts: ProblemFacts) => ProviderProblem) | undefined;
}

/** Milliseconds: how long a `Retry-After` is obeyed at most, and how long we wait when a 429 has none that makes sense. */
const longestRetryAfter = 3_600_000;
const usualRetryAfter = 5_000;

/**
 * The error for a response that is not a success. 401 is `SignInNeeded`: the caller has tried a fresh token already. A 429,
 * and any 5xx with a `Retry-After`, is a `Wait`.
 */
export function classify(response: Pick<Response, 'status' | 'headers'>, asked: Asked): ProviderProblem {
  const { status, headers } = response;
  const { provider, name, doing, clock, reason } = asked;
  const facts = (code: string, why: string, remedy: string): ProblemFacts => ({
    code: `${provider}_${code}`,
    message: `Homeroom cannot ${doing}: ${why}`,
    remedy,
    details: { status, ...(reason !== undefined && { reason }) },
  });
  const passes = `Nothing to do if it passes by itself; otherwise ask those who run ${name}.`;

  const until = status === 429 || status >= 500 ? retryAfter(headers.get('retry-after'), clock) : undefined;
  if (status === 429 || until !== undefined) {
    const resume = until ?? new Date(clock.now().getTime() + usualRetryAfter);
    return new Wait({
      ...facts('asks_to_wait', `${name} asks us to wait.`, 'Nothing to do: it goes on by itself.'),
      until: resume,
    });
  }
  if (status >= 500 || status === 408 || status === 425) {
    return new Unwell(facts('unwell', `${name} has trouble (status ${status}).`, passes));
  }

  switch (status) {
    case 401:
      return new SignInNeeded(
        facts(
          'sign_in_refused',
          `${name} does not accept the credentials.`,
          'Enter the credentials again, or ask for new ones.',
        ),
      );
    case 403:
      return new NotPermitted(
        facts(
          'not_permitted',
          'the credentials lack the right to do so.',
          `Give this right to the account that Homeroom uses at ${name}.`,
        ),
      );
    case 404:
      return notFound(
        asked,
        facts('not_found', `${name} has no such thing.`, `Check the settings and what ${name} offers.`),
      );
    case 412:
      return new Moved(facts('moved', 'it changed there in the meantime.', 'Nothing to do: it is read again.'));
    default:
  }
  if (status >= 300 && status < 400) {
    return new SetupProblem(facts('redirected', 'the address sends us on to another one.', 'Enter the final address.'));
  }
  return new Refused(
    facts(
      'refused',
      `${name} refused it (status ${status}).`,
      `Look at this record in ${name}, or ask those who run it.`,
    ),
  );
}

function notFound({ notFound: make }: Asked, facts: ProblemFacts): ProviderProblem {
  return make === undefined ? new Refused(facts) : make(facts);
}

/** When a `Retry-After` (seconds or an HTTP date) lets us go on, at most an hour away; undefined for none or nonsense. */
export function retryAfter(header: string | null, clock: Clock): Date | undefined {
  const text = header?.trim() ?? '';
  const now = clock.now().getTime();
  const delay = /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now;
  if (Number.isNaN(delay)) return undefined;

  return new Date(now + Math.min(longestRetryAfter, Math.max(0, delay)));
}

/** The three forms of RFC 9110 all begin with the name of a day; `Date.parse` alone takes many things for dates. */
function httpDate(text: string): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) : Number.NaN;
}
