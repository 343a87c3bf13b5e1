/** The database cannot be used as it is set up. The message says why and what a person can do; nothing was changed. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
}

/** The address leads to no usable database. */
export class DatabaseUnreachable extends DatabaseError {
  override readonly name = 'DatabaseUnreachable';
}

/** The embedded server cannot run here, or has ended. */
export class EmbeddedDatabaseError extends DatabaseError {
  override readonly name = 'EmbeddedDatabaseError';
}

/** The login may not make the roles. An administrator runs the statements once; then starting again works. */
export class RolesMissing extends DatabaseError {
  override readonly name = 'RolesMissing';
  constructor(login: string, statements: readonly string[], cause: unknown) {
    super(
      `The database login "${login}" may not set up Homeroom's roles. ` +
        `Ask an administrator of the server to run, in this database:\n${statements.map((s) => `  ${s};`).join('\n')}`,
      { cause },
    );
  }
}

/** A pool would run with rights that row-level security does not bind. The process must not start. */
export class UnsafeRole extends DatabaseError {
  override readonly name = 'UnsafeRole';
}
