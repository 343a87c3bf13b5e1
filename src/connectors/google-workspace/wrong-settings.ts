/** What it means when Google does not know the customer or the domain that stands in the settings. */
import { Refused, SetupProblem } from '../kit/errors.ts';

/** For lists of a customer's accounts: what Google refuses of such a list is the customer. Anything else stays as it is. */
export function asUnknownCustomer(problem: unknown): unknown {
  if (!(problem instanceof Refused)) return problem;

  return new SetupProblem({
    code: 'google_unknown_customer',
    message: 'Google does not know the customer in the settings, or does not show it to the account we act as.',
    remedy: 'Enter my_customer, or the customer id that the Google Admin console shows under account settings.',
    details: problem.details,
  });
}

/** For lists of a domain's accounts: what Google refuses of such a list is the domain. Anything else stays as it is. */
export function asForeignDomain(problem: unknown): unknown {
  if (!(problem instanceof Refused)) return problem;

  return new SetupProblem({
    code: 'google_foreign_domain',
    message: 'The domain in the settings is not one of the Google customer that the account we act as belongs to.',
    remedy: 'Correct the domain in the settings, or connect with an administrator of that domain.',
    details: problem.details,
  });
}
