/** What OneRoster servers say when they refuse, read leniently: nearly every one of them has its own form of it. */
import type { Clock } from '../../model/clock.ts';
import { classify } from '../kit/classify.ts';
import { type ProblemFacts, type ProviderProblem, SetupProblem, UnexpectedShape } from '../kit/errors.ts';

export const about = { provider: 'oneroster', name: 'the SIS' };

/** The words of the standard, 1.1 and 1.2, that are safe to log; anything else in an error may be personal. */
const codes = new Set([
  'deletefailure',
  'forbidden',
  'full_success',
  'internal_server_error',
  'invalid_blank_selection_field',
  'invalid_data',
  'invalid_filter_field',
  'invalid_selection_field',
  'invalid_sort_field',
  'invaliddata',
  'server_busy',
  'unauthorized',
  'unauthorisedrequest',
  'unknownobject',
]);

/** The problem that a refusing response means; `doing` follows "cannot". */
export async function problemOf(response: Response, doing: string, clock: Clock): Promise<ProviderProblem> {
  const reason = await readReason(response);
  const notFound = (facts: ProblemFacts) =>
    new SetupProblem({
      ...facts,
      code: 'oneroster_not_found_at_address',
      message: `Homeroom cannot ${doing}: there is no OneRoster service at this address.`,
      remedy:
        'Check address and version. If both are right, ask the provider whether OneRoster is licensed and switched on.',
    });

  return classify(response, { ...about, doing, clock, reason, notFound });
}

/** Every option the server might object to has been left away, and still it refuses. */
export function requestRefused(doing: string, details: ProblemFacts['details']): SetupProblem {
  return new SetupProblem({
    code: 'oneroster_request_refused',
    message: `Homeroom cannot ${doing}: the SIS does not understand a plain OneRoster request.`,
    remedy: 'Check the version in the settings, and ask the provider whether this address serves OneRoster over REST.',
    ...(details && { details }),
  });
}

/** The pages of a collection do not add up, so nothing may be concluded from what they lack. */
export function pagesWrong(collection: string, why: string, details: ProblemFacts['details'] = {}): UnexpectedShape {
  return new UnexpectedShape({
    code: 'oneroster_pages_wrong',
    message: `Homeroom cannot read ${collection} completely: ${why}`,
    remedy: 'It is tried again by the next sync. If it stays, try another page size, and tell the provider.',
    details,
  });
}

/**
 * The standard's word for why, from a body in any of the forms that are about: `imsx_CodeMinor` or `imsx_codeMinor` or
 * without the prefix, an object or a text, by itself or in lists. Undefined for HTML, nothing, or words we do not know.
 */
async function readReason(response: Response): Promise<string | undefined> {
  const text = await response.text();
  try {
    return findCode(JSON.parse(text), 6);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function findCode(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return codes.has(value.toLowerCase()) ? value.toLowerCase() : undefined;
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;

  for (const [key, inner] of Object.entries(value)) {
    const leads = Array.isArray(value) || /code_?minor|statusinfo|errors?$/i.test(key);
    const found = leads ? findCode(inner, depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
