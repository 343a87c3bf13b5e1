// The answers that a fault switch gives in place of, or on top of, the provider's own.
import type { SimulatorClock } from './clock.ts';
import type { Answer, SimulatorRequest } from './exchange.ts';
import type { Fault } from './faults.ts';

export interface FaultAnswers {
  /** The provider's body for a `status` fault. */
  readonly statusAnswer?: (status: number, request: SimulatorRequest) => Answer;
  /** Answers of the provider's own, set off by a `provider` fault with that name. */
  readonly providerAnswers?: Readonly<Record<string, (request: SimulatorRequest) => Answer>>;
}

/** The answer given in place of the handler's, or undefined when the fault leaves the answer to the handler. */
export function faultyAnswer(
  fault: Fault,
  request: SimulatorRequest,
  answers: FaultAnswers,
  clock: SimulatorClock,
): Answer | undefined {
  switch (fault.kind) {
    case 'status': {
      const answer = answers.statusAnswer?.(fault.status, request) ?? { status: fault.status };
      const retryAfter = retryAfterText(fault.retryAfter, clock);
      return retryAfter === undefined ? answer : withHeader(answer, 'retry-after', retryAfter);
    }
    case 'provider': {
      const make = answers.providerAnswers?.[fault.name];
      if (make === undefined) throw new Error(`there is no provider answer called ${fault.name}`);
      return make(request);
    }
    case 'html':
      return { status: fault.status, headers: { 'content-type': 'text/html; charset=utf-8' }, text: fault.html };
    default:
      return undefined;
  }
}

/** The answer with one header set, moved by a number, or taken away (null). */
export function withHeader(answer: Answer, name: string, value: string | null | { by: number }): Answer {
  const { [name.toLowerCase()]: before, ...rest } = lowerCaseNames(answer.headers ?? {});
  if (value === null) return { ...answer, headers: rest };

  const text = typeof value === 'string' ? value : String(Number(before ?? 0) + value.by);
  return { ...answer, headers: { ...rest, [name.toLowerCase()]: text } };
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function retryAfterText(
  given: number | string | { dateInSeconds: number } | undefined,
  clock: SimulatorClock,
): string | undefined {
  if (typeof given !== 'object') return given?.toString();
  return new Date(clock.now().getTime() + given.dateInSeconds * 1000).toUTCString();
}
