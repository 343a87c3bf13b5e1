/** The captured statements by what they read, and the parameters that depend on what was read before. */
import type { Statement } from './capture.ts';

const tables = {
  schools: /\bfrom school\b/,
  integrations: /\bfrom integration\b/,
  conflicts: /\bfrom sync_conflict\b/,
  runs: /\bfrom sync_run\b/,
  logs: /\bfrom sync_log\b/,
} as const;

export type Statements = Readonly<Record<keyof typeof tables, Statement>>;

/** @throws when the product asks something else by now: then the hand-written side must learn it, too. */
export function sortStatements(captured: readonly Statement[]): Statements {
  const sorted = Object.entries(tables).map(([name, table]) => {
    const found = captured.filter(({ text }) => table.test(text));
    const [only] = found;
    if (only === undefined || found.length > 1) throw new Error(`The Dashboard reads ${name} ${found.length} times.`);
    return [name, only] as const;
  });
  if (captured.length !== sorted.length) throw new Error(`The Dashboard takes ${captured.length} statements.`);
  return Object.fromEntries(sorted) as unknown as Statements;
}

/** The parameters for these parents: of a statement about many parents, the list is theirs. */
export function parametersFor({ parameters }: Statement, parentIds: readonly string[]): unknown[] {
  return parameters.map((parameter) => (Array.isArray(parameter) ? parentIds : parameter));
}
