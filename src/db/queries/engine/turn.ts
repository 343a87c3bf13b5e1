/** Whose turn it is: of an integration's two runs under way, one a lane, one at a time plans and writes (ADR 16). */
import type { TransactionSql } from '../../client.ts';
import { LostClaim, orphaned, type RunRow } from './run.ts';

type Run = Pick<RunRow, 'tenantId' | 'integrationId' | 'id' | 'claim' | 'lane'>;

interface Rival {
  id: string;
  hasTurn: boolean;
  /** It has planned and waits for the turn, or has it. */
  applying: boolean;
}

/** Runs of the integration under way in other lanes, as far as somebody is at them. */
async function rivals(tx: TransactionSql, run: Run): Promise<Rival[]> {
  return tx<Rival[]>`
    select r.id, r.has_turn as "hasTurn", r.phase = 'APPLYING' as applying from sync_run r
    where r.tenant_id = ${run.tenantId} and r.integration_id = ${run.integrationId} and r.status = 'RUNNING'
      and r.id <> ${run.id} and not ${orphaned(tx, 'r')}`;
}

/** A quick run goes in between; a bulk run lets it, whenever it has planned. */
function mayGo(run: Run, others: readonly Rival[]): boolean {
  return others.every((other) => !other.hasTurn && (run.lane === 'QUICK' || !other.applying));
}

/** Whether the run may go on writing: it has the turn, and nobody it gives way to waits for it. */
export async function keepsTurn(tx: TransactionSql, run: Run): Promise<boolean> {
  const [mine] = await tx<{ hasTurn: boolean }[]>`
    select has_turn as "hasTurn" from sync_run where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim}`;
  if (!mine?.hasTurn) return false;

  return run.lane === 'QUICK' || mayGo(run, await rivals(tx, run));
}

/** Lets go of the turn. */
export async function giveTurn(tx: TransactionSql, run: Run): Promise<void> {
  await tx`
    update sync_run set has_turn = false
    where tenant_id = ${run.tenantId} and id = ${run.id} and claim = ${run.claim} and has_turn`;
}

/**
 * Takes the turn if nobody else has it and nobody comes before; false else. From one whose worker is gone the claim is taken
 * too: should that worker wake, it neither writes nor calls, and another one goes on with the run.
 */
export async function takeTurn(tx: TransactionSql, run: Run): Promise<boolean> {
  // In the order of their ids: two that want it at once do not wait for each other in a circle.
  const live = await tx<{ id: string; claim: number }[]>`
    select id, claim from sync_run
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and status = 'RUNNING' order by id for update`;
  if (!live.some(({ id, claim }) => id === run.id && claim === run.claim))
    throw new LostClaim('Another worker has taken this run.');
  if (!mayGo(run, await rivals(tx, run))) return false;
  await tx`
    update sync_run set has_turn = false, claim = claim + 1, worker = null
    where tenant_id = ${run.tenantId} and integration_id = ${run.integrationId} and status = 'RUNNING' and has_turn and id <> ${run.id}`;
  await tx`update sync_run set has_turn = true where tenant_id = ${run.tenantId} and id = ${run.id}`;

  return true;
}
