/** Comparing and hashing canonical values: the one place that decides when two values are the same. */
import { createHash } from 'node:crypto';
import type { Value, Values } from './entities.ts';

/** The same value? Lists are compared in order; a missing value is not null. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (!Array.isArray(left) || !Array.isArray(right)) return false;

  return left.length === right.length && left.every((item, index) => item === right[index]);
}

/** JSON with the keys in order, so that equal content gives equal text whatever order it arrived in. */
export function stableJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(stableJson).join(',')}]`;

  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));

  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${stableJson(item)}`).join(',')}}`;
}

/** First 16 bytes of SHA-256 as hex: enough to tell contents apart, half the index space. */
export function contentHash(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');

  return hash.digest('hex').slice(0, 32);
}

/** The names of the fields whose values differ between two records; a name only one side has counts as different. */
export function changedFields(before: Values, after: Values): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);

  return [...names].filter((name) => !sameValue(before[name], after[name])).sort();
}
