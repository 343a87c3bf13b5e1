/** How many statements a query may take: a number that its document says, whatever is in the database. */
import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';
import { fragmentsOf } from '../../src/server/measure.ts';

/** Fields, each as often as its fragment is spread: at each place where one stands, what it reads is read for all parents at once. */
export function fieldsIn(document: DocumentNode): number {
  const fragments = fragmentsOf(document);
  const known = new Map<SelectionSetNode, number>();

  const count = (set: SelectionSetNode): number => {
    const before = known.get(set);
    if (before !== undefined) return before;
    known.set(set, 0);
    const sum = set.selections.reduce((total, selection) => {
      if (selection.kind === Kind.FIELD)
        return total + 1 + (selection.selectionSet ? count(selection.selectionSet) : 0);
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection.selectionSet
          : fragments.get(selection.name.value)?.selectionSet;
      return total + (inner ? count(inner) : 0);
    }, 0);
    known.set(set, sum);
    return sum;
  };

  return document.definitions.reduce(
    (most, each) => (each.kind === Kind.OPERATION_DEFINITION ? Math.max(most, count(each.selectionSet)) : most),
    0,
  );
}
