/** What a source's differences mean here: the column "born there" of the record table. Pure. */
import type { FieldRules } from '../db/queries/engine/field-rule.ts';
import type { Difference } from '../db/queries/engine/source.ts';
import type { Value } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictField } from '../model/sync.ts';
import { sameValue } from '../model/values.ts';
import type { Flow } from './flow.ts';
import { mergeField, reasonFor, reasonForRule, ruled } from './merge.ts';
import type { Owners } from './owners.ts';
import { type Draft, type Drafted, draft } from './plan.ts';

export interface SourceFacts {
  /** The name people know the source by. */
  provider: string;
  integrationId: string;
  rules: FieldRules;
  owners: Owners;
}

/** Plans one linked record that is not as it was. */
export function planDifference(flow: Flow, row: Difference, facts: SourceFacts): Drafted {
  const { provider } = facts;
  if (row.gone) return row.status === 'ARCHIVED' ? goneOnBoth() : only(removeHere(row, `${provider} says it is gone.`));

  const { before, after, asked, kept, taken } = mergeFields(flow, row, facts);
  const refs = changedRefs(flow, row, facts);
  const back = row.status === 'ARCHIVED';
  const changed = Object.keys(after).length > 0 || Object.keys(refs).length > 0 || back;
  const question = asked.length === 0 ? null : fieldQuestion(flow, row, asked);
  const ruledBy: Drafted['ruledBy'] =
    kept.length > 0 ? 'ALWAYS_PUSH_LOCAL' : taken.length > 0 ? 'ALWAYS_ACCEPT_EXTERNAL' : null;
  const rest = { question, link: null, forget: false, overrides: kept, ruledBy };
  const told = kept.length > 0 ? [keptByRule(row, kept, provider)] : [];
  if (!changed) return { ...rest, drafts: told, unchanged: question === null };

  const reason = taken.length > 0 ? reasonForRule('ALWAYS_ACCEPT_EXTERNAL', taken, provider) : null;
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
    reason: back ? `${provider} still has it.` : (reason ?? reasonFor('pull', 'provider', provider)),
  });

  return { ...rest, drafts: [...told, update], unchanged: false };
}

/** A value of ours that stays, and what the source said against it. */
type Kept = ConflictField & { localValue: Value; externalValue: Value };

function keptByRule(row: Difference, kept: readonly Kept[], provider: string): Draft {
  const { recordId, key, name } = row;
  const names = kept.map((field) => field.name);
  const reason = reasonForRule('ALWAYS_PUSH_LOCAL', names, provider);

  return draft({ side: 'here', kind: 'skip', verb: 'keep', status: 'SKIPPED', recordId, key, name, reason });
}

function mergeFields(flow: Flow, row: Difference, facts: SourceFacts) {
  const before: Record<string, Value> = {};
  const after: Record<string, Value> = {};
  const asked: ConflictField[] = [];
  const kept: Kept[] = [];
  const taken: string[] = [];
  for (const name of flow.merged) {
    const external = row.values[name];
    if (external === undefined || !(name in flow.stream.fields)) continue;
    const local = row.local[name] ?? null;
    if (!mayDecide(row, name, { local, external }, facts)) continue;
    const override = row.overrides?.[name];
    if (override && sameValue(override.sourceValue as Value, external)) continue;
    if (override && !sameValue(local, external)) {
      const field = { name, baseValue: override.sourceValue, localValue: local, externalValue: external };
      const rule = ruled('ask', facts.rules.get(name));
      if (rule === 'ask') asked.push(field);
      if (rule === 'push') kept.push(field);
      if (rule !== 'pull') continue;
      taken.push(name);
    }
    // The source owns the value, so what stood there before decides nothing and no base is kept of it.
    if (mergeField('provider', { base: undefined, local, external }) !== 'pull') continue;
    before[name] = local;
    after[name] = external;
  }

  return { before, after, asked, kept, taken };
}

/** Of several sources the owner decides; another one fills in what the owner leaves empty, and looks after that. */
function mayDecide(
  { recordId }: Difference,
  name: string,
  { local, external }: { local: Value; external: Value },
  { owners, integrationId }: SourceFacts,
): boolean {
  const owner = owners.of(recordId, name);
  if (owner === null || owner.integrationId === integrationId) {
    const beside = owners.filledBeside(integrationId, recordId, name);
    return !(isEmpty(external) && !isEmpty(local) && beside !== undefined && sameValue(beside, local));
  }
  const filled = owners.filledBy(integrationId, recordId, name);

  return isEmpty(local) || (filled !== undefined && sameValue(filled, local));
}

function isEmpty(value: Value): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** References that point elsewhere now, by the keys they shall have; one whose target is not known yet counts too. */
function changedRefs(flow: Flow, row: Difference, facts: SourceFacts): Record<string, readonly string[]> {
  const changed: Record<string, readonly string[]> = {};
  for (const ref of flow.shape.refs) {
    const staged = row.stagedRefs[ref.ref];
    const owner = facts.owners.of(row.recordId, ref.ref);
    if (!staged || (owner && owner.integrationId !== facts.integrationId)) continue;
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
    candidates: [],
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
