// Holds a JSON value against a schema of a Google API discovery document.

export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly annotations?: { readonly required?: readonly string[] };
}

export type Schemas = Readonly<Record<string, Schema>>;

interface Place {
  /** Where the value stands, for the sentences. */
  readonly at: string;
  readonly methodId: string;
}

/** What is wrong with the value: one sentence each. */
export function checkValue(value: unknown, schema: Schema, schemas: Schemas, place: Place): string[] {
  const { at, methodId } = place;
  if (schema.$ref !== undefined) {
    const target = schemas[schema.$ref];
    return target === undefined ? [`${at}: no schema ${schema.$ref}`] : checkValue(value, target, schemas, place);
  }
  if (value === null || schema.type === 'any') return [];
  if (!isOfType(value, schema)) return [`${at} is not a ${schema.format ?? schema.type ?? 'value'}`];
  if (schema.enum !== undefined && typeof value === 'string' && !schema.enum.includes(value)) {
    return [`${at} cannot be ${value}`];
  }

  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return value.flatMap((item, index) => checkValue(item, items, schemas, { at: `${at}[${index}]`, methodId }));
  }
  if (typeof value !== 'object') return [];

  const properties = schema.properties ?? {};
  const missing = Object.entries(properties)
    .filter(([name, { annotations }]) => annotations?.required?.includes(methodId) && !(name in value))
    .map(([name]) => `${at}.${name} is required`);
  const given = Object.entries(value).flatMap(([name, inner]) => {
    const property = properties[name] ?? schema.additionalProperties;
    return property === undefined
      ? [`${at} has no field ${name}`]
      : checkValue(inner, property, schemas, { at: `${at}.${name}`, methodId });
  });
  return [...missing, ...given];
}

function isOfType(value: unknown, { type, format }: Schema): boolean {
  switch (type) {
    case 'string':
      if (typeof value !== 'string') return false;
      if (format === 'int64' || format === 'uint64') return /^-?\d+$/.test(value);
      return format === undefined || !/date-?time/.test(format) || !Number.isNaN(Date.parse(value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return true;
  }
}
