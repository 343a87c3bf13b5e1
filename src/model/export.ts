/** The words of an export: a school's records as lines of JSON, fetched through a link. */
import { type EntityName, entities } from './entities.ts';

/** EXPIRED is never stored: it is what time has made of one that was open. */
export type StoredExportStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
export type ExportStatus = StoredExportStatus | 'EXPIRED';

/** Kinds of records in the order in which an export has them: what others refer to comes before them. */
export const exportOrder = Object.keys(entities) as readonly EntityName[];

/** How long an export can be fetched: as long as its `liveCursor` can be followed. */
export const exportLifetimeMs = 24 * 60 * 60 * 1_000;

/** Where an export stands at an instant. */
export function exportStatusAt(
  { status, expiresAt }: { readonly status: StoredExportStatus; readonly expiresAt: Date },
  now: Date,
): ExportStatus {
  return expiresAt <= now && (status === 'PENDING' || status === 'RUNNING') ? 'EXPIRED' : status;
}

/** Whether its link opens something then. One that was fetched to its end stays open: its last bytes may have been lost. */
export function isExportOpen(
  { status, expiresAt }: { readonly status: StoredExportStatus; readonly expiresAt: Date },
  now: Date,
): boolean {
  return expiresAt > now && status !== 'FAILED' && status !== 'CANCELLED';
}
