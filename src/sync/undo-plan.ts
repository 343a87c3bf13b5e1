/** Planning an undo: the inverse of everything a run wrote, as far as it is still so and its side can take it back. */
import {
  archivedInRange,
  type UndoScope,
  untouchedInRange,
  type Written,
  writtenBy,
} from '../db/queries/engine/undo.ts';
import type { Value, Values } from '../model/entities.ts';
import { sameValue } from '../model/values.ts';
import { flowNamed, look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { type Draft, draft } from './plan.ts';
import { page, type Recorder } from './record.ts';

const pageSize = 500;

/** Writes the inverse of one stream's operations into the plan, the last of them first. */
export async function planUndo(work: Work, flow: Flow, undoes: string, recorder: Recorder): Promise<void> {
  const { tenantId, integrationId, id: runId } = work.run;
  const scope: UndoScope = { tenantId, integrationId, runId, undoes, stream: flow.name, shape: flow.shape };
  let before: number | null = null;
  for (;;) {
    const rows: Written[] = await look(work, (tx) => writtenBy(tx, scope, before, pageSize));
    const drafts: Draft[] = [];
    for (const row of rows) {
      if (row.lastKey === null) drafts.push(...inverseOf(flow, row, work.connector.name));
      else drafts.push(...(await inverseOfRange(work, scope, row)));
    }
    if (drafts.length > 0) await page(work, async (tx) => void (await recorder.write(tx, flow, drafts)));
    before = rows.at(-1)?.seq ?? null;
    if (rows.length < pageSize) return;
  }
}

const why = {
  changed: 'It has changed since: it is left alone.',
  gone: 'It is gone since: it is left alone.',
  back: 'It is there again: it is left alone.',
  refs: 'What it referred to before is not kept: it is left alone.',
  batch: 'Which records these were is not kept: they are left alone.',
  others: 'Another source has them, or they have changed since: they are left alone.',
} as const;

/** The operation that takes one back, or an entry that says why it is left. Pure. */
function inverseOf(flow: Flow, row: Written, provider: string): Draft[] {
  return row.side === 'here' ? inverseHere(row) : inverseThere(flow, row, provider);
}

function inverseHere(row: Written): Draft[] {
  const place = { side: 'here' as const, recordId: row.recordId, key: row.linkKey ?? row.key, name: row.name };
  const leave = (reason: string) => [left(row, 'here', reason)];
  if (!row.local || row.recordId === null) return leave(why.gone);
  const archived = row.status === 'ARCHIVED';
  switch (row.kind) {
    case 'create':
      if (archived) return leave(why.gone);
      if (!holds(row.local, row.after)) return leave(why.changed);
      return [
        draft({
          ...place,
          kind: 'remove',
          verb: 'undo',
          before: row.local,
          reason: 'It was new in the run that is undone.',
        }),
      ];
    case 'remove':
      if (!archived) return leave(why.back);
      return [
        draft({
          ...place,
          kind: 'update',
          verb: 'undo',
          before: { status: 'ARCHIVED' },
          after: { status: 'ACTIVE' },
          reason: 'It was removed by the run that is undone.',
        }),
      ];
    case 'update': {
      const brought = row.after?.status === 'ACTIVE';
      if (brought && archived) return leave(why.gone);
      const { status: _was, ...after } = row.after ?? {};
      const { status: _is, ...before } = row.before ?? {};
      if (!holds(row.local, after)) return leave(why.changed);
      const reason = 'It was changed by the run that is undone.';
      const drafts =
        Object.keys(before).length > 0 && !brought
          ? [draft({ ...place, kind: 'update', verb: 'undo', before: after, after: before, reason })]
          : [];
      if (brought) drafts.push(draft({ ...place, kind: 'remove', verb: 'undo', before: row.local, reason }));
      return row.refersAnew ? [...drafts, left(row, 'here', why.refs)] : drafts;
    }
  }
}

function inverseThere(flow: Flow, row: Written, provider: string): Draft[] {
  const place = { side: 'there' as const, recordId: row.recordId, key: row.linkKey, name: row.name };
  const leave = (reason: string) => [left(row, 'there', reason)];
  const verbs = flow.stream.push;
  if (!row.local || row.recordId === null) return leave(why.gone);
  switch (row.kind) {
    case 'create':
      if (!verbs?.remove) return leave(`${provider} offers no way to remove it: it is left alone.`);
      if (row.linkKey === null || row.staged === null) return leave(why.gone);
      if (row.linkKey !== row.key) return leave(why.changed);
      if (!holds(row.staged, fieldsOf(flow, { ...row.after, ...row.base }))) return leave(why.changed);
      return [
        draft({
          ...place,
          kind: 'remove',
          verb: 'undo',
          before: row.staged,
          reason: 'It was made there by the run that is undone.',
        }),
      ];
    case 'update': {
      const [after, before] = [fieldsOf(flow, row.after), fieldsOf(flow, row.before)];
      if (!verbs?.update) return leave(`${provider} offers no way to change it: it is left alone.`);
      if (row.linkKey === null || row.staged === null) return leave(why.gone);
      if (!holds(row.staged, settledOf(after, row.base))) return leave(why.changed);
      const rest =
        Object.keys(row.after ?? {}).length > Object.keys(after).length ? [left(row, 'there', why.refs)] : [];
      if (Object.keys(after).length === 0) return rest;
      return [
        draft({
          ...place,
          kind: 'update',
          verb: 'undo',
          before: after,
          after: before,
          reason: 'It was changed there by the run that is undone.',
        }),
        ...rest,
      ];
    }
    case 'remove':
      if (!verbs?.create) return leave(`${provider} offers no way to make it again: it is left alone.`);
      if (row.staged !== null) return leave(why.back);
      return [
        draft({
          ...place,
          kind: 'create',
          verb: 'undo',
          after: row.before ?? {},
          reason: 'It was removed there by the run that is undone.',
        }),
      ];
  }
}

async function inverseOfRange(work: Work, scope: UndoScope, row: Written): Promise<Draft[]> {
  if (row.key === null || row.lastKey === null) return [left(row, 'here', why.batch)];
  const range = { first: row.key, last: row.lastKey };
  if (row.kind === 'remove') return bringsBack(work, scope, row, range);
  const size = await look(work, (tx) => untouchedInRange(tx, scope, range));
  const moved = row.size - size;
  const place = { side: 'here' as const, key: range.first, lastKey: range.last };
  const reason = `They were ${row.kind === 'create' ? 'new in' : 'brought back by'} the run that is undone.`;
  const undone = size > 0 ? [draft({ ...place, size, kind: 'remove', verb: 'undo', reason })] : [];

  return moved > 0 ? [...undone, left({ ...row, size: moved }, 'here', why.changed)] : undone;
}

/** Records that were archived in one commit are known by its instant, which nothing written since has. */
async function bringsBack(
  work: Work,
  scope: UndoScope,
  row: Written,
  range: { first: string; last: string },
): Promise<Draft[]> {
  const { archivedAt } = row;
  // What travels inside other records is not known by its key here.
  if (archivedAt === null || flowNamed(work, scope.stream).stream.pull.within) return [left(row, 'here', why.batch)];
  const { schoolId } = work.run;
  const size = await look(work, (tx) => archivedInRange(tx, { ...scope, schoolId }, { ...range, at: archivedAt }));
  const moved = row.size - size;
  const back = draft({
    side: 'here',
    kind: 'update',
    verb: 'undo',
    key: range.first,
    lastKey: range.last,
    size,
    before: { status: 'ARCHIVED' },
    after: { status: 'ACTIVE' },
    reason: 'They were removed by the run that is undone.',
    details: { archivedAt },
  });

  return [...(size > 0 ? [back] : []), ...(moved > 0 ? [left({ ...row, size: moved }, 'here', why.others)] : [])];
}

/** Listed before anybody approves, and left alone. */
function left(row: Pick<Written, 'recordId' | 'key' | 'name' | 'size'>, side: Draft['side'], reason: string): Draft {
  const { recordId, key, name, size } = row;
  const details = { code: 'not_undone', why: reason };

  return draft({ side, kind: 'skip', verb: 'undo', status: 'SKIPPED', recordId, key, name, size, reason, details });
}

/** Does it still say what was written? What one side says nothing about has not moved. */
function holds(now: Values, written: Values | null): boolean {
  return Object.entries(written ?? {}).every(([name, value]) => !(name in now) || sameValue(now[name] as Value, value));
}

/** What was written, in the provider's own words where it answered with others. */
function settledOf(after: Record<string, Value>, base: Values | null): Values {
  return Object.fromEntries(Object.entries(after).map(([name, value]) => [name, base?.[name] ?? value]));
}

/** Without references: what a record belonged to is part of what it is there. */
function fieldsOf(flow: Flow, values: Values | null): Record<string, Value> {
  const fields = Object.entries(values ?? {}).filter(([name]) => name in flow.stream.fields);

  return Object.fromEntries(fields) as Record<string, Value>;
}
