/** A simulated SIS with a small district, and this connector connected to it; for tests. */
import { generateDistrict } from '../../simulators/district/generate.ts';
import type { OneRosterOptions, Version } from '../../simulators/oneroster/options.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from '../../simulators/oneroster/simulator.ts';
import type { Field, Page, Stream } from '../kit/contract.ts';
import { makeHttp } from '../kit/http.ts';
import { connect, type OneRosterClient, type OneRosterContext } from './client.ts';
import { oneroster } from './index.ts';
import { credentials, settings } from './settings.ts';

export const id = 'homeroom';
export const secret = 'p:%w+ü';

/** Made once: no simulator changes the district it is given. */
const district = generateDistrict({ seed: 'oneroster', schools: 3, asOf: new Date(), untidy: true });

export interface Sis {
  simulator: OneRosterSimulator;
  client: OneRosterClient;
  context: OneRosterContext;
  /** Milliseconds of every pause that was asked for; none of them is waited for. */
  pauses: number[];
  schools: readonly string[];
  close: () => Promise<void>;
}

export interface SisOptions extends Partial<OneRosterOptions> {
  version?: Version;
  /** Beside address, version and, for OAuth 2, token address. */
  settings?: Record<string, unknown>;
  signal?: AbortSignal;
}

export async function startSis(options: SisOptions = {}): Promise<Sis> {
  const { version = '1.1', settings: more = {}, signal = new AbortController().signal, ...rest } = options;
  const simulator = await startOneRosterSimulator({ district, clients: [{ id, secret }], ...rest });
  const pauses: number[] = [];
  const signsRequests = rest.clients?.[0]?.kind === 'oauth1';
  const context: OneRosterContext = {
    settings: settings.parse({
      baseUrl: simulator.baseUrls[version],
      version,
      ...(!signsRequests && { tokenUrl: simulator.tokenUrl }),
      ...more,
    }),
    credentials: credentials.parse({ clientId: id, clientSecret: secret }),
    http: makeHttp({
      allowedHosts: [new URL(simulator.origin).host],
      limits: [],
      quotaKeys: {},
      takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    }),
    clock: simulator.clock,
    signal,
    sleep: async (milliseconds) => void pauses.push(milliseconds),
  };
  const schools = district.orgs.filter(({ type }) => type === 'school').map(({ sourcedId }) => sourcedId);

  return { simulator, client: connect(context), context, pauses, schools, close: () => simulator.close() };
}

/** What the engine takes from a record. */
export interface Read {
  key: string;
  gone: boolean;
  values: Record<string, unknown>;
  refs: Record<string, readonly string[]>;
}

export function streamOf(name: string): Stream {
  const stream = oneroster.streams[name];
  if (!stream) throw new Error(`There is no stream ${name}`);
  return stream;
}

/** All pages of a collection, or with a mark those of its changes. */
export async function pagesOf(
  sis: Sis,
  name: string,
  mark?: string,
  checkpoint: string | null = null,
): Promise<Page[]> {
  const { client, context } = sis;
  const { pull } = streamOf(name);
  const keys = async function* () {};
  const from = {
    client,
    settings: { ...context.settings },
    signal: context.signal,
    clock: context.clock,
    checkpoint,
    keys,
  };
  return Array.fromAsync((mark === undefined ? pull.all?.(from) : pull.since?.(from, mark)) ?? []);
}

/** The records of a collection as the engine takes them, the last of those with the same key, in order of their keys. */
export async function readOf(sis: Sis, name: string, mark?: string): Promise<Read[]> {
  const { within } = streamOf(name).pull;
  const records = (await pagesOf(sis, within?.stream ?? name, mark)).flatMap((page) => page.records);
  const own = within ? records.flatMap((one) => [...within.records(streamOf(within.stream).wire.parse(one))]) : records;
  const byKey = new Map(
    own.map((raw) => describeRecord(name, raw, sis.context.settings)).map((read) => [read.key, read]),
  );
  return [...byKey.values()].sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** One record of a stream, parsed and read. */
export function describeRecord(name: string, raw: unknown, given: object = {}): Read {
  const stream = streamOf(name);
  const wire = stream.wire.parse(raw);
  const fields: Readonly<Record<string, Field<unknown>>> = { ...stream.fields };
  return {
    key: stream.key(wire),
    gone: stream.gone?.(wire) ?? false,
    values: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.read(wire, { ...given })])),
    refs: Object.fromEntries(Object.entries(stream.refs ?? {}).map(([name, ref]) => [name, ref.read(wire)])),
  };
}
