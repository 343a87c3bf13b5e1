/** The table of fields: three values and an owner say what becomes of one field. Pure. */
import type { Owner } from '../connectors/kit/contract.ts';
import type { Value } from '../model/entities.ts';
import type { FieldRule } from '../model/sync.ts';
import { sameValue } from '../model/values.ts';

/**
 * keep: nothing to do. agree: both sides moved to the same value, only the base follows. pull: ours takes theirs.
 * push: theirs takes ours. ask: only a person can tell.
 */
export type Verdict = 'keep' | 'agree' | 'pull' | 'push' | 'ask';

export interface Sides {
  /** What both last agreed on; nothing at first contact, which counts as empty. */
  base: Value | undefined;
  local: Value;
  /** undefined: the other side says nothing about it, so it is taken to be as it was. */
  external: Value | undefined;
}

type Row = 'alike' | 'agreed' | 'externalChanged' | 'localChanged' | 'bothChanged';

const table: Record<Row, Record<Owner, Verdict>> = {
  alike: { provider: 'keep', homeroom: 'keep', shared: 'keep' },
  agreed: { provider: 'agree', homeroom: 'agree', shared: 'agree' },
  externalChanged: { provider: 'pull', homeroom: 'ask', shared: 'pull' },
  localChanged: { provider: 'pull', homeroom: 'push', shared: 'push' },
  bothChanged: { provider: 'pull', homeroom: 'ask', shared: 'ask' },
};

/** What becomes of one field of one record. */
export function mergeField(owner: Owner, sides: Sides): Verdict {
  return table[rowOf(sides)][owner];
}

/** A standing rule answers what would be asked; everything else it leaves as it is. */
export function ruled(verdict: Verdict, rule: FieldRule | undefined): Verdict {
  if (verdict !== 'ask') return verdict;
  if (rule === 'ALWAYS_PUSH_LOCAL') return 'push';

  return rule === 'ALWAYS_ACCEPT_EXTERNAL' ? 'pull' : 'ask';
}

/** Why a standing rule decided, in words for the log. */
export function reasonForRule(rule: Exclude<FieldRule, 'ASK'>, names: readonly string[], provider: string): string {
  const whose = rule === 'ALWAYS_PUSH_LOCAL' ? 'Homeroom’s value' : `the value of ${provider}`;

  return `A standing rule of the school: ${names.join(', ')} always takes ${whose}.`;
}

function rowOf({ base: agreed, local, external: said }: Sides): Row {
  const base = agreed ?? null;
  const external = said === undefined ? base : said;
  if (sameValue(local, external)) return agreed !== undefined && sameValue(base, local) ? 'alike' : 'agreed';
  if (sameValue(local, base)) return 'externalChanged';
  if (sameValue(external, base)) return 'localChanged';

  return 'bothChanged';
}

/** Why, in words for the log. */
export function reasonFor(verdict: Verdict, owner: Owner, provider: string): string {
  switch (verdict) {
    case 'keep':
      return 'Both sides are alike.';
    case 'agree':
      return 'Both sides changed to the same value.';
    case 'pull':
      return owner === 'provider' ? `${provider} owns this value.` : `Changed in ${provider} only.`;
    case 'push':
      return 'Changed in Homeroom only.';
    case 'ask':
      return `Changed in ${provider}, where Homeroom owns the value: a person decides.`;
  }
}
