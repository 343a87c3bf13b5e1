/** A small honest client for the simulator's own tests: signs in by OAuth 2 and reads what the answers say. */
import { generateDistrict } from '../district/generate.ts';
import { createClock } from '../kit/clock.ts';
import type { OneRosterOptions, Version } from './options.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from './simulator.ts';
import type { Wire } from './wire-parts.ts';

export const asOf = new Date('2026-01-15T00:00:00.000Z');
export const district = generateDistrict({ seed: 'simulator', asOf });

export interface Answered {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

export interface TestClient {
  simulator: OneRosterSimulator;
  /** Asks a path below the version's base, signed in as the first client. */
  get: (path: string, version?: Version) => Promise<Answered>;
  /** The records of a collection's answer, whatever they come under. */
  list: (path: string, version?: Version) => Promise<Wire[]>;
}

/** Asks for a token and gives back the whole answer. */
export async function askToken(
  { tokenUrl }: OneRosterSimulator,
  { id = 'demo', secret = 'secret', scope }: { id?: string; secret?: string; scope?: string } = {},
): Promise<Answered> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
  });
  return answered(response);
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  const body = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text };
  return { status: response.status, headers: response.headers, body };
}

/** Starts a simulator of the test district with a client `demo`, and signs in. The clock stands still at `asOf`. */
export async function startTestClient(options: Partial<OneRosterOptions> = {}): Promise<TestClient> {
  const simulator = await startOneRosterSimulator({
    district,
    clients: [{ id: 'demo', secret: 'secret' }],
    clock: createClock(asOf),
    ...options,
  });
  const { body } = await askToken(simulator, options.clients?.[0]);
  const authorization = `Bearer ${String(body.access_token)}`;

  const get = async (path: string, version: Version = '1.1') =>
    answered(await fetch(`${simulator.baseUrls[version]}${path}`, { headers: { authorization } }));

  return {
    simulator,
    get,
    list: async (path, version) => {
      const answer = await get(path, version);
      const found = Object.values(answer.body).find(Array.isArray);
      if (answer.status !== 200 || !found) throw new Error(`${path} answered ${JSON.stringify(answer.body)}`);
      return found as Wire[];
    },
  };
}

/** The address of a relation in a Link header. */
export function linkTo(headers: Headers, relation: string): string | undefined {
  return new RegExp(`<([^>]+)>; rel="${relation}"`, 'u').exec(headers.get('link') ?? '')?.[1];
}
