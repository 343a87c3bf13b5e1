/**
 * The door: one record as the provider sent it, read or refused. A bad value that is required refuses the record; any
 * other is left out and the record goes on. Both are named by field and rule, never by the value. Pure.
 */
import type { Field, Finding, Settings } from '../connectors/kit/contract.ts';
import { entities, type FieldType, type Value } from '../model/entities.ts';
import { isKeepable } from '../model/text.ts';
import { type External, type Flow, readExternal } from './flow.ts';

/** What is wrong with one field of a record. */
export interface BadValue {
  code: 'required_value_missing' | 'required_value_unreadable' | 'value_unreadable' | 'not_readable';
  /** The provider's name of the field where only the provider has one, else ours. */
  field: string;
  /** What the value should have been, to be read after "must". */
  rule: string;
}

export interface Passed {
  wire: unknown;
  external: External;
  gone: boolean;
  dropped: readonly BadValue[];
  /** What the connector itself has to say about it. */
  findings: readonly Finding[];
}

export interface Refused {
  /** null: not even that can be read, so nobody can say which record it is. */
  key: string | null;
  name: string | null;
  why: BadValue | Finding;
}

/** Reads one record. Never throws, whatever was sent. */
export function atTheDoor(flow: Flow, raw: unknown, settings: Settings): Passed | Refused {
  try {
    const parsed = parseWire(flow, raw);
    if ('why' in parsed) return { ...reference(flow, raw, parsed.bad, settings), why: parsed.why };

    return read(flow, parsed.wire, parsed.dropped, settings);
  } catch {
    const why = { code: 'not_readable', field: 'record', rule: 'be in the form this connector knows' } as const;
    return { ...reference(flow, raw, new Set(), settings), why };
  }
}

type Parsed =
  | { wire: unknown; dropped: readonly BadValue[] }
  | { why: BadValue /** Outermost names of what is wrong. */; bad: ReadonlySet<string> };

/** The wire's own check; what it refuses is taken out and the rest tried again, for only it knows what it needs. */
function parseWire(flow: Flow, raw: unknown): Parsed {
  const first = flow.stream.wire.safeParse(raw);
  if (first.success) return { wire: first.data, dropped: [] };

  const issues = first.error.issues.filter((issue) => issue.path.length > 0);
  const bad = new Set(issues.map((issue) => String(issue.path[0])));
  if (issues.length === 0 || issues.length < first.error.issues.length || !isRecord(raw)) {
    return { why: { code: 'not_readable', field: 'record', rule: 'be a record with named fields' }, bad };
  }
  const rest: unknown = structuredClone(raw);
  for (const issue of issues) takeOut(rest, issue.path);
  const second = flow.stream.wire.safeParse(rest);
  if (second.success) {
    const dropped = issues.map((issue) => badValue('value_unreadable', issue));
    return { wire: second.data, dropped };
  }
  const needed = second.error.issues.find((issue) => issue.path.length > 0) ?? issues[0];
  const given = issues.find(
    (issue) => needed && issue.path.join() === needed.path.join() && valueAt(raw, issue.path) != null,
  );
  const why = badValue(given ? 'required_value_unreadable' : 'required_value_missing', given ?? needed);

  return { why, bad };
}

type Issue = { path: readonly PropertyKey[]; code?: string; expected?: unknown };

function badValue(code: BadValue['code'], issue: Issue | undefined): BadValue {
  const expected = issue?.code === 'invalid_type' && typeof issue.expected === 'string' ? issue.expected : null;

  return {
    code,
    field: issue?.path.map(String).join('.') || 'record',
    rule:
      code === 'required_value_missing' ? 'be there' : expected ? `be of the type ${expected}` : 'have its proper form',
  };
}

function isRecord(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null;
}

function valueAt(from: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at, name) => (isRecord(at) ? at[name] : undefined), from);
}

function takeOut(from: unknown, path: readonly PropertyKey[]): void {
  const parent = valueAt(from, path.slice(0, -1));
  const name = path.at(-1);
  // An item of a list is taken out by emptying its place, so that the places of the others still hold.
  if (isRecord(parent) && name !== undefined) delete parent[name];
}

/** The parsed record in our terms, with what a reader could make nothing of told. */
function read(flow: Flow, wire: unknown, misread: readonly BadValue[], settings: Settings): Passed | Refused {
  const external = readExternal(flow, wire, settings);
  const gone = flow.stream.gone?.(wire) ?? false;
  const dropped: BadValue[] = [...misread];
  if (flow.stream.born === 'here') return { wire, external, gone, dropped, findings: [] };
  const findings = flow.stream.findings?.(wire) ?? [];
  const refusal = findings.find(({ refuses }) => refuses);
  if (refusal) {
    const key = isKey(external.key) ? external.key : null;
    return { key, name: nameOf(flow, external.values), why: refusal };
  }

  const shape = entities[flow.stream.entity];
  for (const [name, field] of Object.entries<Field<unknown> | undefined>(flow.stream.fields)) {
    const value = external.values[name];
    const silent = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    if (!silent || !field?.given || isEmpty(field.given(wire))) continue;
    // What cannot be read says nothing, which is not the same as saying that there is none: ours stays.
    delete external.values[name];
    dropped.push({
      code: 'value_unreadable',
      field: name,
      rule: rules[(shape.fields as Record<string, FieldType>)[name] ?? 'text'],
    });
  }
  if (gone) return { wire, external, gone, dropped: [], findings };
  const missing = missingPart(flow, external);
  if (missing === null) return { wire, external, gone, dropped, findings };

  const unreadable = dropped.find(({ field }) => field === missing);
  const why: BadValue = unreadable
    ? { ...unreadable, code: 'required_value_unreadable' }
    : { code: 'required_value_missing', field: missing, rule: 'be there' };

  return { key: external.key, name: nameOf(flow, external.values), why };
}

const rules: Record<FieldType, string> = {
  text: 'be text',
  date: 'be a day that exists, as YYYY-MM-DD',
  instant: 'be a date with a time that exists',
  boolean: 'be true or false',
  list: 'be a list of texts',
};

function isEmpty(given: unknown): boolean {
  if (typeof given === 'string') return given.trim() === '';

  return given === undefined || given === null || (Array.isArray(given) && given.length === 0);
}

/** Puts defaults where a source says nothing; answers a required field or reference that is still empty. */
function missingPart(flow: Flow, { values, refs }: External): string | null {
  const shape = entities[flow.stream.entity];
  for (const [name, value] of Object.entries(shape.defaults ?? {})) values[name] ??= value as Value;
  const field = shape.required.find((name) => values[name] === undefined || values[name] === null);
  if (field !== undefined) return field;
  const needed = Object.entries(shape.refs).filter(([name, ref]) => ref.required && flow.stream.refs?.[name]);

  return needed.find(([name]) => (refs[name] ?? []).length === 0)?.[0] ?? null;
}

/** What a person recognises the record by, as far as its own fields tell. */
export function nameOf(flow: Flow, values: Readonly<Record<string, unknown>>): string | null {
  const parts = (entities[flow.stream.entity].name as readonly string[]).map((name) => values[name]);
  const words = parts.filter((part) => typeof part === 'string' && part !== '');

  return words.join(' ').slice(0, 200) || null;
}

/** Which record it was, as far as that can be read without what is wrong with it. */
function reference(
  flow: Flow,
  raw: unknown,
  bad: ReadonlySet<string>,
  settings: Settings,
): { key: string | null; name: string | null } {
  if (!isRecord(raw)) return { key: null, name: null };
  const asked: string[] = [];
  const watched = new Proxy(raw, { get: (of, name) => (asked.push(String(name)), of[name]) });
  const key = attempt(() => flow.stream.key(watched));
  // A key that was put together from something that is wrong, or not there, names another record or none.
  const sound = asked.every(
    (name) => !bad.has(name) && ['string', 'number'].includes(typeof raw[name]) && raw[name] !== '',
  );
  const names = (entities[flow.stream.entity].name as readonly string[]).map((name) => {
    const field = (
      flow.stream.fields as Record<string, { read(wire: unknown, settings: Settings): unknown } | undefined>
    )[name];
    return [name, attempt(() => field?.read(raw, settings))] as const;
  });

  return { key: sound && isKey(key) ? key : null, name: nameOf(flow, Object.fromEntries(names)) };
}

function attempt(fn: () => unknown): unknown {
  try {
    return fn();
  } catch {
    return undefined;
  }
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= 1000 && isKeepable(key);
}
