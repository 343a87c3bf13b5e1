/** One named check of a probe. */
import type { Check } from './contract.ts';
import { ProviderProblem } from './errors.ts';

/**
 * @param look answers what was found well, in a sentence; what the provider refuses becomes the check's message and remedy.
 * @throws what is no provider's problem: the signal's reason, or a mistake of ours.
 */
export async function check(name: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, message: await look(), remedy: null };
  } catch (error) {
    if (!(error instanceof ProviderProblem)) throw error;
    return { name, ok: false, message: error.message, remedy: error.remedy };
  }
}
