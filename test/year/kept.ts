/** Values that a hand in Edusign has set and a person has decided about: which stand, and when somebody must be asked again. */
import type { Resolution } from '../../src/model/sync.ts';

interface KeptValue {
  /** What Auriga said when it was decided. */
  ours: unknown;
  theirs: unknown;
  /** `edit`: nobody has been asked yet. `override`: kept against Auriga. `ignored`: left as it is on both sides. */
  by: 'edit' | 'override' | 'ignored';
  asked: boolean;
  /** The override that a further edit lies on: what stands again when a person wants Homeroom's value. */
  over: KeptValue | null;
}

/** Of one record, by field. */
export type Kept = Map<string, KeptValue>;

/** Somebody edits a field by hand. */
export function edit(kept: Kept, field: string, theirs: unknown): void {
  const before = kept.get(field);
  const over = before?.by === 'override' ? before : (before?.over ?? null);
  kept.set(field, { ours: undefined, theirs, by: 'edit', asked: false, over });
}

/** What stands, of what is wanted: a value that was set by hand stays until it is decided otherwise. */
export function standing<T extends object>(kept: Kept, wanted: T): T {
  const stands = { ...wanted };
  for (const [field, top] of kept) {
    const now = wanted[field as keyof T];
    for (let value: KeptValue | null = top; value; value = value.over) {
      value.asked ||= value.by === 'edit' || now !== value.ours;
      value.ours = now;
    }
    Object.assign(stands, { [field]: top.theirs });
  }

  return stands;
}

/** A person answers what is asked about the record: at Edusign, or at Auriga about a value that is kept against it. */
export function decide(kept: Kept, resolution: Resolution, at: 'source' | 'there'): void {
  for (const [field, top] of kept) {
    const value = top.over && at === 'source' ? top.over : top;
    if (!value.asked || (value.by === 'override') !== (at === 'source')) continue;
    value.asked = false;
    if (at === 'there' && resolution === 'PUSH_LOCAL') fallBack(kept, field, value.over);
    else if (at === 'there')
      Object.assign(value, resolution === 'IGNORE' ? { by: 'ignored' } : { by: 'override', over: null });
    else if (resolution !== 'ACCEPT_EXTERNAL') continue;
    else if (value === top) kept.delete(field);
    else top.over = null;
  }
}

function fallBack(kept: Kept, field: string, to: KeptValue | null): void {
  if (to === null) kept.delete(field);
  else kept.set(field, to);
}
