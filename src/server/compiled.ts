/** Runs queries that come again and again as functions made of them once, in place of walking through their document each time. */
import { BREAK, type DocumentNode, type ExecutionArgs, type ExecutionResult, execute, Kind, visit } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';

/** Runs it once, with a context of its own. Called a second time only when what it answered had errors. */
export type Attempt = (
  run: (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>,
) => Promise<ExecutionResult>;

interface Known {
  /** How often it came. */
  runs: number;
  compiled: CompiledQuery | null;
  /** The last answer had errors: then graphql-js answers the next, too. */
  erred: boolean;
}

/** Making the function takes as long as some ten runs save. */
const compiledFrom = 5;

export interface CompiledQueries {
  /** Only for queries: one that answers with errors is run again. */
  run(args: ExecutionArgs, attempt: Attempt): Promise<ExecutionResult>;
}

/**
 * What a compiled query answers is what graphql-js answers, but for the wording and the places of errors: where there are any,
 * graphql-js has the last word. Documents are known as long as somebody else holds them.
 */
export function createCompiledQueries(from = compiledFrom): CompiledQueries {
  const known = new WeakMap<DocumentNode, Map<string, Known>>();

  function knownOf({ document, operationName }: ExecutionArgs): Known {
    const operations = known.get(document) ?? new Map<string, Known>();
    known.set(document, operations);
    const name = operationName ?? '';
    const one = operations.get(name) ?? { runs: 0, compiled: null, erred: false };
    operations.set(name, one);
    return one;
  }

  return {
    async run(args, attempt) {
      const one = knownOf(args);
      one.runs += 1;
      if (one.runs === from) one.compiled = compile(args);
      const { compiled } = one;
      if (compiled !== null && !one.erred) {
        const result = await attempt(({ rootValue, contextValue, variableValues }) =>
          compiled.query(rootValue, contextValue, variableValues),
        );
        if (result.errors === undefined) return result;
      }
      const result = await attempt(execute);
      one.erred = result.errors !== undefined;
      return result;
    },
  };
}

/** Null for what cannot be compiled. */
function compile({ schema, document, operationName }: ExecutionArgs): CompiledQuery | null {
  if (hasFragments(document) && hasConditions(document)) return null;
  const compiled = compileQuery(schema, document, operationName ?? undefined, { disablingCapturingStackErrors: true });

  return isCompiledQuery(compiled) ? compiled : null;
}

/**
 * graphql-jit notes on what condition a field is there at the field itself. One of a fragment that is spread in two places would
 * need the conditions of both, and a fragment that is left out in one place would be missing in the other.
 */
function hasConditions(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive({ name }) {
      found ||= name.value === 'include' || name.value === 'skip';
      return found ? BREAK : undefined;
    },
  });

  return found;
}

function hasFragments({ definitions }: DocumentNode): boolean {
  return definitions.some(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
}
