/** First contact at a source: its new records that are ones we have already, from another source or made here. */
import { knownHere } from '../db/queries/engine/adopt.ts';
import { readFieldRules } from '../db/queries/engine/field-rule.ts';
import { type Difference, differences, type SourceScope } from '../db/queries/engine/source.ts';
import { look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { ownersOf } from './owners.ts';
import { draft } from './plan.ts';
import { planDifference } from './plan-source.ts';
import { page, type Recorder } from './record.ts';

/**
 * Plans a link, and what its fields come to, for each staged record that exactly one of ours says the same as. What is
 * alike to several counts as new: a source's records are never merged by guesswork.
 */
export async function planKnownRecords(work: Work, flow: Flow, scope: SourceScope, recorder: Recorder): Promise<void> {
  const { tenantId, schoolId, integrationId } = work.run;
  const rules = await look(work, (tx) => readFieldRules(tx, work.run, flow.stream.entity));
  const taken = new Set<string>();
  for (const { by, adopt } of flow.stream.match ?? []) {
    if (adopt !== 'link') continue;
    const all = await look(work, (tx) => knownHere(tx, { ...scope, schoolId }, by, flow.refStreams));
    const pairs = all.filter(({ key, recordId }) => !taken.has(key) && !taken.has(recordId));
    for (const { key, recordId } of pairs) taken.add(key).add(recordId);
    for (let start = 0; start < pairs.length; start += 500) {
      const some = pairs.slice(start, start + 500);
      await page(work, async (tx) => {
        const rows: Difference[] = [];
        for await (const part of differences(tx, scope, flow.refStreams, some)) rows.push(...part);
        const owners = await ownersOf(
          tx,
          work.engine,
          tenantId,
          rows.map((row) => row.recordId),
        );
        const facts = { provider: work.connector.name, integrationId, rules, owners };
        const reason = `Known here already: alike by ${by.join(' and ')}.`;
        const drafts = rows.flatMap((row) => {
          const { key, recordId, name } = row;
          const link = draft({ side: 'here', kind: 'link', verb: 'link', recordId, key, name, reason });
          return [link, ...planDifference(flow, row, facts).drafts];
        });
        await recorder.write(tx, flow, drafts);
      });
    }
  }
}
