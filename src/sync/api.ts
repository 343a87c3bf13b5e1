/** The engine as the API sees it: every function bound to this process's connectors, vault and queue. */
import type { Sql } from '../db/client.ts';
import { resolveConflict, resolveConflicts } from './conflicts.ts';
import type { Engine } from './engine.ts';
import { explain } from './explain.ts';
import { setFieldRule } from './field-rules.ts';
import { retryFailed, undoRun } from './follow-ups.ts';
import { connectIntegration, disconnectIntegration, testConnection, updateIntegration } from './integrations.ts';
import { enrollPerson, linkGuardian, updatePerson } from './local-edits.ts';
import { archiveRecord, changeRecord, createRecord, restoreRecord } from './local-records.ts';
import { approveRun, cancelRun, requestRun } from './requests.ts';
import { syncPerson } from './sync-person.ts';

type Rest<F> = F extends (tx: infer T, engine: infer _E, request: infer R) => infer A
  ? (tx: T, request: R) => A
  : never;

/** `db`: connections of the role under which a connection test may read a stored integration. */
export function engineApi(engine: Pick<Engine, 'connectors' | 'vault' | 'clock' | 'enqueue' | 'http'>, db: Sql) {
  const bound = <F extends (tx: never, engine: never, request: never) => unknown>(fn: F) =>
    ((tx: never, request: never) => fn(tx, engine as never, request)) as unknown as Rest<F>;

  return {
    requestRun: bound(requestRun),
    syncPerson: bound(syncPerson),
    approveRun: bound(approveRun),
    cancelRun,
    retryFailed: bound(retryFailed),
    undoRun: bound(undoRun),
    resolveConflict: bound(resolveConflict),
    resolveConflicts: bound(resolveConflicts),
    setFieldRule: bound(setFieldRule),
    explain: bound(explain),
    updatePerson: bound(updatePerson),
    enrollPerson: bound(enrollPerson),
    linkGuardian: bound(linkGuardian),
    createRecord: bound(createRecord),
    changeRecord: bound(changeRecord),
    archiveRecord: bound(archiveRecord),
    restoreRecord: bound(restoreRecord),
    connectIntegration: bound(connectIntegration),
    updateIntegration: bound(updateIntegration),
    disconnectIntegration: bound(disconnectIntegration),
    testConnection: (connection: Parameters<typeof testConnection>[1], signal: AbortSignal) =>
      testConnection({ ...engine, db }, connection, signal),
  };
}
