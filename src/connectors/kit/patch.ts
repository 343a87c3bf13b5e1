/** Request bodies in parts: what each field and reference writes, put together. */
import type { Patch } from './contract.ts';

/** Both patches as one: objects are merged in depth, of anything else the later one stands. */
export function mergePatches(earlier: Patch, later: Patch): Patch {
  const merged: Record<string, unknown> = { ...earlier };
  for (const [name, value] of Object.entries(later)) {
    const before = merged[name];
    merged[name] = isPlain(before) && isPlain(value) ? mergePatches(before, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is Patch {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
