/** Turning what a client sent into what the engine takes; everything wrong is told at once, as a named error. */
import type { z } from 'zod';
import { ValidationFailed } from '../model/problems.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';

const nobody = '00000000-0000-0000-0000-000000000000';

/**
 * The raw id in a global id. One that is malformed, or of another type, becomes an id that nothing has: it goes the way
 * of an unknown one, and answers exactly like it.
 */
export function idIn(type: string, globalId: string): string {
  return rawId(type, globalId) ?? nobody;
}

const mostIds = 200;

/**
 * The raw ids in a list that narrows something down; undefined when it was left out.
 *
 * @throws ValidationFailed for an empty or an endless list.
 */
export function idsIn(
  type: string,
  field: string,
  globalIds: readonly string[] | null | undefined,
): string[] | undefined {
  if (globalIds == null) return undefined;
  if (globalIds.length === 0) throw invalid(field, 'Choose at least one, or leave this out.');
  if (globalIds.length > mostIds) throw invalid(field, `Choose at most ${mostIds}.`);

  return globalIds.map((id) => idIn(type, id));
}

export function invalid(field: string, message: string): ValidationFailed {
  return new ValidationFailed([{ path: [field], message }]);
}

/** A filled-in form. @throws ValidationFailed when it is no object. */
export function formIn(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(field, 'This is an object: one entry for each field of the form.');
  }

  return value as Record<string, unknown>;
}

/** @throws ValidationFailed with every problem the schema finds. */
export function validated<Shape>(schema: z.ZodType<Shape>, value: unknown): Shape {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;

  throw new ValidationFailed(error.issues.map(({ path, message }) => ({ path: path.map(String), message })));
}

/** What a form for something new holds: null and what is left out are alike. */
export function given<Fields extends object>(fields: Fields): Partial<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Partial<Fields>;
}

/** Whose act it is, and when. */
export function act({ identity, deps }: Context): { tenantId: string; by: string; now: Date } {
  return { tenantId: identity.tenantId, by: identity.actor.name, now: deps.clock.now() };
}
