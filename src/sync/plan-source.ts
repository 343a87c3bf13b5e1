/** What a source's differences mean here: the column "born there" of the record table. Pure. */
import type { Difference } from '../db/queries/engine/source.ts';
import type { Value } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictField } from '../model/sync.ts';
import { sameValue } from '../model/values.ts';
import type { Flow } from './flow.ts';
import { mergeField, reasonFor } from './merge.ts';
import { type Draft, type Drafted, draft } from './plan.ts';

/** Plans one linked record that is not as it was. `provider` is the name people know the source by. */
export function planDifference(flow: Flow, row: Difference, provider: string): Drafted {
  if (row.gone) return row.status === 'ARCHIVED' ? goneOnBoth() : only(removeHere(row, `${provider} says it is gone.`));

  const { before, after, asked } = mergeFields(flow, row);
  const refs = changedRefs(flow, row);
  const back = row.status === 'ARCHIVED';
  const changed = Object.keys(after).length > 0 || Object.keys(refs).length > 0 || back;
  const question = asked.length === 0 ? null : fieldQuestion(flow, row, asked);
  if (!changed) return { drafts: [], question, link: null, forget: false, unchanged: question === null };

  const update = draft({
    side: 'here',
    kind: 'update',
    verb: 'update',
    recordId: row.recordId,
    key: row.key,
    name: row.name,
    before: back ? { ...before, status: 'ARCHIVED' } : before,
    after: back ? { ...after, status: 'ACTIVE' } : after,
    refs,
    reason: back ? `${provider} still has it.` : reasonFor('pull', 'provider', provider),
  });

  return { drafts: [update], question, link: null, forget: false, unchanged: false };
}

function mergeFields(flow: Flow, row: Difference) {
  const before: Record<string, Value> = {};
  const after: Record<string, Value> = {};
  const asked: ConflictField[] = [];
  for (const name of flow.merged) {
    const external = row.values[name];
    if (external === undefined || !(name in flow.stream.fields)) continue;
    const local = row.local[name] ?? null;
    const kept = row.overrides?.[name];
    if (kept && sameValue(kept.sourceValue as Value, external)) continue;
    if (kept && !sameValue(local, external)) {
      asked.push({ name, baseValue: kept.sourceValue, localValue: local, externalValue: external });
      continue;
    }
    // The source owns the value, so what stood there before decides nothing and no base is kept of it.
    if (mergeField('provider', { base: undefined, local, external }) !== 'pull') continue;
    before[name] = local;
    after[name] = external;
  }

  return { before, after, asked };
}

/** References that point elsewhere now, by the keys they shall have; one whose target is not known yet counts too. */
function changedRefs(flow: Flow, row: Difference): Record<string, readonly string[]> {
  const changed: Record<string, readonly string[]> = {};
  for (const ref of flow.shape.refs) {
    const staged = row.stagedRefs[ref.ref];
    if (!staged) continue;
    const wanted = staged.filter((id) => id !== null);
    const held = row.localRefs[ref.ref] ?? [];
    const incoming = staged.length > wanted.length;
    if (ref.required && wanted.length === 0) continue;
    if (sameValue(wanted, held) && !incoming) continue;
    if (sameValue(wanted, held) && row.blockedByReference) continue;
    changed[ref.ref] = row.refs[ref.ref] ?? [];
  }

  return changed;
}

function fieldQuestion(flow: Flow, row: Difference, fields: readonly ConflictField[]) {
  return {
    id: newId(),
    kind: 'FIELD_CHANGED' as const,
    stream: flow.name,
    entity: flow.stream.entity,
    recordId: row.recordId,
    key: row.key,
    name: row.name,
    fields,
  };
}

function removeHere(row: Difference, reason: string): Draft {
  const { recordId, key, name } = row;

  return draft({ side: 'here', kind: 'remove', verb: 'remove', recordId, key, name, before: row.local, reason });
}

function only(single: Draft): Drafted {
  return { drafts: [single], question: null, link: null, forget: false, unchanged: false };
}

function goneOnBoth(): Drafted {
  return { drafts: [], question: null, link: null, forget: true, unchanged: true };
}
