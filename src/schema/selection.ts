/** What a client selected, for statements that leave wide columns alone unless somebody asked for them. */
import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

const known = new WeakMap<FieldNode, ReadonlySet<string>>();

/** Is a field of this name selected anywhere below? May say yes too often (a directive left it out), never no. */
export function mentions(info: GraphQLResolveInfo, name: string): boolean {
  return info.fieldNodes.some((node) => namesBelow(node, info.fragments).has(name));
}

function namesBelow(node: FieldNode, fragments: GraphQLResolveInfo['fragments']): ReadonlySet<string> {
  const found = known.get(node);
  if (found !== undefined) return found;

  const names = new Set<string>();
  const visited = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const fragment = visited.has(selection.name.value) ? undefined : fragments[selection.name.value];
        visited.add(selection.name.value);
        visit(fragment?.selectionSet);
      } else {
        if (selection.kind === Kind.FIELD) names.add(selection.name.value);
        visit(selection.selectionSet);
      }
    }
  };
  visit(node.selectionSet);
  known.set(node, names);

  return names;
}
