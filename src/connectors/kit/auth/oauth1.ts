/** OAuth 1.0a (RFC 5849) with a key and a secret and no token, as OneRoster 1.1 uses it: signs one request. */
import { createHmac, randomBytes } from 'node:crypto';

export type SignatureMethod = 'HMAC-SHA256' | 'HMAC-SHA1';

export interface Signing {
  key: string;
  secret: string;
  method: SignatureMethod;
  now: Date;
  /** Never used twice: sign again for every attempt. */
  nonce?: string;
}

/** The `Authorization` header for a request without a form body; every parameter of the URL's query is signed. */
export function signRequest(httpMethod: string, url: URL, signing: Signing): string {
  const oauth: [string, string][] = [
    ['oauth_consumer_key', signing.key],
    ['oauth_nonce', signing.nonce ?? randomBytes(16).toString('hex')],
    ['oauth_signature_method', signing.method],
    ['oauth_timestamp', String(Math.floor(signing.now.getTime() / 1_000))],
    ['oauth_version', '1.0'],
  ];
  const parameters = [...oauth, ...readQuery(url.search)]
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([name, value], [other, otherValue]) => compare(name, other) || compare(value, otherValue))
    .map((pair) => pair.join('='))
    .join('&');

  const base = [httpMethod.toUpperCase(), `${url.origin}${url.pathname}`, parameters].map(percentEncode).join('&');
  const algorithm = signing.method === 'HMAC-SHA256' ? 'sha256' : 'sha1';
  const signature = createHmac(algorithm, `${percentEncode(signing.secret)}&`)
    .update(base)
    .digest('base64');

  const header = [...oauth, ['oauth_signature', signature] as const];
  return `OAuth ${header.map(([name, value]) => `${name}="${percentEncode(value)}"`).join(', ')}`;
}

/** RFC 3986: everything but letters, digits and `-._~`. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Decoded, with a plus sign as a space: that is how servers read a query. */
function readQuery(search: string): [string, string][] {
  return [...new URLSearchParams(search)];
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
