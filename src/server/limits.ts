import type { Bucket } from '../db/queries/token-bucket.ts';

/** What one document may hold. */
export interface DocumentLimits {
  /** Counted while the text is read. */
  readonly tokens: number;
  /** Levels of fields. */
  readonly depth: number;
  /** The same below `__schema` and `__type`: the standard introspection has 15. */
  readonly introspectionDepth: number;
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
}

/** How much a caller may ask for at once, and how long it may take. */
export interface Limits {
  readonly document: DocumentLimits;
  /** Points of one operation. */
  readonly operationPoints: number;
  /** Points a caller may spend: a tenant's key, a person. */
  readonly callerPoints: Bucket;
  /** Points all callers of a tenant may spend together. */
  readonly tenantPoints: Bucket;
  /** For an operation, for the beginning of a subscription, and for each of its events; then what it asks the database is cancelled. */
  readonly operationMs: number;
  /** Of a request. */
  readonly bodyBytes: number;
  /** Of a message in a WebSocket. */
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  /** WebSockets and streams of events that a caller may have open at one gateway, and all callers of a tenant together. */
  readonly connectionsPerCaller: number;
  readonly connectionsPerTenant: number;
  /** Of a caller that is a person. */
  readonly connectionsPerPerson: number;
  /** Running at the same time in one WebSocket. */
  readonly operationsPerSocket: number;
  /** Of the id a client gives to an operation in a WebSocket. */
  readonly idLength: number;
  /** Nothing more is written to a WebSocket that has so much waiting. */
  readonly waitingBytes: number;
  /** A client that takes nothing for longer is told of a gap, where much has happened; else of everything, from the table. */
  readonly patienceMs: number;
  /** A connection that takes nothing for so long, though something waits for it, is closed. */
  readonly stallMs: number;
  /** For the first message of a WebSocket. */
  readonly initMs: number;
  /** Between two pings; a WebSocket that answers none is ended. */
  readonly pingMs: number;
  /** Between two looks whether the keys of what is open are still good. */
  readonly recheckMs: number;
  /** Within which live clients are asked to come back when the server closes: each at another moment. */
  readonly comeBackMs: number;
  /** For what is under way when the server closes. */
  readonly drainMs: number;
  /** Of a webhook. */
  readonly webhookBytes: number;
  /** Within which a webhook's bytes have to arrive. */
  readonly webhookMs: number;
  /** At one address, in one process. */
  readonly webhooksPerSecond: number;
}

/** Of security.md, section 6. */
export const defaultLimits: Limits = {
  document: { tokens: 2_000, depth: 10, introspectionDepth: 15, aliases: 20, rootFields: 10, directives: 20 },
  operationPoints: 500,
  callerPoints: { capacity: 1_000, perSecond: 100 },
  tenantPoints: { capacity: 5_000, perSecond: 500 },
  operationMs: 10_000,
  bodyBytes: 256 * 1024,
  messageBytes: 64 * 1024,
  messagesPerSecond: 100,
  connectionsPerCaller: 50,
  connectionsPerTenant: 500,
  connectionsPerPerson: 5,
  operationsPerSocket: 20,
  idLength: 128,
  waitingBytes: 256 * 1024,
  patienceMs: 1_000,
  stallMs: 60_000,
  initMs: 3_000,
  pingMs: 12_000,
  // With the five seconds a key is believed: revoked is out within ten.
  recheckMs: 4_000,
  comeBackMs: 5_000,
  drainMs: 25_000,
  webhookBytes: 1024 * 1024,
  webhookMs: 10_000,
  webhooksPerSecond: 50,
};
