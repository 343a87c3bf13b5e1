/** Which of our records a destination mirrors, as a condition of SQL. */
import type { Shape } from './shape.ts';

/** Which records enter: values a column must have, columns that must have one, an instant that a term must cover. */
export interface Filter {
  where: Readonly<Record<string, readonly unknown[]>>;
  needs: readonly string[];
  /** null: whatever the term. */
  termAt: Date | null;
  /** null: whenever. `starts` and `ends` are fields, `stream` the one whose links count as mirrored already. */
  window: { starts: string; ends: string; days: number; at: Date; stream: string } | null;
  /** Only what a selected record of that shape refers to; null: named or not. */
  namedBy: { ref: string; shape: Shape; filter: Filter } | null;
}

/** A condition that is true of the records a stream mirrors. Pushes its parameters; $1 is the tenant, $2 the integration. */
export function selectedSql(
  schoolId: string,
  filter: Filter,
  shape: Shape,
  alias: string,
  parameters: unknown[],
): string {
  const column = (field: string) => {
    const found = shape.fields.find((candidate) => candidate.field === field);
    if (!found) throw new Error(`${shape.entity} has no field ${field}`);
    return `${alias}.${found.column}`;
  };
  const wheres = Object.entries(filter.where).map(([field, values]) => {
    parameters.push(values.map(String));
    return `${column(field)}::text = any ($${parameters.length}::text[])`;
  });

  const needs = filter.needs.map((field) => `${column(field)} is not null`);
  const terms = filter.termAt === null ? [] : [termSql(filter.termAt, shape, alias, parameters)];
  const { window, namedBy } = filter;
  const ahead = window ? [windowSql(schoolId, window, column, alias, parameters)] : [];
  const named = namedBy ? [namedSql(schoolId, namedBy, alias, parameters)] : [];

  return [`${alias}.status = 'ACTIVE'`, ...wheres, ...needs, ...terms, ...ahead, ...named].join(' and ');
}

/** It is not over, and begins within so many days at the school or is mirrored already. */
function windowSql(
  schoolId: string,
  window: NonNullable<Filter['window']>,
  column: (field: string) => string,
  alias: string,
  parameters: unknown[],
): string {
  const [school, at, days, stream] = [schoolId, window.at, window.days, window.stream].map(
    (value) => `$${parameters.push(value)}`,
  );
  const dayAtSchool = (instant: string) =>
    `(${instant} at time zone (select z.time_zone from school z where z.tenant_id = $1 and z.id = ${school}::uuid))::date`;
  const today = dayAtSchool(`${at}::timestamptz`);

  return `${column(window.ends)} > ${at}::timestamptz
    and (${dayAtSchool(column(window.starts))} between ${today} and ${today} + ${days}::int
      or exists (select from link w where w.tenant_id = $1 and w.integration_id = $2 and w.stream = ${stream}
                   and w.record_id = ${alias}.id and w.key is not null))`;
}

/** A selected record names it. The list of all that are named is made once for the statement. */
function namedSql(
  schoolId: string,
  { ref, shape, filter }: NonNullable<Filter['namedBy']>,
  alias: string,
  parameters: unknown[],
): string {
  const found = shape.refs.find((candidate) => candidate.ref === ref);
  if (!found?.column) throw new Error(`${shape.entity} keeps no reference ${ref}`);
  const school = `$${parameters.push(schoolId)}`;
  const named = found.many ? `unnest(n.${found.column})` : `n.${found.column}`;

  return `${alias}.id in (select ${named} from ${shape.table} n where n.tenant_id = $1 and n.school_id = ${school}::uuid
    and ${selectedSql(schoolId, filter, shape, 'n', parameters)})`;
}

/** A term covers the day that it is at the school at that instant: its end date is the first day after it (OneRoster 1.2, endDate). */
function termSql(at: Date, shape: Shape, alias: string, parameters: unknown[]): string {
  const terms = shape.refs.find(({ ref }) => ref === 'terms')?.column;
  if (!terms) throw new Error(`${shape.entity} has no terms`);
  parameters.push(at);
  const today = `($${parameters.length}::timestamptz at time zone (select z.time_zone from school z where z.tenant_id = $1 and z.id = ${alias}.school_id))::date`;

  return `(cardinality(${alias}.${terms}) = 0 or exists (select from term d where d.tenant_id = $1
    and d.id = any (${alias}.${terms}) and d.status = 'ACTIVE' and d.start_date <= ${today} and ${today} < d.end_date))`;
}
