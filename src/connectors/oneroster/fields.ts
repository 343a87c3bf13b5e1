/** Fields of a stream in one line each. The SIS owns all of them. */
import type { Value } from '../../model/entities.ts';
import type { Field } from '../kit/contract.ts';

/** A field that takes what `wire[name]` says, through one of the readers of `values.ts`. */
export function from<Name extends string, V extends Value>(
  name: Name,
  read: (value: unknown) => V | null | undefined,
): Field<{ readonly [N in Name]?: unknown }, V> {
  return { read: (wire) => read(wire[name]), given: (wire) => wire[name], owner: 'provider' };
}
