// A simulated Edusign on a clock that stands still, and a client that speaks as anybody would; for tests.
import { createClock } from '../kit/clock.ts';
import type { EdusignOptions } from './options.ts';
import { createEdusignSimulator } from './simulator.ts';

/** A Tuesday. */
const today = new Date('2026-10-20T06:00:00Z');

export interface Spoken {
  readonly status: number;
  readonly text: string;
  /** The envelope, where the answer is one. */
  readonly json: { status: string; message?: unknown } | undefined;
  readonly result: unknown;
}

export async function startEdusign(options: Partial<EdusignOptions> = {}) {
  const simulator = await createEdusignSimulator({ apiKeys: ['key'], ...options }, createClock(today));
  const speak = async (method: string, path: string, body?: unknown, key = 'key'): Promise<Spoken> => {
    const response = await fetch(simulator.origin + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text.startsWith('{')
      ? (JSON.parse(text) as { status: string; message?: unknown; result?: unknown })
      : undefined;
    return { status: response.status, text, json, result: json?.result };
  };
  const add = (kind: 'student' | 'professor', name: string, API_ID = '') =>
    simulator.hand.addPerson(kind, {
      FIRSTNAME: name,
      LASTNAME: 'Dupont',
      EMAIL: `${name.toLowerCase()}@example.org`,
      API_ID,
    }).ID;

  return { ...simulator, speak, add };
}
