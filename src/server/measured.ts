/** Operations as operators measure them, see `model/telemetry.ts`. */
import { type ExecutionResult, GraphQLError } from 'graphql';
import { type OperationFacts, operations } from '../model/telemetry.ts';

/** Answers, or throws, what `work` does; its errors have their codes already. */
export function measured<Answer extends object>(
  of: Omit<OperationFacts, 'outcome'>,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (!operations.hasSubscribers) return work();
  const facts: OperationFacts = { ...of, outcome: 'OK' };
  const told = async () => {
    try {
      const answer = await work();
      // A stream of results has no errors: it has begun.
      if ('errors' in answer) facts.outcome = codeOf((answer as ExecutionResult).errors?.[0]);
      return answer;
    } catch (error) {
      facts.outcome = codeOf(error);
      throw error;
    }
  };

  return operations.tracePromise(told, facts);
}

function codeOf(error: unknown): string {
  if (error === undefined) return 'OK';

  return error instanceof GraphQLError ? String(error.extensions.code) : 'INTERNAL';
}
