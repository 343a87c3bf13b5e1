/** What planning one of our records at a destination is told, beside the record itself. */
import type { Blocker, Settings } from '../connectors/kit/contract.ts';
import type { Question } from '../db/queries/engine/conflict.ts';
import type { FieldRules } from '../db/queries/engine/field-rule.ts';
import type { MirrorRow, RefTarget } from '../db/queries/engine/mirror.ts';
import type { Values } from '../model/entities.ts';
import { newId } from '../model/ids.ts';
import type { ConflictCandidate, ConflictField, ConflictKind } from '../model/sync.ts';
import type { Flow } from './flow.ts';
import type { Marks } from './marks.ts';
import type { Draft } from './plan.ts';

export interface Copy {
  key: string;
  values: Values;
  refs: Readonly<Record<string, readonly string[]>>;
  marks: Marks;
}

export interface MirrorFacts {
  provider: string;
  /** The record out there, by its link or by first contact; null where none was pulled. */
  copy: Copy | null;
  /** By what first contact found it; null for a record that is linked. */
  foundBy: string | null;
  /** First contact leaves it to a person: who it could be, and why that is asked. */
  doubt: { candidates: readonly ConflictCandidate[]; why: string } | null;
  now: Date;
  /** Its absence is believed: the pull was a snapshot that would have shown it. */
  absent: boolean;
  /** A key the target of a reference has, or will have once this run is applied (`coming`). */
  keyOf(stream: string, target: RefTarget): string | 'coming' | null;
  /** The record that this key names out there is one we have, or will have once this run is applied. */
  knownHere(stream: string, key: string): boolean;
  /** The target of a reference is made again in this run, in place of one that is gone. */
  remade(stream: string, target: RefTarget): boolean;
  /** The container of this record is gone there or in question: what it holds waits with it. */
  containerLost: boolean;
  settings: Settings;
  /** Standing rules of the school for this integration and entity. */
  rules: FieldRules;
  /** A source of the school, and not this integration itself, owns this field of this record. */
  sourceOwns(recordId: string, field: string): boolean;
}

/** The connector's own reason not to write our record there. */
export function blockedByConnector(
  flow: Flow,
  row: MirrorRow,
  { settings, keyOf }: Pick<MirrorFacts, 'settings' | 'keyOf'>,
): Blocker | undefined {
  const there = Object.entries(flow.stream.refs ?? {}).map(([name, { stream }]) => {
    const known = (row.refs[name] ?? []).filter((target) => keyOf(stream, target) !== null);
    return [name, known.length] as const;
  });

  return flow.stream.blocks?.(row.local, { settings, there: Object.fromEntries(there) });
}

export function subject(row: MirrorRow): Pick<Draft, 'recordId' | 'key' | 'name'> {
  return { recordId: row.recordId, key: row.key, name: row.name };
}

export function question(
  flow: Flow,
  row: MirrorRow,
  kind: ConflictKind,
  fields: readonly ConflictField[],
  candidates: readonly ConflictCandidate[] = [],
): Question {
  const { recordId, key, name } = row;
  const { entity } = flow.stream;

  return { id: newId(), kind, stream: flow.name, entity, recordId, key, name, fields, candidates };
}
