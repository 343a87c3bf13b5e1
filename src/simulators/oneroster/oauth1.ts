/** Verifies OAuth 1.0a signatures without a token (RFC 5849, section 3.4), the way OneRoster 1.1 servers ask for them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SimulatorClock } from '../kit/clock.ts';
import type { SimulatorRequest } from '../kit/exchange.ts';
import type { OneRosterClient } from './options.ts';
import { percentEncode } from './percent-encoding.ts';

const WINDOW_SECONDS = 300;
const HASHES: Record<string, string> = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' };

type Encode = (text: string) => string;

// Code samples in the wild leave the slash as it is; servers that want such clients accept both.
const lax: Encode = (text) => percentEncode(text).replaceAll('%2F', '/');

/** Gives the client whose signature a request carries, or the reason why there is none. */
export type Verify = (request: SimulatorRequest) => OneRosterClient | string;

/** Remembers nonces for as long as their timestamps would be accepted. */
export function createVerifier(clients: readonly OneRosterClient[], clock: SimulatorClock): Verify {
  const seen = new Map<string, number>();

  return (request) => {
    const sent = readHeader(request.headers.authorization ?? '');
    const client = clients.find((one) => one.kind === 'oauth1' && one.id === sent.oauth_consumer_key);
    if (!client) return 'The consumer key is not known';
    if (sent.oauth_version !== undefined && sent.oauth_version !== '1.0') return 'The version is not 1.0';

    const hash = HASHES[sent.oauth_signature_method ?? ''];
    if (hash === undefined) return 'The signature method is not supported';

    const now = Math.floor(clock.now().getTime() / 1000);
    const timestamp = Number(sent.oauth_timestamp ?? Number.NaN);
    if (!(Math.abs(now - timestamp) <= WINDOW_SECONDS)) return 'The timestamp is too far from the time of the server';

    for (const [nonce, until] of seen) if (until < now) seen.delete(nonce);
    const nonce = `${client.id} ${sent.oauth_nonce ?? ''}`;
    if (sent.oauth_nonce === undefined || seen.has(nonce)) return 'The nonce is missing or was used before';

    const signed = [percentEncode, lax].some((encode) => {
      const mac = createHmac(hash, `${encode(client.secret)}&`).update(baseString(request, sent, encode));
      return equal(mac.digest('base64'), sent.oauth_signature ?? '');
    });
    if (!signed) return 'The signature does not fit the request';

    seen.set(nonce, timestamp + WINDOW_SECONDS);
    return client;
  };
}

function readHeader(header: string): Record<string, string | undefined> {
  const pairs = [...header.matchAll(/([\w-]+)="([^"]*)"/gu)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, percentDecoded(value)]));
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

function baseString(request: SimulatorRequest, sent: Record<string, string | undefined>, encode: Encode): string {
  const own = Object.entries(sent).filter(([name]) => name !== 'oauth_signature' && name !== 'realm');
  const pairs = [...own, ...request.query].map(([name, value = '']) => [encode(name), encode(value)] as const);
  const byNameThenValue = (a: readonly [string, string], b: readonly [string, string]) =>
    compare(a[0], b[0]) || compare(a[1], b[1]);
  const parameters = pairs.sort(byNameThenValue).map((pair) => pair.join('='));
  const url = `http://${(request.headers.host ?? '').toLowerCase()}${request.path}`;
  return [request.method, encode(url), encode(parameters.join('&'))].join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function equal(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
