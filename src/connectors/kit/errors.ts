/** What can go wrong at a provider, classed by what happens next; every connector throws these and nothing else. */

export interface ProblemFacts {
  /** Stable and machine-readable: `oneroster_not_found_at_address`. */
  code: string;
  /** One sentence for an administrator; no personal data, no secrets, no addresses of ours. */
  message: string;
  /** What the person can do about it. */
  remedy: string;
  /** For the log: HTTP status, the provider's own error name; redacted already. */
  details?: Readonly<Record<string, string | number | boolean | null>>;
  cause?: unknown;
}

/** Common shape of everything a provider can do to us; the class says what happens next. */
export abstract class ProviderProblem extends Error {
  abstract readonly next: 'setup' | 'sign-in' | 'permission' | 'wait' | 'retry' | 'record' | 'shape' | 'moved';
  readonly code: string;
  readonly remedy: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;

  constructor(facts: ProblemFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = facts.code;
    this.remedy = facts.remedy;
    this.details = facts.details ?? {};
  }
}

/** The settings cannot work: a wrong address, a module that is not licensed. The run stops until somebody changes them. */
export class SetupProblem extends ProviderProblem {
  override readonly name = 'SetupProblem';
  readonly next = 'setup' as const;
}

/** The provider refused our credentials. The run stops; an administrator must sign in again. */
export class SignInNeeded extends ProviderProblem {
  override readonly name = 'SignInNeeded';
  readonly next = 'sign-in' as const;
}

/** The credentials are good but lack a right. The run stops where the right is needed. */
export class NotPermitted extends ProviderProblem {
  override readonly name = 'NotPermitted';
  readonly next = 'permission' as const;
}

/** The provider asks for patience: the same call is repeated at `until`. */
export class Wait extends ProviderProblem {
  override readonly name = 'Wait';
  readonly next = 'wait' as const;
  readonly until: Date;

  constructor(facts: ProblemFacts & { until: Date }) {
    super(facts);
    this.until = facts.until;
  }
}

/** No answer, a broken answer or a 5xx: tried again a few times, then the run fails and the next one tries anew. */
export class Unwell extends ProviderProblem {
  override readonly name = 'Unwell';
  readonly next = 'retry' as const;
}

/** The provider understood and said no to this one record; the run goes on. */
export class Refused extends ProviderProblem {
  override readonly name = 'Refused';
  readonly next = 'record' as const;
}

/** The answer is not what this provider answers: a login page, a truncated list. Nothing of it is believed. */
export class UnexpectedShape extends ProviderProblem {
  override readonly name = 'UnexpectedShape';
  readonly next = 'shape' as const;
}

/** The record changed between our look and our write (a 412): read again, plan again; the run goes on. */
export class Moved extends ProviderProblem {
  override readonly name = 'Moved';
  readonly next = 'moved' as const;
}
