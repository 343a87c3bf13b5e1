/**
 * What planning writes beside the plan itself: questions, and links that follow. Planners write through here and nowhere
 * else, so that a preview leaves the plan and not one row more.
 */
import type { TransactionSql } from '../db/client.ts';
import {
  askQuestions,
  closeQuestions,
  closeUnasked,
  type Question,
  unresolved,
} from '../db/queries/engine/conflict.ts';
import { moveOverrides } from '../db/queries/engine/edit.ts';
import { agreeWithStaged, changeLinks, forgetLinks, type LinkChange } from '../db/queries/engine/link.ts';
import type { FieldRule } from '../model/sync.ts';
import { tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';

/** Asks a person, or refreshes what is asked. Answers the records nobody was asked about before, also in a preview. */
export async function ask(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  questions: readonly Question[],
): Promise<ReadonlySet<string>> {
  if (!work.writes) {
    const ids = questions.map((question) => question.recordId);
    const known = await unresolved(tx, work.run, flow.name, ids);
    return new Set(ids.filter((id) => !known.has(id)));
  }
  const asked = await askQuestions(tx, work.run, questions, work.engine.clock.now());
  const isNew = asked.filter((each) => each.isNew);
  await tellOf(tx, work, { moved: asked.filter((each) => each.isNew || each.moved), counted: isNew.length > 0 });

  return new Set(isNew.map((each) => each.recordId));
}

export interface Settled {
  recordId: string;
  /** The standing rule that answers; absent or null where both sides agree by themselves. */
  ruledBy?: FieldRule | null | undefined;
}

/** Closes the questions of these records: both sides agree by themselves, or a standing rule has answered. */
export async function closeAsked(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  settled: readonly Settled[],
): Promise<void> {
  if (!work.writes) return;
  for (const [rule, rows] of Map.groupBy(settled, ({ ruledBy }) => ruledBy ?? 'ASK')) {
    const ids = rows.map(({ recordId }) => recordId);
    const resolution = rule === 'ALWAYS_PUSH_LOCAL' ? ('PUSH_LOCAL' as const) : ('ACCEPT_EXTERNAL' as const);
    const decided = rule === 'ASK' ? null : { resolution, by: 'A standing rule' };
    const closed = await closeQuestions(tx, work.run, flow.name, ids, work.engine.clock.now(), decided);
    await tellOf(tx, work, { moved: closed.map((id) => ({ id })), counted: closed.length > 0 });
  }
}

/** What a source says by now against values that a standing rule keeps. */
export async function keepAgainstSource(
  tx: TransactionSql,
  work: Work,
  kept: Parameters<typeof moveOverrides>[2],
): Promise<void> {
  if (work.writes) await moveOverrides(tx, work.run.tenantId, kept);
}

/** Closes the questions about a source's records that came with this run and raise none any more. */
export async function closeAllBut(tx: TransactionSql, work: Work, flow: Flow, asked: readonly string[]): Promise<void> {
  if (!work.writes) return;
  const closed = await closeUnasked(tx, work.run, flow.name, asked, work.engine.clock.now());
  await tellOf(tx, work, { moved: closed.map((id) => ({ id })), counted: closed.length > 0 });
}

/** `counted`: the number of open questions changes too, which the integration shows. */
function tellOf(tx: TransactionSql, { run }: Work, news: { moved: readonly { id: string }[]; counted: boolean }) {
  return tell(tx, run, [
    { kind: 'conflict', ids: news.moved.map(({ id }) => id) },
    { kind: 'integration', parentId: run.integrationId, ids: news.counted ? [run.integrationId] : [] },
  ]);
}

/** A base that follows, a blocker that is told once, a question that is open. */
export async function moveLinks(
  tx: TransactionSql,
  work: Work,
  flow: Flow,
  changes: readonly LinkChange[],
): Promise<void> {
  if (work.writes) await changeLinks(tx, { ...work.run, stream: flow.name }, work.run.id, changes);
}

/** Gone on both sides. */
export async function forget(tx: TransactionSql, work: Work, flow: Flow, recordIds: readonly string[]): Promise<void> {
  if (work.writes) await forgetLinks(tx, { ...work.run, stream: flow.name }, recordIds);
}

/** A source's new content that differs in nothing we keep. */
export async function agree(tx: TransactionSql, work: Work, flow: Flow, keys: readonly string[]): Promise<void> {
  const { tenantId, integrationId, id: runId } = work.run;
  if (work.writes) await agreeWithStaged(tx, { tenantId, integrationId, runId, stream: flow.name }, keys, []);
}
