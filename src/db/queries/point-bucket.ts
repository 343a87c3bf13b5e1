/** Points that callers of the API spend, in buckets that all gateways draw from, on the database's clock. */
import type { TransactionSql } from '../client.ts';
import type { Bucket } from './token-bucket.ts';

export interface Drawn {
  readonly granted: number;
  /** What is left in the bucket. */
  readonly left: number;
}

/**
 * Takes `want` points, or what there is when that is at least `need`, or nothing. The row's lock orders those who draw at
 * the same time. Commit at once: the next gateway waits for it.
 *
 * @param name of the bucket, within the tenant.
 */
export async function drawPoints(
  tx: TransactionSql,
  tenantId: string,
  name: string,
  { need, want }: { need: number; want: number },
  { capacity, perSecond }: Bucket,
): Promise<Drawn> {
  const [row] = await tx<{ granted: number; left: number }[]>`
    with filled as (
      insert into token_bucket as bucket (tenant_id, name, tokens, refilled_at)
      values (${tenantId}, ${name}, ${capacity}::float8, date_trunc('milliseconds', clock_timestamp()))
      on conflict (tenant_id, name) do update
        set (tokens, refilled_at) = (
          select least(
                   ${capacity}::float8,
                   bucket.tokens + ${perSecond}::float8 * greatest(0, extract(epoch from now - bucket.refilled_at))
                 ),
                 now
          from (select date_trunc('milliseconds', clock_timestamp()) as now) as reading
        )
      returning tokens
    )
    select tokens as left, case when tokens >= ${want}::float8 then ${want}::float8
                                when tokens >= ${need}::float8 then floor(tokens) else 0 end as granted
    from filled`;
  const { granted = 0, left = 0 } = row ?? {};
  if (granted > 0)
    await tx`update token_bucket set tokens = tokens - ${granted} where tenant_id = ${tenantId} and name = ${name}`;

  return { granted, left: left - granted };
}
