/** How an entity of the model lies in its table: column names and the SQL that reads and writes canonical values. */
import { type EntityName, entities, type FieldType } from '../../../model/entities.ts';

export interface FieldColumn {
  field: string;
  /** Quoted. */
  column: string;
  type: FieldType;
}

export interface RefColumn {
  ref: string;
  /** Quoted; null for a derived reference, which has no column. */
  column: string | null;
  entity: EntityName;
  many: boolean;
  required: boolean;
}

export interface Shape {
  entity: EntityName;
  /** Quoted. */
  table: string;
  fields: readonly FieldColumn[];
  refs: readonly RefColumn[];
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const quote = (name: string) => `"${name}"`;

/** Only names from the model enter SQL text this way, never a value. */
export function shapeOf(entity: EntityName): Shape {
  const { fields, refs } = entities[entity];

  return {
    entity,
    table: quote(snake(entity)),
    fields: Object.entries<FieldType>(fields).map(([field, type]) => ({ field, column: quote(snake(field)), type })),
    refs: Object.entries(refs).map(([ref, shape]) => ({
      ref,
      column: shape.derived ? null : quote(snake(ref) + (shape.many ? '_ids' : '_id')),
      entity: shape.entity,
      many: shape.many ?? false,
      required: shape.required ?? false,
    })),
  };
}

/** A row's canonical fields as one JSON object, named as in the model. */
export function canonicalJson(shape: Shape, alias: string): string {
  return `jsonb_build_object(${shape.fields.map((f) => `'${f.field}', ${canonicalValue(f, alias)}`).join(', ')})`;
}

/** A column's value as the model writes it: PostgreSQL's own JSON of an instant depends on the session's time zone. */
export function canonicalValue(field: FieldColumn, alias: string): string {
  const column = `${alias}.${field.column}`;

  return field.type === 'instant' ? instantText(column) : column;
}

/** An instant as the model writes it. */
export function instantText(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** What a person recognises the row by; for a membership, who is in what. */
export function nameText(shape: Shape, alias: string): string {
  if (shape.entity === 'enrollment') {
    const inClass = `(select c.title from class c where c.tenant_id = ${alias}.tenant_id and c.id = ${alias}.class_id)`;
    return `concat_ws(' in ', ${personName(`${alias}.person_id`, alias)}, ${inClass})`;
  }
  if (shape.entity === 'guardianLink') return personName(`${alias}.guardian_id`, alias);

  const parts = entities[shape.entity].name.map((field) => `${alias}.${quote(snake(field))}`);

  return `nullif(concat_ws(' ', ${parts.join(', ')}), '')`;
}

function personName(id: string, alias: string): string {
  return `(select concat_ws(' ', p.given_name, p.family_name) from person p where p.tenant_id = ${alias}.tenant_id and p.id = ${id})`;
}

/** Its own fields name it; a membership is named by what it refers to, and has no name before those are known. */
export function namesItself(shape: Shape): boolean {
  return entities[shape.entity].name.length > 0;
}

/** The column's value out of canonical JSON. */
export function fromJson(field: FieldColumn, json: string): string {
  const name = `'${field.field}'`;
  switch (field.type) {
    case 'text':
      return `${json}->>${name}`;
    case 'date':
      return `(${json}->>${name})::date`;
    case 'instant':
      return `(${json}->>${name})::timestamptz`;
    case 'boolean':
      return `(${json}->>${name})::boolean`;
    case 'list':
      return `case jsonb_typeof(${json}->${name}) when 'array' then array(select jsonb_array_elements_text(${json}->${name})) else '{}' end`;
  }
}

/** The id (or ids) our records have that a JSON object of external keys names, by this integration's links ($1, $2). */
export function resolvedRef(ref: RefColumn, refStream: string, refs: string): string {
  const keys = `${refs}->'${ref.ref}'`;
  const from = `from jsonb_array_elements_text(coalesce(${keys}, '[]')) with ordinality k(key, place)
      join link t on t.tenant_id = $1 and t.integration_id = $2 and t.stream = '${refStream}' and t.key = k.key
       and t.record_id is not null`;

  return ref.many
    ? `array(select t.record_id ${from} order by k.place)`
    : `(select t.record_id ${from} order by k.place limit 1)`;
}
