/** What the API asks of the engine. All ids are raw; every refusal is one of `src/model/problems.ts`. */
import type { Check } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import type { EntityName, Values } from '../model/entities.ts';
import type { Schedule } from '../model/schedule.ts';
import type { FieldRule, Resolution, RunMode } from '../model/sync.ts';
import type { Wondering } from '../sync/explain.ts';
import type { Explanation } from '../sync/explanation.ts';

interface Act {
  tenantId: string;
  /** Who acts, as histories name them. */
  by: string;
  now: Date;
}

/** What people may make and change by hand. */
type LocalEntity = 'person' | 'class' | 'enrollment' | 'term' | 'course' | 'guardianLink';

interface Named {
  entity: LocalEntity;
  recordId: string;
}

/** Raw ids of what a record refers to, by reference: `course`, `terms`. */
type References = Readonly<Record<string, readonly string[]>>;

type Form = Readonly<Record<string, unknown>>;

interface RunRequest {
  tenantId: string;
  integrationId: string;
  trigger: 'MANUAL';
  mode: RunMode;
  classIds?: readonly string[];
  personIds?: readonly string[];
  requestedBy: string;
  now: Date;
}

/** A connection that is stored, or one that is about to be. */
export type ConnectionToTest =
  | { tenantId: string; integrationId: string }
  | { tenantId: string; schoolId: string; provider: string; settings: Form; credentials: Form };

/** Every function but `testConnection` works inside the caller's transaction. */
export interface SyncApi {
  /** @throws NotFound, InvalidState when the integration is disconnected. */
  requestRun(tx: TransactionSql, request: RunRequest): Promise<string>;

  /** One run of each integration that knows people. @throws NotFound, InvalidState when there is none. */
  syncPerson(tx: TransactionSql, request: Act & { personId: string }): Promise<string[]>;

  /** @throws NotFound, Stale when the plan is another or has lapsed, InvalidState when nothing waits. */
  approveRun(tx: TransactionSql, request: Act & { runId: string; planHash: string }): Promise<void>;

  /** @throws NotFound, InvalidState when the run has ended. */
  cancelRun(tx: TransactionSql, request: Act & { runId: string }): Promise<void>;

  /** @throws NotFound, InvalidState when the run has not ended or nothing failed in it. */
  retryFailed(tx: TransactionSql, request: Act & { runId: string }): Promise<string>;

  /** @throws NotFound, InvalidState when the run has not ended or wrote nothing. */
  undoRun(tx: TransactionSql, request: Act & { runId: string }): Promise<string>;

  /** @throws NotFound, Stale for another version, InvalidState when it is settled already, ValidationFailed for a candidate. */
  resolveConflict(
    tx: TransactionSql,
    request: Act & {
      conflictId: string;
      version: number;
      resolution: Resolution;
      fields?: readonly string[];
      externalId?: string;
    },
  ): Promise<{ runId: string | null }>;

  /** Each by itself: what is refused is answered, not thrown. */
  resolveConflicts(
    tx: TransactionSql,
    request: Act & {
      conflicts: readonly { conflictId: string; version: number }[];
      resolution: Resolution;
    },
  ): Promise<{ settled: string[]; failures: { conflictId: string; error: Error }[]; runIds: string[] }>;

  /** @throws NotFound, ValidationFailed for a field that is not exchanged. */
  setFieldRule(
    tx: TransactionSql,
    request: Act & { integrationId: string; entityType: EntityName; field: string; rule: FieldRule },
  ): Promise<void>;

  /** Only reads. null for what is not there, or another school's. */
  explain(tx: TransactionSql, wondering: Wondering): Promise<Explanation | null>;

  /** @throws NotFound, OwnedBySource, ValidationFailed. */
  updatePerson(tx: TransactionSql, request: Act & { personId: string; changes: Values }): Promise<void>;

  /** A record of Homeroom's own; answers its id. @throws NotFound, ValidationFailed for what ends before it begins. */
  createRecord(
    tx: TransactionSql,
    request: Act & { entity: LocalEntity; schoolId: string; values: Values; references?: References },
  ): Promise<string>;

  /** @throws NotFound, OwnedBySource, ValidationFailed for what ends before it begins, or would be part of itself. */
  changeRecord(tx: TransactionSql, request: Act & Named & { changes: Values; references?: References }): Promise<void>;

  /** A person leaves their classes with it. @throws NotFound, OwnedBySource, InvalidState when it is archived already. */
  archiveRecord(tx: TransactionSql, request: Act & Named): Promise<void>;

  /** @throws NotFound, OwnedBySource, InvalidState for what is not archived, or what its source gave up. */
  restoreRecord(
    tx: TransactionSql,
    request: Act & { entity: 'person' | 'class' | 'term' | 'course'; recordId: string },
  ): Promise<void>;

  /** @throws NotFound, OwnedBySource, InvalidState. */
  enrollPerson(tx: TransactionSql, request: Act & { classId: string; personId: string; role: string }): Promise<string>;

  /** An adult for a student; answers the guardian link's id. @throws NotFound, InvalidState, ValidationFailed for one and the same. */
  linkGuardian(
    tx: TransactionSql,
    request: Act & { studentId: string; guardianId: string; relationship: string | null },
  ): Promise<string>;

  /** @throws NotFound, ValidationFailed with paths that begin with `settings` or `credentials`. */
  connectIntegration(
    tx: TransactionSql,
    request: Act & { schoolId: string; provider: string; settings: Form; credentials: Form },
  ): Promise<string>;

  /** @throws NotFound, ValidationFailed. */
  updateIntegration(
    tx: TransactionSql,
    request: Act & { integrationId: string; settings?: Form; credentials?: Form; schedule?: Schedule | null },
  ): Promise<void>;

  /** @throws NotFound. */
  disconnectIntegration(tx: TransactionSql, request: Act & { integrationId: string }): Promise<void>;

  /**
   * Asks the provider, outside any transaction; answers within 10 s, and asks no more when the signal aborts.
   *
   * @throws NotFound, InvalidState, ValidationFailed.
   */
  testConnection(connection: ConnectionToTest, signal: AbortSignal): Promise<{ ok: boolean; checks: readonly Check[] }>;
}
