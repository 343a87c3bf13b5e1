/** The words of a sync that the database, the engine and the API share. */

export type RunStatus = 'QUEUED' | 'RUNNING' | 'HELD' | 'SUCCEEDED' | 'PARTIAL' | 'FAILED' | 'CANCELLED';
export type RunTrigger = 'MANUAL' | 'DATA_CHANGE' | 'SCHEDULE' | 'WEBHOOK';
export type RunMode = 'DELTA' | 'FULL' | 'PREVIEW';
export type RunPhase = 'PULLING' | 'PLANNING' | 'APPLYING';
export type LogStatus = 'PENDING' | 'SUCCESS' | 'FAILED' | 'SKIPPED';
export type IntegrationStatus = 'CONNECTED' | 'DEGRADED' | 'ERROR' | 'DISCONNECTED';
export type LinkState = 'LINKED' | 'MAKING' | 'WAITING' | 'EXCLUDED';
export type ConflictKind = 'FIELD_CHANGED' | 'DELETED_EXTERNALLY' | 'DELETED_LOCALLY' | 'DUPLICATE_MATCH';
export type ConflictStatus = 'OPEN' | 'RESOLVING' | 'RESOLVED';
export type Resolution = 'ACCEPT_EXTERNAL' | 'PUSH_LOCAL' | 'IGNORE';

/** What a school has decided once and for all about a field of one integration; ASK is what holds without a decision. */
export type FieldRule = 'ASK' | 'ALWAYS_PUSH_LOCAL' | 'ALWAYS_ACCEPT_EXTERNAL';

/** QUICK: a person's request for some records, which goes in between two batches of a BULK run of the same integration. */
export type RunLane = 'BULK' | 'QUICK';

/** Whose turn it is to make a problem go away. */
export type ProblemTurn = 'SCHOOL' | 'PROVIDER' | 'HOMEROOM';

/** A record out there that ours could be. */
export interface ConflictCandidate {
  externalId: string;
  name: string;
}

/** On which side an operation writes: in Homeroom or at the provider. */
export type Side = 'here' | 'there';

/** What an operation does to its record. `link` ties two records that already exist; `skip` tells why nothing was written. */
export type OperationKind = 'create' | 'update' | 'remove' | 'link' | 'skip';

/** What a run did, by kind of operation; `unchanged` counts records that needed nothing. */
export interface RunCounts {
  created: number;
  updated: number;
  deleted: number;
  unchanged: number;
  skipped: number;
  failed: number;
  conflicts: number;
}

/** Why a run could not go on, and what an administrator can do about it. */
export interface RunError {
  code: string;
  message: string;
  remedy: string;
  /** Whose turn it is. */
  turn: ProblemTurn;
}

export interface ConflictField {
  name: string;
  baseValue: unknown;
  localValue: unknown;
  externalValue: unknown;
}

export const finalStatuses = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const satisfies readonly RunStatus[];
