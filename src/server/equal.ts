/** Which subscriptions are equal: what one of them is told of an event, every other may be told as well, byte for byte. */
import { createHash } from 'node:crypto';
import { type DocumentNode, type ExecutionArgs, Kind, print, visit } from 'graphql';
import type { Identity } from '../model/identity.ts';

/**
 * The same for the same rights (tenant, schools, scopes), document, operation and variables. Variables that only stand in
 * the arguments of the subscribed field do not count: they say which events come, not what is told of one; so a client that
 * comes back with a cursor is equal to those that have stayed.
 */
export function kindOf(args: ExecutionArgs, { tenantId, schoolIds, scopes }: Identity): string {
  const { document, operationName, variableValues = {} } = args;
  const rights = [tenantId, schoolIds === null ? null : [...schoolIds].sort(), [...scopes].sort()];
  const counting = [...countingVariables(document)].sort().map((name) => [name, variableValues?.[name]]);
  const text = JSON.stringify([rights, operationName ?? null, document.loc?.source.body ?? print(document), counting]);

  return createHash('sha256').update(text).digest('base64');
}

function countingVariables(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  const trimmed: DocumentNode = {
    ...document,
    definitions: document.definitions.map((definition) => {
      if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
      const { selections } = definition.selectionSet;
      const trimmedSelections = selections.map((field) =>
        field.kind === Kind.FIELD ? { ...field, arguments: [] } : field,
      );
      const selectionSet = { ...definition.selectionSet, selections: trimmedSelections };
      return { ...definition, variableDefinitions: [], selectionSet };
    }),
  };
  visit(trimmed, { Variable: ({ name }) => void names.add(name.value) });

  return names;
}
