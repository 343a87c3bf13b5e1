/** Quotas of providers as buckets of calls that all processes draw from, on the database's clock. */
import type { TransactionSql } from '../client.ts';

export interface Bucket {
  /** Calls it holds when full, at which it begins. */
  readonly capacity: number;
  readonly perSecond: number;
}

/** `granted` calls may be made once `waitMs` milliseconds have passed. */
export interface Taken {
  readonly granted: number;
  readonly waitMs: number;
}

/**
 * Takes `want` calls, which are always granted: where the bucket holds fewer it goes below zero, and they are to be used
 * when it would have been back there. So who waits has a place in the queue and does not ask again, and nobody is passed
 * over. What is taken and never used is lost.
 *
 * The row's lock orders those who ask at the same time, and the clock is read once under that lock; set back, it fills
 * nothing and goes on from there. Commit at once: the next process waits for it.
 */
export async function takeCalls(
  tx: TransactionSql,
  tenantId: string,
  name: string,
  want: number,
  { capacity, perSecond }: Bucket,
): Promise<Taken> {
  const [row] = await tx<{ tokens: number }[]>`
    insert into token_bucket as bucket (tenant_id, name, tokens, refilled_at)
    values (${tenantId}, ${name}, ${capacity}::float8 - ${want}::float8, date_trunc('milliseconds', clock_timestamp()))
    on conflict (tenant_id, name) do update
      set (tokens, refilled_at) = (
        select least(
                 ${capacity}::float8,
                 bucket.tokens + ${perSecond}::float8 * greatest(0, extract(epoch from now - bucket.refilled_at))
               ) - ${want}::float8,
               now
        from (select date_trunc('milliseconds', clock_timestamp()) as now) as reading
      )
    returning tokens`;
  const tokens = row?.tokens ?? 0;

  return { granted: want, waitMs: tokens >= 0 ? 0 : Math.ceil((-tokens / perSecond) * 1000) };
}
