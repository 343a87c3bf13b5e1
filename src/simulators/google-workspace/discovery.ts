// Holds journaled requests against Google's own description of its APIs, so that simulator and connector cannot agree on
// something Google never offered.
import type { JournalEntry } from '../kit/journal.ts';
import { checkValue, type Schema, type Schemas } from './discovery-schema.ts';
import { parseFields, type Selection } from './fields.ts';

/** The parts of a Google API discovery document that are looked at. */
export interface DiscoveryDocument {
  readonly name: string;
  readonly servicePath: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly schemas: Schemas;
  readonly resources?: Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resource>>;
}

export interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
  readonly request?: { readonly $ref: string };
  readonly response?: { readonly $ref: string };
  readonly scopes?: readonly string[];
}

interface Parameter extends Schema {
  readonly location?: string;
  readonly required?: boolean;
  readonly repeated?: boolean;
  readonly minimum?: string;
  readonly maximum?: string;
  readonly pattern?: string;
}

interface Known {
  readonly method: Method;
  readonly document: DiscoveryDocument;
  readonly pattern: RegExp;
}

/**
 * What is wrong with these requests by the documents: one sentence each, none when all is well. Requests for tokens are not
 * part of these APIs and are passed over.
 */
export function checkAgainstDiscovery(
  entries: readonly JournalEntry[],
  documents: readonly DiscoveryDocument[],
): string[] {
  const known = documents.flatMap((document) =>
    methodsOf(document).map((method) => ({ method, document, pattern: patternOf(document, method) })),
  );

  return entries
    .filter(({ path }) => !/^\/(token|revoke|tokeninfo|oauth2\/.*)$/.test(path))
    .flatMap((entry) => {
      const found = known.find(({ method, pattern }) => method.httpMethod === entry.method && pattern.test(entry.path));
      const problems = found === undefined ? ['no such method'] : checkEntry(entry, found);
      return problems.map((problem) => `${entry.method} ${entry.path} (request ${entry.number}): ${problem}`);
    });
}

/** Every method of a document, however deep. */
export function methodsOf({ methods = {}, resources = {} }: Resource): Method[] {
  return [...Object.values(methods), ...Object.values(resources).flatMap(methodsOf)];
}

function patternOf({ servicePath }: DiscoveryDocument, { path, parameters = {} }: Method): RegExp {
  const source = `/${servicePath}${path}`
    .replaceAll(/[.*?^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{(\+?)([^}]+)\}/g, (_, plus: string, name: string) => {
      // A value that may hold slashes often says what it looks like.
      if (plus === '+') return parameters[name]?.pattern?.replaceAll(/^\^|\$$/g, '') ?? '.+';
      return '[^/]+';
    });
  return new RegExp(`^${source}$`);
}

function checkEntry(entry: JournalEntry, { method, document }: Known): string[] {
  return [
    ...checkQuery(entry, method, document),
    ...checkBody(entry, method, document),
    ...checkMask(entry, method, document),
    ...checkFields(entry, method, document),
  ];
}

function checkQuery({ query }: JournalEntry, method: Method, document: DiscoveryDocument): string[] {
  const own = Object.entries(method.parameters ?? {}).filter(([, { location }]) => location === 'query');
  const parameters = new Map([...Object.entries(document.parameters), ...own]);

  const missing = own.filter(([name, { required }]) => required && query[name] === undefined);
  const given = Object.entries(query).flatMap(([name, values]) => {
    const parameter = parameters.get(name);
    if (parameter === undefined) return [`${method.id} has no parameter ${name}`];
    if (values.length > 1 && !parameter.repeated) return [`${name} may be given only once`];
    return values.flatMap((value) => checkParameter(name, value, parameter));
  });
  return [...missing.map(([name]) => `${name} is required`), ...given];
}

function checkParameter(name: string, value: string, parameter: Parameter): string[] {
  const { type, enum: choices, minimum, maximum } = parameter;
  if (choices !== undefined && !choices.includes(value)) return [`${name} cannot be ${value}`];
  if (type === 'boolean' && value !== 'true' && value !== 'false') return [`${name} is not a boolean: ${value}`];
  if (type !== 'integer') return [];
  if (!/^-?\d+$/.test(value)) return [`${name} is not a whole number: ${value}`];

  const outside = Number(value) < Number(minimum ?? -Infinity) || Number(value) > Number(maximum ?? Infinity);
  return outside ? [`${name} is out of range: ${value}`] : [];
}

function checkBody({ body }: JournalEntry, { id, request }: Method, { schemas }: DiscoveryDocument): string[] {
  if (request === undefined) return body === undefined ? [] : [`${id} takes no body`];
  return checkValue(body ?? {}, request, schemas, { at: request.$ref, methodId: id });
}

/** A mask names fields of the message; some methods' prose names further ones in backticks. */
function checkMask({ query }: JournalEntry, method: Method, { schemas }: DiscoveryDocument): string[] {
  const parameter = Object.values(method.parameters ?? {}).find(({ format }) => format === 'google-fieldmask');
  if (parameter === undefined || method.request === undefined) return [];

  const mask = query.updateMask?.[0];
  if (mask === undefined || mask === '') return ['updateMask is missing'];

  const named = [...(parameter.description ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
  const allowed = new Set(named.length > 0 ? named : Object.keys(schemas[method.request.$ref]?.properties ?? {}));
  return mask
    .split(',')
    .filter((name) => !allowed.has(name))
    .map((name) => `updateMask cannot name ${name}`);
}

function checkFields({ query }: JournalEntry, method: Method, { schemas }: DiscoveryDocument): string[] {
  const fields = query.fields?.[0];
  if (fields === undefined) return [];

  const selection = parseFields(fields);
  if (selection === undefined) return [`fields cannot be read: ${fields}`];
  return method.response === undefined
    ? []
    : unknownFields(selection, method.response, schemas).map(
        (name) => `fields names ${name}, which the answer has not`,
      );
}

function unknownFields(selection: Selection, schema: Schema, schemas: Schemas): string[] {
  const { properties } = resolve(schema, schemas);
  // A field whose parts are not described (type any) may have any.
  if (properties === undefined) return [];

  return Object.entries(selection).flatMap(([name, part]) => {
    if (name === '*') return [];
    const property = properties[name];
    if (property === undefined) return [name];
    return part === true ? [] : unknownFields(part, property, schemas).map((inner) => `${name}/${inner}`);
  });
}

/** What a reference or a list comes down to. */
function resolve(schema: Schema, schemas: Schemas): Schema {
  if (schema.$ref !== undefined) return schemas[schema.$ref] ?? {};
  return schema.items === undefined ? schema : resolve(schema.items, schemas);
}
