/** What "leave it" is remembered by: a hash of what was left, so that it ends when that changes. */
import type { MirrorRow } from '../db/queries/engine/mirror.ts';
import type { Values } from '../model/entities.ts';
import type { ConflictField } from '../model/sync.ts';
import { contentHash, stableJson } from '../model/values.ts';
import { type Flow, localValues } from './flow.ts';

/** Our record as this provider could hold it, and what makes it that one there: which person in which class, by our ids. */
export function contentOf(flow: Flow, local: Values, refs: Readonly<Record<string, readonly string[]>>): string {
  const fixed = Object.entries(flow.stream.refs ?? {}).filter(([, { missing, write }]) => missing === 'wait' && !write);
  const ids = fixed.map(([name]) => refs[name] ?? []);

  return contentHash(stableJson(localValues(flow, local)), ...(ids.length > 0 ? [stableJson(ids)] : []));
}

/** Our record in all its fields: what could make it match somebody else. */
export function contentOfAll(local: Values): string {
  return contentHash(stableJson(local));
}

/** Their side of what a question was about. */
export function contentOfThese(fields: readonly ConflictField[]): string {
  return contentHash(stableJson(Object.fromEntries(fields.map(({ name, externalValue }) => [name, externalValue]))));
}

/** A person said to link nothing, and our record has changed since: it is asked about again. */
export function wakes({
  key,
  linkState,
  decisions,
  local,
}: Pick<MirrorRow, 'key' | 'linkState' | 'decisions' | 'local'>): boolean {
  const left = decisions?.ignoredAbsence;

  return linkState === 'EXCLUDED' && key === null && left !== undefined && left !== contentOfAll(local);
}
