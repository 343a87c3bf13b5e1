/** What a destination should mirror, beside what it holds: our records, their links and what was pulled, one row each. */
import type { EntityName, Status, Values } from '../../../model/entities.ts';
import type { LinkState } from '../../../model/sync.ts';
import type { TransactionSql } from '../../client.ts';
import type { ClosedThere, Decisions } from '../../tables/link.ts';
import { overtaken, refusedNow, seenLately } from './overtaken.ts';
import { type Filter, selectedSql } from './selection.ts';
import { canonicalJson, nameText, type RefColumn, type Shape, shapeOf } from './shape.ts';

export interface MirrorRef {
  ref: RefColumn;
  /** The stream that knows the target's external key, and which targets it mirrors. */
  stream: string;
  filter: Filter;
  /** The record lives inside the target. */
  container: boolean;
  /** Without the target the record cannot be there. */
  needed: boolean;
  /** Both sides can hold it: it is compared as a field is. */
  compared: boolean;
  /** The order of the keys means nothing there: they are kept sorted. */
  unordered: boolean;
  /** Naming nobody is saying nothing, so that there is nothing to compare. */
  silentWhenEmpty: boolean;
}

export interface MirrorScope {
  tenantId: string;
  schoolId: string;
  integrationId: string;
  /** null: none, nothing was pulled. */
  runId: string | null;
  stream: string;
  shape: Shape;
  filter: Filter;
  refs: readonly MirrorRef[];
  /** Names of the fields that both sides can hold, and that are compared. */
  fields: readonly string[];
  /** The record is nothing but what it refers to (who is in which class), so that two can be one and the same out there. */
  sameByRefs: boolean;
  /** Only the records written down in `sought`. */
  onlySought: boolean;
  /** What has left the selection is kept there as it is, and lives in nothing else that could leave. */
  parks: boolean;
}

export interface RefTarget {
  id: string;
  /** Its key out there; null while it has none. */
  key: string | null;
  state: LinkState | null;
  active: boolean;
  /** It is ACTIVE and, where it is a container, its own stream mirrors it. */
  selected: boolean;
}

export interface MirrorRow {
  recordId: string;
  sourcedId: string | null;
  status: Status;
  selected: boolean;
  name: string | null;
  local: Values;
  refs: Record<string, readonly RefTarget[]>;
  linkState: LinkState | null;
  key: string | null;
  base: Values | null;
  /** What a question is about, as the other side was known to say last. */
  external: Values | null;
  decisions: Decisions | null;
  blocker: string | null;
  closed: ClosedThere | null;
  handle: string | null;
  /** In the making: not before this instant is it looked at again. */
  until: Date | null;
  generation: number | null;
  stagedKey: string | null;
  staged: Values | null;
  stagedRefs: Record<string, readonly string[]> | null;
  gone: boolean | null;
  openConflict: boolean;
  /** Another record that is wanted stands for the same out there, before this one. */
  twin: boolean;
  /** It came in this run, and could not be read. */
  refused: boolean;
  /** Another run, or a person's answer, has been at it since this run read its stream. */
  overtaken: boolean;
}

function targetsSql(scope: MirrorScope, mirrorRef: MirrorRef, parameters: unknown[]): string {
  const { ref, filter, container } = mirrorRef;
  const selected = container
    ? selectedSql(scope.schoolId, filter, shapeOf(ref.entity), 't', parameters)
    : `t.status = 'ACTIVE'`;
  const facts = `jsonb_build_object('id', t.id, 'key', tl.key, 'state', tl.state, 'active', t.status = 'ACTIVE', 'selected', ${selected})`;
  const { from, order } = targetsOf(scope, mirrorRef, parameters);

  return `coalesce((select jsonb_agg(${facts} order by ${order}) ${from}), '[]')`;
}

/** The records `r` refers to as `t`, each with its link there as `tl`, and what puts them in order. */
export function targetsOf(
  { shape }: Pick<MirrorScope, 'shape'>,
  { ref, stream }: MirrorRef,
  parameters: unknown[],
): { from: string; order: string } {
  const target = shapeOf(ref.entity);
  const link = `left join link tl on tl.tenant_id = $1 and tl.record_id = t.id and tl.integration_id = $2 and tl.stream = $${parameters.push(stream)}`;
  if (ref.column === null) return { from: teachersSql(shape.entity, ref.ref, target, link), order: 'place' };
  const is = ref.many ? `any (r.${ref.column})` : `r.${ref.column}`;

  return {
    from: `from ${target.table} t ${link} where t.tenant_id = $1 and t.id = ${is}`,
    order: ref.many ? `array_position(r.${ref.column}, t.id)` : 't.id',
  };
}

/** The one derived reference there is: a class's teachers, the primary one first. */
function teachersSql(entity: EntityName, ref: string, target: Shape, link: string): string {
  if (entity !== 'class' || ref !== 'teachers') throw new Error(`${entity}.${ref} cannot be derived`);

  return `from (select e.person_id, row_number() over (order by e."primary" desc, e.id) as place from enrollment e
      where e.tenant_id = $1 and e.class_id = r.id and e.status = 'ACTIVE' and e.role = 'teacher') e
    join ${target.table} t on t.tenant_id = $1 and t.id = e.person_id ${link}`;
}

/**
 * Whether another record stands for the same as `r`: of one that is wanted and not linked, one that is linked or came
 * earlier; of one that is linked and no longer wanted, any; of one that is linked and wanted, one that has been seen there
 * in this run, for then the two have come to refer to the same only since they were linked.
 */
function twinSql(scope: MirrorScope, selected: string, parameters: unknown[]): string {
  if (!scope.sameByRefs) return 'false';
  const same = scope.refs.map(({ ref }) => `and t.${ref.column} = r.${ref.column}`).join(' ');
  const other = `exists (select from ${scope.shape.table} t
    left join link tl on tl.tenant_id = $1 and tl.record_id = t.id and tl.integration_id = $2 and tl.stream = $4
    where t.tenant_id = $1 and t.school_id = $5 and t.id <> r.id ${same} and ${selectedSql(scope.schoolId, scope.filter, scope.shape, 't', parameters)}`;

  // Who explains has no run, and may not look into staging.
  const seen =
    scope.runId === null
      ? 'false'
      : `exists (select from staging ts where ts.run_id = $3 and ts.stream = $4 and ts.key = tl.key and not ts.gone and ts.page >= 0)`;

  return `case when l.key is null then ${selected} and ${other} and (tl.key is not null or t.id < r.id))
    when ${selected} then ${other} and ${seen}) else ${other}) end`;
}

/**
 * Of these records of ours, in id order, all that planning one of them needs: what it is, what it refers to, its link, and
 * what the scope's run pulled of it.
 */
export async function mirrorRows(
  tx: TransactionSql,
  scope: MirrorScope,
  recordIds: readonly string[],
): Promise<MirrorRow[]> {
  const { shape } = scope;
  const parameters: unknown[] = [
    scope.tenantId,
    scope.integrationId,
    scope.runId,
    scope.stream,
    scope.schoolId,
    recordIds,
  ];
  const selected = selectedSql(scope.schoolId, scope.filter, shape, 'r', parameters);
  const refs = scope.refs.map((ref) => `'${ref.ref.ref}', ${targetsSql(scope, ref, parameters)}`);
  const twin = twinSql(scope, selected, parameters);
  const { columns, join } = scope.runId === null ? nothingStaged : newestStaged;

  return tx.unsafe<MirrorRow[]>(
    `select r.id as "recordId", r.sourced_id as "sourcedId", r.status, ${selected} as selected, ${nameText(shape, 'r')} as name,
            ${canonicalJson(shape, 'r')} as local, jsonb_build_object(${refs.join(', ')}) as refs,
            l.state as "linkState", l.key, l.base, l.external, l.decisions, l.blocker, l.closed, l.handle, l.until, l.generation,
            exists (select from sync_conflict c where c.tenant_id = $1 and c.integration_id = $2 and c.stream = $4
                      and c.record_id = r.id and c.status <> 'RESOLVED') as "openConflict",
            ${twin} as twin, ${columns}
     from ${shape.table} r
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $4
     ${join}
     where r.tenant_id = $1 and r.school_id = $5 and r.id = any ($6::uuid[]) order by r.id`,
    parameters as never[],
  );
}

const newestStaged = {
  columns: `s.key as "stagedKey", s."values" as staged, s.refs as "stagedRefs", s.gone,
            exists (select from rejected_record x where x.tenant_id = $1 and x.integration_id = $2 and x.stream = $4
                      and x.key = l.key and ${refusedNow('x')}) as refused,
            ${overtaken('l')} as overtaken`,
  join: `left join lateral (select s.* from staging s where s.run_id = $3 and s.stream = $4 and s.key = l.key and s.page >= 0
                            order by s.page desc limit 1) s on true`,
};

/** Who explains has no run, and may not look into staging. */
const nothingStaged = {
  columns: `null as "stagedKey", null as staged, null as "stagedRefs", null as gone, $3::uuid is not null as refused, false as overtaken`,
  join: '',
};

export type SoughtRow = Pick<
  MirrorRow,
  | 'recordId'
  | 'sourcedId'
  | 'selected'
  | 'key'
  | 'linkState'
  | 'base'
  | 'decisions'
  | 'local'
  | 'refs'
  | 'generation'
  | 'handle'
  | 'overtaken'
> & {
  /** What this run has read of it there, if that was a short while ago; with the marks of its copy. */
  seen: Values | null;
};

/** Our records as a `some` pull asks for them, with the external keys known so far. */
export async function soughtRows(
  tx: TransactionSql,
  scope: MirrorScope,
  recordIds: readonly string[],
): Promise<SoughtRow[]> {
  const parameters: unknown[] = [scope.tenantId, scope.integrationId, scope.runId, scope.stream, recordIds];
  const selected = selectedSql(scope.schoolId, scope.filter, scope.shape, 'r', parameters);
  const refs = scope.refs.map((ref) => `'${ref.ref.ref}', ${targetsSql(scope, ref, parameters)}`);

  return tx.unsafe<SoughtRow[]>(
    `select r.id as "recordId", r.sourced_id as "sourcedId", ${selected} as selected, l.key, l.state as "linkState", l.base, l.decisions,
            l.generation, l.handle, ${overtaken('l')} as overtaken, ${seenLately('l.key')} as seen, ${canonicalJson(scope.shape, 'r')} as local,
            jsonb_build_object(${refs.join(', ')}) as refs
     from ${scope.shape.table} r
     left join link l on l.tenant_id = $1 and l.record_id = r.id and l.integration_id = $2 and l.stream = $4
     where r.tenant_id = $1 and r.id = any ($5::uuid[]) order by r.id`,
    parameters as never[],
  );
}
