/** Values that a hand in Edusign has set and a person has decided about: which stand, and when somebody must be asked again. */
import type { Resolution } from '../../src/model/sync.ts';

interface KeptValue {
  /** What Auriga said when it was decided. */
  ours: unknown;
  theirs: unknown;
  /** `edit`: nobody has been asked yet. `override`: kept against Auriga. `ignored`: left as it is on both sides. */
  by: 'edit' | 'override' | 'ignored';
  asked: boolean;
}

/** Of one record, by field. */
export type Kept = Map<string, KeptValue>;

/** Somebody edits a field by hand. */
export function edit(kept: Kept, field: string, theirs: unknown): void {
  kept.set(field, { ours: undefined, theirs, by: 'edit', asked: false });
}

/** What stands, of what is wanted: a value that was set by hand stays until it is decided otherwise. */
export function standing<T extends object>(kept: Kept, wanted: T): T {
  const stands = { ...wanted };
  for (const [field, value] of kept) {
    const now = wanted[field as keyof T];
    value.asked ||= value.by === 'edit' || now !== value.ours;
    value.ours = now;
    Object.assign(stands, { [field]: value.theirs });
  }

  return stands;
}

/** A person answers what is asked about the record: at Edusign, or at Auriga about a value that is kept against it. */
export function decide(kept: Kept, resolution: Resolution, at: 'source' | 'there'): void {
  for (const [field, value] of kept) {
    if (!value.asked || (value.by === 'override') !== (at === 'source')) continue;
    value.asked = false;
    const isOver = at === 'source' ? resolution === 'ACCEPT_EXTERNAL' : resolution === 'PUSH_LOCAL';
    if (isOver) kept.delete(field);
    else if (at === 'there') value.by = resolution === 'IGNORE' ? 'ignored' : 'override';
  }
}
