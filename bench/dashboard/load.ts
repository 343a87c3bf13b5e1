/** A crowd of dashboards: so many connections, each asking again as soon as it has its answer. */
import { Pool } from 'undici';

export interface Target {
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  readonly key: string;
  /** The request's body. */
  readonly body: string;
  /** Bytes of the right data: what an answer has beside it may vary. */
  readonly bytes: number;
}

export interface Load {
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Milliseconds of each request. */
  readonly took: readonly number[];
}

/** Rejects as soon as one answer is not 200 or too short. */
export async function load(target: Target, connections: number, seconds: number): Promise<Load> {
  const pool = new Pool(target.origin, { connections, pipelining: 1 });
  const took: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1_000;

  async function ask(): Promise<void> {
    while (performance.now() < until) {
      const sent = performance.now();
      const { statusCode, body } = await pool.request({ ...requestOf(target), path: '/graphql' });
      const { byteLength } = await body.arrayBuffer();
      if (statusCode !== 200 || byteLength < target.bytes) {
        throw new Error(`An answer of ${byteLength} bytes with status ${statusCode}, where ${target.bytes} are data.`);
      }
      took.push(performance.now() - sent);
    }
  }

  try {
    await Promise.all(Array.from({ length: connections }, ask));
    const spent = (performance.now() - began) / 1_000;
    return { requestsPerSecond: took.length / spent, requests: took.length, took };
  } finally {
    await pool.close();
  }
}

/** The data of one answer, as JSON. */
export async function askOnce({ origin, ...rest }: Pick<Target, 'origin' | 'key' | 'body'>): Promise<string> {
  const response = await fetch(`${origin}/graphql`, requestOf(rest));
  const { data } = (await response.json()) as { data: unknown };

  return JSON.stringify(data);
}

function requestOf({ key, body }: Pick<Target, 'key' | 'body'>) {
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body,
  };
}
