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
}

export interface ConflictField {
  name: string;
  baseValue: unknown;
  localValue: unknown;
  externalValue: unknown;
}

export const finalStatuses = ['SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED'] as const satisfies readonly RunStatus[];
