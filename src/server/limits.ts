/** How much a caller may ask for at once, and how long it may take. */
export interface Limits {
  /** Of a request. */
  readonly bodyBytes: number;
  /** Of a message in a WebSocket. */
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  /** Running at the same time in one WebSocket. */
  readonly operationsPerSocket: number;
  /** Of the id a client gives to an operation in a WebSocket. */
  readonly idLength: number;
  /** Nothing more is written to a WebSocket that has so much waiting. */
  readonly waitingBytes: number;
  /** A connection whose waiting bytes do not get fewer for so long is ended. */
  readonly stallMs: number;
  /** For the first message of a WebSocket. */
  readonly initMs: number;
  /** Between two pings; a WebSocket that answers none is ended. */
  readonly pingMs: number;
  /** Between two looks whether the keys of what is open are still good. */
  readonly recheckMs: number;
  /** For what is under way when the server closes. */
  readonly drainMs: number;
  /** Of a webhook. */
  readonly webhookBytes: number;
  /** Within which a webhook's bytes have to arrive. */
  readonly webhookMs: number;
  /** At one address, in one process. */
  readonly webhooksPerSecond: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 256 * 1024,
  messageBytes: 64 * 1024,
  messagesPerSecond: 100,
  operationsPerSocket: 20,
  idLength: 128,
  waitingBytes: 256 * 1024,
  stallMs: 60_000,
  initMs: 3_000,
  pingMs: 12_000,
  // With the five seconds a key is believed: revoked is out within ten.
  recheckMs: 4_000,
  drainMs: 25_000,
  webhookBytes: 1024 * 1024,
  webhookMs: 10_000,
  webhooksPerSecond: 50,
};
