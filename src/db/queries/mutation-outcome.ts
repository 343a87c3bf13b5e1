/** What came of mutations, for whoever tries one a second time under the same key. */
import type { Sql, TransactionSql } from '../client.ts';

/** One intent of one caller. */
export interface Attempt {
  readonly tenantId: string;
  readonly caller: string;
  readonly mutation: string;
  readonly keyHash: Buffer;
  readonly inputHash: Buffer;
  readonly now: Date;
  /** How long its outcome is kept. */
  readonly until: Date;
}

export interface KeptOutcome {
  readonly inputHash: Buffer;
  readonly outcome: unknown;
}

/**
 * Takes the key for this transaction, or answers what is kept under it. While another transaction works under it, this
 * waits for that one's end, as long as a statement may take.
 */
export async function claimOutcome(tx: TransactionSql, attempt: Attempt): Promise<KeptOutcome | undefined> {
  for (;;) {
    await tx`set local lock_timeout = 0`;
    const { count } = await tx`
      insert into mutation_outcome (tenant_id, caller, mutation, key_hash, input_hash, until)
      values (${attempt.tenantId}, ${attempt.caller}, ${attempt.mutation}, ${attempt.keyHash}, ${attempt.inputHash},
              ${attempt.until})
      on conflict (tenant_id, caller, mutation, key_hash) do update
        set input_hash = excluded.input_hash, outcome = null, until = excluded.until
        where mutation_outcome.until <= ${attempt.now}`;
    await tx`set local lock_timeout to default`;
    if (count > 0) return undefined;
    const kept = await findOutcome(tx, attempt);
    if (kept) return kept;
    // It was forgotten between the two statements: it is ours now.
  }
}

/** What is kept under the key. */
export async function findOutcome(tx: TransactionSql, attempt: Attempt): Promise<KeptOutcome | undefined> {
  const [row] = await tx<KeptOutcome[]>`
    select input_hash as "inputHash", outcome from mutation_outcome
    where caller = ${attempt.caller} and mutation = ${attempt.mutation} and key_hash = ${attempt.keyHash}
      and until > ${attempt.now}`;

  return row;
}

/** Writes down what came of the intent that this transaction has claimed. */
export async function keepOutcome(tx: TransactionSql, attempt: Attempt, outcome: unknown): Promise<void> {
  await tx`
    update mutation_outcome set outcome = ${JSON.stringify(outcome)}
    where caller = ${attempt.caller} and mutation = ${attempt.mutation} and key_hash = ${attempt.keyHash}`;
}

/** Forgets at most `limit` of what was kept long enough, of all tenants; answers how many. Relies on `mutation_outcome_until`. */
export async function forgetOutcomes(system: Sql, limit: number): Promise<number> {
  const { count } = await system`
    delete from mutation_outcome
     where (tenant_id, caller, mutation, key_hash) in (
       select tenant_id, caller, mutation, key_hash from mutation_outcome
        where until < now() - interval '1 hour' order by until limit ${limit})`;

  return count;
}
