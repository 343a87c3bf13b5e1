/** Lists of records, and lists made of other lists. */
import type { CollectionName, Records } from '../district/records.ts';

export interface Source {
  /** Records ordered by sourcedId. The list is the same one as long as nothing it depends on has changed. */
  records<C extends CollectionName>(collection: C): readonly Records[C][];
}

/** Keeps what was made until one of the things it was made from is another one. */
export function remember<In extends readonly unknown[], Out>(make: (...inputs: In) => Out): (...inputs: In) => Out {
  let last: { inputs: In; output: Out } | undefined;
  return (...inputs) => {
    if (!last?.inputs.every((input, i) => input === inputs[i])) last = { inputs, output: make(...inputs) };
    return last.output;
  };
}
