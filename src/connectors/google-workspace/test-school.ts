/** A small school at the simulated Google, and this connector connected to it; for tests. */
import { existsSync, readFileSync } from 'node:fs';
import type { Value } from '../../model/entities.ts';
import { checkAgainstDiscovery, type DiscoveryDocument } from '../../simulators/google-workspace/discovery.ts';
import type { DomainHand } from '../../simulators/google-workspace/hand.ts';
import { makeServiceAccount } from '../../simulators/google-workspace/oauth/service-account.ts';
import type { GoogleOptions } from '../../simulators/google-workspace/options.ts';
import { createGoogleSimulator, type GoogleSimulator } from '../../simulators/google-workspace/simulator.ts';
import { createClock } from '../../simulators/kit/clock.ts';
import type { Field, From, Page, Pages, Patch, PushRequest, Sought, Stream } from '../kit/contract.ts';
import { makeHttp } from '../kit/http.ts';
import { mergePatches } from '../kit/patch.ts';
import { connect, type GoogleClient, type GoogleContext } from './client.ts';
import { credentials, scopes, settings } from './settings.ts';

export const domainName = 'school.example';
export const admin = `admin@${domainName}`;

const names = ['Ann Bos', 'Zoë Ørsted', 'Cas Dee', 'Dana Eik', 'Eli Fox'] as const;

/** One key for all schools: making one takes longer than most tests. */
const account = makeServiceAccount();

export interface School {
  simulator: GoogleSimulator;
  hand: DomainHand;
  client: GoogleClient;
  context: GoogleContext;
  /** Milliseconds of every pause that was asked for; none of them is waited for. */
  pauses: number[];
  /** The numeric id of `ann`, `zoe` … */
  id(who: string): string;
  close(): Promise<void>;
}

/** Starts it: an administrator, `ann`, `zoe`, `cas`, `dana` and `eli`, and no course. */
export async function startSchool(options: Partial<GoogleOptions> = {}, clock = createClock()): Promise<School> {
  const users = names.map((name) => {
    const [givenName = '', familyName = ''] = name.split(' ');
    return { primaryEmail: addressOf(givenName), givenName, familyName };
  });
  const simulator = await createGoogleSimulator(
    {
      domains: [{ name: domainName, admins: [admin], users }],
      clients: [{ clientId: 'client', clientSecret: 'hush' }],
      ...options,
    },
    clock,
  );
  const { key, publicKey } = await account;
  simulator.addServiceAccount({ clientEmail: key.client_email, publicKey, scopes });
  const pauses: number[] = [];
  const context = {
    ...contextFor(simulator, { serviceAccountKey: JSON.stringify(key), adminEmail: admin }),
    sleep: async (milliseconds: number) => void pauses.push(milliseconds),
  };
  const client = await connect(context);
  const hand = simulator.domain(domainName);

  return {
    simulator,
    hand,
    client,
    context,
    pauses,
    id: (who) => hand.user(addressOf(who)).id,
    close: () => simulator.close(),
  };
}

export function addressOf(who: string): string {
  return `${who.toLowerCase().replace('ë', 'e')}@${domainName}`;
}

/** A context with the real door to the simulator; it grants every call a quota. */
export function contextFor({ origin, clock }: GoogleSimulator, given: unknown): GoogleContext {
  return {
    settings: settings.parse({ domain: domainName, apiRootUrl: origin, tokenUrl: `${origin}/token` }),
    credentials: credentials.parse(given),
    http: makeHttp({
      allowedHosts: [new URL(origin).host],
      limits: [],
      quotaKeys: {},
      takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    }),
    clock,
    signal: new AbortController().signal,
  };
}

/** What a pull is given; `mirrored` are the keys of the courses we mirror. */
export function from(
  { client, context }: Pick<School, 'client' | 'context'>,
  { mirrored = [], checkpoint = null, signal = context.signal }: Partial<FromParts> = {},
): From<GoogleClient> {
  return {
    client,
    settings: { ...context.settings },
    signal,
    clock: context.clock,
    checkpoint,
    keys: async function* () {
      yield* mirrored;
    },
  };
}

interface FromParts {
  mirrored: readonly string[];
  checkpoint: string | null;
  signal: AbortSignal;
}

export function sought(parts: Partial<Sought>): Sought {
  return { recordId: 'r', sourcedId: null, key: null, row: {}, refs: {}, ...parts };
}

export function request(parts: Partial<PushRequest> = {}): PushRequest {
  return {
    row: {},
    refs: {},
    patch: {},
    changed: Object.keys(parts.patch ?? {}),
    settings: {},
    signal: new AbortController().signal,
    idempotencyKey: 'i1-courses-r1-1',
    recordId: 'r1',
    sourcedId: null,
    uncertain: false,
    handle: null,
    seen: null,
    ...parts,
  };
}

/** What the engine would write for these values and keys: `patch` of a push. */
export function patchOf(
  stream: Stream<GoogleClient>,
  values: Record<string, Value>,
  refs: Record<string, string[]> = {},
): Patch {
  const fields = stream.fields as Readonly<Record<string, Field<unknown>>>;
  const parts = [
    ...Object.entries(values).map(([name, value]) => fields[name]?.write?.(value, { row: values, settings: {} })),
    ...Object.entries(refs).map(([name, keys]) => stream.refs?.[name]?.write?.(keys)),
  ];
  return parts.reduce<Patch>((merged, part) => mergePatches(merged, part ?? {}), {});
}

/** All pages of a pull. A pull the stream does not have is an error. */
export async function collect(pages: Pages | undefined): Promise<Page[]> {
  if (pages === undefined) throw new Error('the stream has no such pull');
  return Array.fromAsync(pages);
}

export async function records(pages: Pages | undefined): Promise<unknown[]> {
  return (await collect(pages)).flatMap((page) => page.records);
}

const folder = new URL('../../../../shared/data/google-discovery/', import.meta.url);
/** False where Google's own descriptions are at hand, else why the check is skipped. */
export const withoutDiscovery = existsSync(folder) ? false : 'Google’s discovery documents are not at hand';

/** What Google's own descriptions have against the requests so far; nothing where they are not at hand. */
export function complaints({ simulator }: School): string[] {
  if (withoutDiscovery !== false) return [];

  const documents = ['classroom.v1.json', 'admin.directory_v1.json'].map(
    (file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as DiscoveryDocument,
  );
  return checkAgainstDiscovery(simulator.journal.entries(), documents);
}
