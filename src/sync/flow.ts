/** A connector's streams as the engine walks them: in the order of their references, with what is merged spelled out. */
import type { Connector, Field, Ref, Settings, Stream } from '../connectors/kit/contract.ts';
import { type Shape, shapeOf } from '../db/queries/engine/shape.ts';
import { entities, type Value, type Values } from '../model/entities.ts';
import { contentHash } from '../model/values.ts';

export interface Flow {
  name: string;
  stream: Stream;
  shape: Shape;
  /** The stream that knows a reference's keys, by reference name. */
  refStreams: Readonly<Record<string, string>>;
  /** Names of fields and references that both sides can hold and that are compared. */
  merged: readonly string[];
  /** Changes when the mapping does, so that everything is compared afresh. */
  fingerprint: string;
}

/** The streams of a connector, each after those it refers to. A circle of references is an error of the connector. */
export function flowsOf(connector: Connector): readonly Flow[] {
  const done = new Map<string, Flow>();
  const visit = (name: string, path: readonly string[]): void => {
    if (done.has(name)) return;
    if (path.includes(name))
      throw new Error(`${connector.id}: streams refer in a circle: ${[...path, name].join(' → ')}`);
    const stream = connector.streams[name];
    if (!stream) throw new Error(`${connector.id}: a stream refers to "${name}", which does not exist.`);
    for (const ref of Object.values(stream.refs ?? {})) if (ref.stream !== name) visit(ref.stream, [...path, name]);
    done.set(name, flowOf(name, stream));
  };
  for (const name of Object.keys(connector.streams)) visit(name, []);

  return [...done.values()];
}

/** Without the streams that the settings leave out, and without references to them. */
export function wantedFlows(connector: Connector, settings: Settings): readonly Flow[] {
  const wanted = Object.entries(connector.streams).filter(([, stream]) => stream.wanted?.(settings) ?? true);
  const names = new Set(wanted.map(([name]) => name));
  const streams = wanted.map(([name, stream]): [string, Stream] => {
    const refs = Object.entries(stream.refs ?? {}).filter(([, ref]) => names.has(ref.stream));
    return [name, stream.refs ? { ...stream, refs: Object.fromEntries(refs) } : stream];
  });

  return flowsOf({ ...connector, streams: Object.fromEntries(streams) });
}

function flowOf(name: string, stream: Stream): Flow {
  const fields = Object.entries(stream.fields);
  const refs = Object.entries(stream.refs ?? {});
  const known = entities[stream.entity].refs;
  for (const [ref] of refs) if (!known[ref]) throw new Error(`${name}: ${stream.entity} has no reference "${ref}".`);
  // A destination's read-only field serves to match; whoever brings records into being is listened to in all it says.
  const counts = (name: string, part: { write?: unknown }) =>
    part.write !== undefined || (stream.born === 'both' ? !known[name]?.derived : stream.born === 'there');

  return {
    name,
    stream,
    shape: shapeOf(stream.entity),
    refStreams: Object.fromEntries(refs.map(([ref, { stream }]) => [ref, stream])),
    merged: [...fields, ...refs].filter(([part, its]) => its && counts(part, its)).map(([part]) => part),
    fingerprint: contentHash(name, fields.map(([field]) => field).join(), refs.map(([ref]) => ref).join()),
  };
}

/** What an external record says, as it is compared: canonical values, and the keys of what it refers to. */
export interface External {
  key: string;
  values: Record<string, Value>;
  refs: Record<string, readonly string[]>;
  /** The record of ours that it says it is. */
  ours: string | null;
}

const isRecordId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads a parsed wire record. What it says nothing about is left out. */
export function readExternal(flow: Flow, wire: unknown, settings: Settings): External {
  const values: Record<string, Value> = {};
  for (const [name, field] of Object.entries<Field<unknown> | undefined>(flow.stream.fields)) {
    if (!field) continue;
    const value = field.read(wire, settings);
    if (value !== undefined) values[name] = canonical(flow, name, value);
  }
  const refs: Record<string, readonly string[]> = {};
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) refs[name] = canonicalKeys(ref, ref.read(wire));

  // Who has nothing of ours does not carry ids of ours.
  const carried = flow.stream.born !== 'there' ? flow.stream.ours?.(wire) : undefined;
  const ours = carried !== undefined && isRecordId.test(carried) ? carried.toLowerCase() : null;

  return { key: flow.stream.key(wire), values, refs, ours };
}

/** A value as this provider can hold it. */
export function canonical(flow: Flow, name: string, value: Value): Value {
  const field = (flow.stream.fields as Record<string, { canonical?(value: Value): Value } | undefined>)[name];

  return value === null || !field?.canonical ? value : field.canonical(value);
}

export function canonicalKeys(ref: Ref<unknown>, keys: readonly string[]): readonly string[] {
  const ordered = ref.unordered ? keys.toSorted() : keys;

  return ref.canonical ? ref.canonical(ordered) : ordered;
}

/** Our record's values as this provider could hold them, for the fields that are merged. */
export function localValues(flow: Flow, row: Values): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const name of flow.merged)
    if (name in flow.stream.fields) values[name] = canonical(flow, name, row[name] ?? null);

  return values;
}
