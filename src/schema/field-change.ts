/** Values of single fields, as logs and conflicts show them. */

import type { Values } from '../model/entities.ts';
import { changedFields } from '../model/values.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';

interface Change {
  name: string;
  before: unknown;
  after: unknown;
}

export const FieldChange = builder.objectRef<Change>('FieldChange').implement({
  description: 'One field’s value before and after.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The field’s name.' }),
    before: t.expose('before', {
      type: 'JSON',
      nullable: true,
      description: 'Its value before; null where there was none.',
    }),
    after: t.expose('after', {
      type: 'JSON',
      nullable: true,
      description: 'Its value after; null where there is none.',
    }),
  }),
});

/** Fields that only a caller with the scope `pii:read` sees, wherever they turn up. */
export const sensitive: ReadonlySet<string> = new Set(['phone', 'sms']);

/** Leaves out what the caller may not see. */
export function visible<Field extends { name: string }>(context: Context, fields: readonly Field[]): Field[] {
  return fields.filter(({ name }) => !sensitive.has(name) || context.has('pii:read'));
}

/** What differs between two records; null for one that does not exist. */
export function changesBetween(before: Values | null, after: Values | null): Change[] {
  const old = before ?? {};
  const now = after ?? {};

  return changedFields(old, now).map((name) => ({ name, before: old[name] ?? null, after: now[name] ?? null }));
}
