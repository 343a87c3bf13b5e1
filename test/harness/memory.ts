/** A source and a destination in memory, so that a test can say exactly what one answers and read what the other was told. */
import { z } from 'zod';
import {
  type Connector,
  connector,
  type From,
  type Page,
  type Pages,
  type PushRequest,
  stream,
} from '../../src/connectors/kit/contract.ts';

const wire = z.looseObject({ id: z.string(), gone: z.boolean().optional() });
type Wire = z.output<typeof wire>;

/** What a connector to something in memory says of itself; its id, its name and its streams are its own. */
export const inMemory = {
  description: 'A system in memory.',
  docs: 'https://memory.example',
  settings: z.object({}),
  credentials: z.object({}),
  auth: ['apiKey' as const],
  limits: [],
  quotaKeys: () => ({}),
  concurrency: 1,
  connect: async () => null,
  probe: async () => [],
};

async function* inTwoPages(records: readonly Wire[], { checkpoint }: Pick<From<unknown>, 'checkpoint'>): Pages {
  const half = Math.ceil(records.length / 2);
  const page = (part: readonly Wire[], last: boolean): Page => ({
    records: structuredClone(part),
    next: last ? null : 'more',
    ...(last && { mark: 'mark' }),
  });
  if (checkpoint === null) yield page(records.slice(0, half), false);
  yield page(records.slice(half), true);
}

export interface MemorySource {
  connector: Connector;
  people: Wire[];
  classes: Wire[];
  enrollments: Wire[];
}

/** What it answers is what its lists hold at that moment. */
export function memorySource(id = 'memory-sis'): MemorySource {
  const told: Omit<MemorySource, 'connector'> = { people: [], classes: [], enrollments: [] };
  const text = (name: string) => ({
    read: (record: Wire) => (record[name] as string | undefined) ?? null,
    owner: 'provider' as const,
  });
  const common = (name: keyof typeof told) => ({
    born: 'there' as const,
    wire,
    action: `memory.${name}`,
    key: (record: Wire) => record.id,
    gone: (record: Wire) => record.gone ?? false,
    pull: { all: (from: From<unknown>) => inTwoPages(told[name], from) },
  });
  const ref = (to: string, name: string) => ({
    stream: to,
    read: (record: Wire) => [record[name] as string],
    missing: 'wait' as const,
  });

  return Object.assign(told, {
    connector: connector<null, Record<string, never>, Record<string, never>>({
      ...inMemory,
      id,
      name: 'Memory SIS',
      streams: {
        people: stream<null, 'person', Wire>({
          ...common('people'),
          entity: 'person',
          fields: {
            givenName: text('givenName'),
            familyName: text('familyName'),
            role: text('role'),
            email: text('email'),
          },
        }),
        classes: stream<null, 'class', Wire>({
          ...common('classes'),
          entity: 'class',
          fields: { title: text('title') },
        }),
        enrollments: stream<null, 'enrollment', Wire>({
          ...common('enrollments'),
          entity: 'enrollment',
          refs: { class: { ...ref('classes', 'class'), container: true }, person: ref('people', 'person') },
          fields: { role: text('role') },
        }),
      },
    }),
  });
}

export interface MemoryCall {
  verb: 'create' | 'update' | 'remove';
  stream: string;
  key: string;
}

export interface MemoryDestination {
  connector: Connector;
  people: Map<string, Wire>;
  classes: Map<string, Wire>;
  members: Map<string, Wire>;
  /** Every write, in the order they came. */
  journal: MemoryCall[];
  /** Called before each write; a test may change the world or throw in it. */
  meanwhile: (call: MemoryCall) => void | Promise<void>;
}

type Held = 'people' | 'classes' | 'members';

/** Mirrors people (linked by e-mail address), classes and who is in them; nobody there but Homeroom writes unless a test does. */
export function memoryDestination(id = 'memory-rooms'): MemoryDestination {
  const people = new Map<string, Wire>();
  const classes = new Map<string, Wire>();
  const members = new Map<string, Wire>();
  const holds = { people, classes, members };
  const there: Omit<MemoryDestination, 'connector'> = { ...holds, journal: [], meanwhile: () => undefined };
  let made = 0;
  const call = async (verb: MemoryCall['verb'], name: Held, key: string) => {
    await there.meanwhile({ verb, stream: name, key });
    there.journal.push({ verb, stream: name, key });
  };
  const text = (name: string, owner: 'homeroom' | 'shared' = 'homeroom') => ({
    read: (record: Wire) => (record[name] as string | undefined) ?? null,
    write: (value: unknown) => ({ [name]: value }),
    owner,
  });
  const common = (name: Held) => ({
    born: 'here' as const,
    wire,
    action: `rooms.${name}`,
    key: (record: Wire) => record.id,
    pull: { all: (from: From<unknown>) => inTwoPages([...holds[name].values()], from) },
    push: {
      async create(_client: null, request: PushRequest) {
        const again = [...holds[name].values()].find((record) => record.ours === request.idempotencyKey);
        if (again) return { wire: again };
        made += 1;
        const record = { id: `${name}-${made}`, ours: request.idempotencyKey, ...request.patch, ...request.refs };
        await call('create', name, record.id);
        holds[name].set(record.id, record);
        return { wire: structuredClone(record) };
      },
      async update(_client: null, key: string, request: PushRequest) {
        await call('update', name, key);
        const record = { ...holds[name].get(key), id: key, ...request.patch };
        holds[name].set(key, record);
        return { wire: structuredClone(record) };
      },
      async remove(_client: null, key: string) {
        await call('remove', name, key);
        holds[name].delete(key);
      },
    },
  });
  const ref = (to: string, name: string) => ({
    stream: to,
    read: (record: Wire) => (record[name] as string[] | undefined) ?? [],
    missing: 'wait' as const,
  });

  return Object.assign(there, {
    connector: connector<null, Record<string, never>, Record<string, never>>({
      ...inMemory,
      id,
      name: 'Memory Rooms',
      streams: {
        people: stream<null, 'person', Wire>({
          ...common('people'),
          entity: 'person',
          match: [{ by: ['email'], adopt: 'link' }],
          fields: { givenName: text('givenName'), familyName: text('familyName'), email: text('email', 'shared') },
          selects: { describe: 'Everybody with an address', needs: ['email'], leaving: 'remove' },
        }),
        classes: stream<null, 'class', Wire>({
          ...common('classes'),
          entity: 'class',
          fields: { title: text('title') },
          selects: { describe: 'Active classes', leaving: 'remove' },
        }),
        members: stream<null, 'enrollment', Wire>({
          ...common('members'),
          entity: 'enrollment',
          refs: { class: { ...ref('classes', 'class'), container: true }, person: ref('people', 'person') },
          fields: {},
        }),
      },
    }),
  });
}
