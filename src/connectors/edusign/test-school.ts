/** A small school at the simulated Edusign, and this connector connected to it; for tests. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { EdusignOptions } from '../../simulators/edusign/options.ts';
import { createEdusignSimulator } from '../../simulators/edusign/simulator.ts';
import { createClock } from '../../simulators/kit/clock.ts';
import type { Page, Pages, PushRequest, Sought } from '../kit/contract.ts';
import { makeHttp } from '../kit/http.ts';
import type { Delivery } from '../kit/webhook.ts';
import { connect, type EdusignContext } from './client.ts';
import { credentials, settings } from './settings.ts';

export const token = 'edusign-key-that-nobody-may-see';
export const webhookSecret = 'client-secret-that-nobody-may-see';

/** A day and a time of the plan, as far from now as asked. */
export const at = (days: number, hours = 0) =>
  new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000 + days * 86_400_000 + hours * 3_600_000).toISOString();

export async function startSchool(options: Partial<EdusignOptions> = {}, given: Record<string, unknown> = {}) {
  const clock = createClock();
  const simulator = await createEdusignSimulator({ apiKeys: [token], pace: 'off', ...options }, clock);
  const context: EdusignContext = {
    settings: settings.parse({ apiRootUrl: simulator.origin, ...given }),
    credentials: credentials.parse({ edusignToken: token, webhookSecret }),
    http: makeHttp({
      allowedHosts: [new URL(simulator.origin).host],
      limits: [],
      quotaKeys: {},
      takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    }),
    clock,
    signal: new AbortController().signal,
    sleep: async () => undefined,
  };
  const client = await connect(context);
  const { hand } = simulator;
  const person = (kind: 'student' | 'professor', name: string, API_ID = '') =>
    hand.addPerson(kind, { FIRSTNAME: name, LASTNAME: 'Ørsted', EMAIL: `${name.toLowerCase()}@example.org`, API_ID })
      .ID;
  const sheet = (PROFESSOR: string, STUDENTS: readonly string[], more: { API_ID?: string; API_TYPE?: string } = {}) =>
    hand.addSheet({
      NAME: 'Cours § Éthique',
      START: at(3, 6),
      END: at(3, 8),
      PROFESSOR,
      STUDENTS: STUDENTS.map((studentId) => ({ studentId })),
      ...more,
    }).ID;

  return { simulator, hand, client, context, clock, person, sheet };
}

export type School = Awaited<ReturnType<typeof startSchool>>;

/** What a pull is given. */
export function from({ client, context }: School, checkpoint: string | null = null) {
  const { settings, signal, clock } = context;
  return { client, settings: { ...settings }, signal, clock, checkpoint, keys: async function* () {} };
}

/** All records of a pull. A pull the stream does not have is an error. */
export async function records(pages: Pages | undefined): Promise<unknown[]> {
  if (pages === undefined) throw new Error('there is no such pull');
  return (await Array.fromAsync(pages)).flatMap((page: Page) => page.records);
}

export function sought(parts: Partial<Sought>): Sought {
  return { recordId: 'r', sourcedId: null, key: null, row: {}, refs: {}, ...parts };
}

export function request({ context }: School, parts: Partial<PushRequest> = {}): PushRequest {
  return {
    row: {},
    refs: {},
    patch: {},
    changed: Object.keys(parts.patch ?? {}),
    settings: { ...context.settings },
    signal: context.signal,
    idempotencyKey: 'i1-sheets-r1-1',
    recordId: 'r1',
    sourcedId: '115849',
    uncertain: false,
    handle: null,
    seen: null,
    ...parts,
  };
}

/** What the simulated Edusign sends, signed, when something is done to it. */
export async function heard({ simulator }: School, happens: () => void): Promise<Delivery> {
  const ear = createServer().listen(0, '127.0.0.1');
  await once(ear, 'listening');
  const { port } = ear.address() as AddressInfo;
  simulator.webhooks.set({ url: `http://127.0.0.1:${port}/`, secret: webhookSecret });
  const called = once(ear, 'request');
  happens();
  const [request, response] = (await called) as [IncomingMessage, { end(): void }];
  const body = await buffer(request);
  response.end();
  await simulator.webhooks.sent();
  ear.close();

  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return { headers, query: new URLSearchParams(), body };
}
