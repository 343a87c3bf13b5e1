/** Expected refusals of what a person asked for; each is a named error of the API. */

/** Malformed, unknown or another school's: all answer alike. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
}

/** It changed since the person looked: refetch and decide again. */
export class Stale extends Error {
  override readonly name = 'Stale';
}

/** The thing is in a state in which this cannot be done: a finished run, a disconnected integration. */
export class InvalidState extends Error {
  override readonly name = 'InvalidState';
}

/** A source owns the value; the edit belongs there. */
export class OwnedBySource extends Error {
  override readonly name = 'OwnedBySource';
  readonly integrationId: string;

  constructor(message: string, integrationId: string) {
    super(message);
    this.integrationId = integrationId;
  }
}

export interface FieldProblem {
  /** Where in the input: `['settings', 'baseUrl']`. */
  path: readonly string[];
  message: string;
}

export class ValidationFailed extends Error {
  override readonly name = 'ValidationFailed';
  readonly fields: readonly FieldProblem[];

  constructor(fields: readonly FieldProblem[]) {
    super(fields.map((field) => `${field.path.join('.')}: ${field.message}`).join('; '));
    this.fields = fields;
  }
}

/** The key of an earlier intent came with another input: somebody reused it. */
export class IdempotencyKeyReused extends Error {
  override readonly name = 'IdempotencyKeyReused';
}

/** The provider did not do what was asked of it. */
export class ProviderFailed extends Error {
  override readonly name = 'ProviderFailed';
}
