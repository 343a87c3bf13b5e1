/** Webhooks: a provider's call that something happened there, whether it may be believed, and what it is about. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { z } from 'zod';

/** A call as it arrived; nothing in it is believed yet. */
export interface Delivery {
  /** By name, in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  query: URLSearchParams;
  /** Byte for byte: signatures are made over these. */
  body: Buffer;
}

export interface Trust {
  /** Those that count now: the present one, and for a day the one before it. */
  secrets: readonly string[];
  now: Date;
}

/** External keys of what a message is about; empty: it is about nothing of this stream; `any`: it does not say which. */
export type Hint = readonly string[] | 'any';

/** How a provider rings: what it sends is authenticated, then read for nothing but where to look. */
export interface Webhook<Credentials = Readonly<Record<string, unknown>>, Message = unknown> {
  /** For the person who sets it up: where at the provider the address is entered, and for which events. */
  setup: string;
  /** The secret it signs with, where the school has entered it. */
  secretOf(credentials: Credentials): string | undefined;
  /** What to answer to a provider that only asks whether we are here, before it sends anything. */
  handshake?(delivery: Delivery): string | undefined;
  /** The authentic messages of a delivery, not yet read: a bundle may hold some that are not. None: it is refused. */
  verify(delivery: Delivery, trust: Trust): readonly unknown[];
  /** Of an authentic message, as far as we use it. */
  message: z.ZodType<Message>;
  /** The id under which the provider would send it again. Absent: two with the same content are one. */
  idOf?(message: Message): string;
  /** By stream, which of its records to look at. */
  hints: Readonly<Record<string, (message: Message) => Hint>>;
}

/** Types a webhook against its own message, then forgets that: all are handled alike. */
export function webhook<Credentials, Message>(declared: Webhook<Credentials, Message>): Webhook<Credentials> {
  return declared as unknown as Webhook<Credentials>;
}

/** Whether `signature` is the HMAC-SHA-256 of exactly these bytes under one of the secrets. */
export function isSigned(
  bytes: Uint8Array | string,
  signature: string | undefined,
  secrets: readonly string[],
  encoding: 'hex' | 'base64' = 'hex',
): boolean {
  const given = Buffer.from(signature ?? '', encoding);

  // All are tried, so that how long it takes does not tell which one came close.
  return secrets.filter((secret) => equal(given, createHmac('sha256', secret).update(bytes).digest())).length > 0;
}

/** For providers that sign nothing and send a secret of ours back: whether it is one of these. */
export function isKnown(token: string | undefined, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHmac('sha256', 'length tells nothing').update(text).digest();

  return secrets.filter((secret) => equal(digest(token ?? ''), digest(secret))).length > 0;
}

/** Milliseconds that a signed time may be off, both ways. */
const toleranceMs = 300_000;

/** For schemes that sign a time too. An unreadable one is not fresh. */
export function isFresh(signedAt: Date, now: Date): boolean {
  return Math.abs(now.getTime() - signedAt.getTime()) <= toleranceMs;
}

function equal(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
