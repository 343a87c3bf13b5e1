/** How much an operation asks for, read from its document alone, before anything runs. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  isUnionType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';

export interface Shape {
  /** Levels of fields; a field of an introspection counts for `introspectionDepth` instead. */
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly rootFields: number;
  /** Fields under another name than their own, each as often as its fragment is spread. */
  readonly aliases: number;
  readonly directives: number;
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Fragments count wherever they are spread. Each selection is looked at once, however often that is. */
export function shapeOf(operation: OperationDefinitionNode, fragments: Fragments): Shape {
  const known = new Map<SelectionSetNode, Shape>();
  const none: Shape = { depth: 0, introspectionDepth: 0, rootFields: 0, aliases: 0, directives: 0 };

  function ofSelections(set: SelectionSetNode): Shape {
    const before = known.get(set);
    if (before) return before;
    // A fragment that spreads itself is refused by a rule of its own; here it must only come to an end.
    known.set(set, none);
    const shape = set.selections.map(ofSelection).reduce(
      (sum, each) => ({
        depth: Math.max(sum.depth, each.depth),
        introspectionDepth: Math.max(sum.introspectionDepth, each.introspectionDepth),
        rootFields: sum.rootFields + each.rootFields,
        aliases: sum.aliases + each.aliases,
        directives: sum.directives + each.directives,
      }),
      none,
    );
    known.set(set, shape);

    return shape;
  }

  function ofSelection(selection: SelectionNode): Shape {
    const directives = selection.directives?.length ?? 0;
    if (selection.kind !== Kind.FIELD) {
      const set = within(selection, fragments);
      const inner = set ? ofSelections(set) : none;
      return { ...inner, directives: inner.directives + directives };
    }
    const inner = selection.selectionSet ? ofSelections(selection.selectionSet) : none;
    const levels = Math.max(inner.depth, inner.introspectionDepth) + 1;
    const introspects = selection.name.value === '__schema' || selection.name.value === '__type';

    return {
      depth: introspects ? 0 : inner.depth + 1,
      introspectionDepth: introspects ? levels : inner.introspectionDepth,
      rootFields: 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
      directives: inner.directives + directives,
    };
  }

  const shape = ofSelections(operation.selectionSet);

  return { ...shape, directives: shape.directives + (operation.directives?.length ?? 0) };
}

function within(selection: Exclude<SelectionNode, FieldNode>, fragments: Fragments): SelectionSetNode | undefined {
  return selection.kind === Kind.INLINE_FRAGMENT
    ? selection.selectionSet
    : fragments.get(selection.name.value)?.selectionSet;
}

export function fragmentsOf(document: DocumentNode): Fragments {
  return new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
}

/** What a plain list is taken to hold: how much it will be is not known beforehand. */
const plainList = 10;

/** As in `connection.ts`: what a connection gives when it is not asked for a number, and at most. */
const defaultFirst = 20;
const mostFirst = 200;

/**
 * How many objects could come back: a connection counts its `first`, a list that is asked for by `ids` counts those, any
 * other list ten. Of several types that a field could have, the largest counts.
 *
 * @param document passed validation.
 * @param variables as they were sent.
 */
export function objectsAskedFor(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): number {
  const fragments = fragmentsOf(document);
  const known = new Map<SelectionSetNode, Map<GraphQLCompositeType, number>>();
  const root = schema.getRootType(operation.operation);

  return root ? inside(operation.selectionSet, root) : 0;

  function inside(set: SelectionSetNode, type: GraphQLCompositeType): number {
    const before = known.get(set)?.get(type);
    if (before !== undefined) return before;
    const count = isAbstractType(type)
      ? Math.max(0, ...schema.getPossibleTypes(type).map((each) => inside(set, each)))
      : set.selections.reduce((sum, selection) => sum + ofSelection(selection, type), 0);
    known.set(set, (known.get(set) ?? new Map<GraphQLCompositeType, number>()).set(type, count));

    return count;
  }

  function ofSelection(selection: SelectionNode, type: GraphQLCompositeType): number {
    if (selection.kind === Kind.FIELD) return ofField(selection, type);
    const set = within(selection, fragments);
    const condition =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection.typeCondition
        : fragments.get(selection.name.value)?.typeCondition;
    const wanted = condition ? schema.getType(condition.name.value) : type;
    const fits = wanted === type || (isAbstractType(wanted) && isObjectType(type) && schema.isSubType(wanted, type));

    return set && fits ? inside(set, type) : 0;
  }

  function ofField(field: FieldNode, parent: GraphQLCompositeType): number {
    const definition = definitionOf(field, parent);
    const type = definition && getNamedType(definition.type);
    if (!definition || !field.selectionSet || !isCompositeType(type)) return 0;
    if (isConnection(type)) return pageSize(field, definition) * ofItems(field.selectionSet, type);

    return howMany(field, definition) * (1 + inside(field.selectionSet, type));
  }

  /** What one item of a connection comes to, as a node, below an edge, or both. */
  function ofItems(set: SelectionSetNode, connection: GraphQLCompositeType): number {
    return set.selections.reduce((sum, selection) => {
      if (selection.kind !== Kind.FIELD) {
        const inner = within(selection, fragments);
        return sum + (inner ? ofItems(inner, connection) : 0);
      }
      const definition = definitionOf(selection, connection);
      const type = definition && getNamedType(definition.type);
      if (!isCompositeType(type) || !selection.selectionSet) return sum;
      if (selection.name.value === 'nodes') return sum + 1 + inside(selection.selectionSet, type);
      return selection.name.value === 'edges' ? sum + inside(selection.selectionSet, type) : sum;
    }, 0);
  }

  function howMany(field: FieldNode, definition: GraphQLField<unknown, unknown>): number {
    if (!isListType(getNullableType(definition.type))) return 1;
    const ids = argument(field, definition, 'ids');

    return Array.isArray(ids) ? ids.length : plainList;
  }

  function pageSize(field: FieldNode, definition: GraphQLField<unknown, unknown>): number {
    const first = argument(field, definition, 'first');

    // Any other number is refused when the field is resolved.
    return typeof first === 'number' && first >= 0 && first <= mostFirst ? first : defaultFirst;
  }

  function argument(field: FieldNode, definition: GraphQLField<unknown, unknown>, name: string): unknown {
    const given = field.arguments?.find((each) => each.name.value === name)?.value;
    const value = given && valueOf(given);

    return value === undefined ? definition.args.find((each) => each.name === name)?.defaultValue : value;
  }

  function valueOf(node: ValueNode): unknown {
    switch (node.kind) {
      case Kind.INT:
        return Number(node.value);
      case Kind.LIST:
        return node.values;
      case Kind.VARIABLE: {
        const { value: name } = node.name;
        const declared = operation.variableDefinitions?.find((each) => each.variable.name.value === name)?.defaultValue;
        return variables[name] === undefined && declared ? valueOf(declared) : variables[name];
      }
      default:
        return null;
    }
  }
}

function definitionOf(field: FieldNode, parent: GraphQLCompositeType): GraphQLField<unknown, unknown> | undefined {
  const { value: name } = field.name;
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;

  return isUnionType(parent) ? undefined : parent.getFields()[name];
}

function isConnection(type: GraphQLCompositeType): boolean {
  return isObjectType(type) && type.name.endsWith('Connection');
}
