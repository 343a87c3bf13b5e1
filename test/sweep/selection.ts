/** What an operation selects: everything there is on the way, and one level of objects below what it is about. */
import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isUnionType,
} from 'graphql';

/** Part of its list, no level of its own. */
const isEdge = ({ name }: { readonly name: string }) => name.endsWith('Edge');

/**
 * The selection of a field's type, in braces; empty for a leaf.
 *
 * @param levels of objects below the type's own.
 */
export function selectionOf(schema: GraphQLSchema, output: GraphQLOutputType, levels: number): string {
  const type = getNamedType(output);
  if (!isCompositeType(type)) return '';
  if (isUnionType(type)) {
    const each = schema.getPossibleTypes(type).map((one) => `... on ${one.name} ${selectionOf(schema, one, levels)}`);
    return `{ __typename ${each.join(' ')} }`;
  }
  const fields = Object.values(type.getFields()).flatMap((field) => fieldOf(schema, field, levels));

  return `{ __typename ${fields.join(' ')} }`;
}

function fieldOf(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, levels: number): string[] {
  // What takes arguments, each list among it, has an operation of its own.
  if (field.args.length > 0) return [];
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return [field.name];
  if (isEdge(type)) return [`${field.name} ${selectionOf(schema, type, levels)}`];

  return levels > 0 ? [`${field.name} ${selectionOf(schema, type, levels - 1)}`] : [];
}
