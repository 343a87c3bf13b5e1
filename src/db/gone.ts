/** Telling a database that went away from a statement that failed. */

/**
 * The driver's names for a connection that closed or was never made, the operating system's, and PostgreSQL's: it shuts
 * down, one of its processes crashed, it is not ready yet (class 57P), the connection failed (class 08), or it ended a
 * transaction that sat idle (25P03), as that of a process that was stopped.
 */
const gone =
  /^(CONNECTION_(CLOSED|ENDED|DESTROYED)|CONNECT_TIMEOUT|ECONNREFUSED|ECONNRESET|EPIPE|57P0[1-3]|08\d{3}|25P03)$/;

/** It waited too long for a lock, or for one that waits for it, or somebody else was at the same rows first. */
const inTheWay = /^(55P03|40P01|40001)$/;

/** PostgreSQL's `query_canceled`: somebody asked for it, or `statement_timeout` was over. */
const cancelled = '57014';

export function isCancelled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === cancelled;
}

/**
 * Whether a statement failed for nothing but what others were doing at that moment: it would do later. A worker that was
 * killed holds its locks until the server has done with its last statement.
 */
export function isInTheWay(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && inTheWay.test(error.code);
}

/** Whether the database ended the statement before it was done: it took longer than it may, or an administrator cancelled it. */
export function isCutShort(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '57014';
}

/** Whether an error of the database says nothing but that it cannot be reached just now. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  // The socket of a server that has stopped.
  if (code === 'ENOENT') return syscall === 'connect';

  return typeof code === 'string' && gone.test(code);
}
