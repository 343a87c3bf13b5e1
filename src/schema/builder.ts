/** The schema builder: plugins and their options, scalars and empty roots; every noun adds itself from its own file. */
import SchemaBuilder from '@pothos/core';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { type AuthFailure, AuthScopeFailureType } from '@pothos/plugin-scope-auth';
import SimpleObjectsPlugin from '@pothos/plugin-simple-objects';
import type { Scope } from '../model/identity.ts';
import type { Context } from './context.ts';
import { forbidden } from './refusals.ts';
import { parseDateTime, parseJson, parseJsonLiteral, serializeDateTime } from './scalars.ts';

interface SchemaTypes {
  Context: Context;
  AuthScopes: {
    /** The caller has this scope. */
    scope: Scope;
    /** Any caller at all. */
    caller: boolean;
  };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
  };
  Connection: { totalCount: () => Promise<number> };
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
}

const required = { list: false, items: false } as const;

export const builder = new SchemaBuilder<SchemaTypes>({
  // Scopes are checked before anything else; typed errors wrap the loading of what a mutation answers with.
  plugins: [ScopeAuthPlugin, ErrorsPlugin, RelayPlugin, DataloaderPlugin, SimpleObjectsPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: (context) => ({ scope: (name) => context.has(name), caller: true }),
    unauthorizedError: (_parent, _context, _info, result) => forbidden(missingScopes(result.failure)),
  },
  errors: {
    directResult: true,
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
      description: 'What was done, or why it was not.',
    },
  },
  relay: {
    edgeCursorType: 'String',
    pageInfoCursorType: 'String',
    edgesFieldOptions: { nullable: required, description: 'The page’s items, each with its cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The item.' },
    nodesOnConnection: { description: 'The page’s items without their cursors.' },
    cursorFieldOptions: { description: 'Where this item stands in the list: pass it as `after` to go on behind it.' },
    pageInfoFieldOptions: { description: 'Where this page begins and ends.' },
    pageInfoTypeOptions: { description: 'Where a page begins and ends, and what lies around it.' },
    hasNextPageFieldOptions: { description: 'Whether more items follow.' },
    hasPreviousPageFieldOptions: { description: 'Whether items lie before this page.' },
    startCursorFieldOptions: { description: 'The first item’s cursor; null on an empty page.' },
    endCursorFieldOptions: {
      description: 'The last item’s cursor, for the next page’s `after`; null on an empty page.',
    },
  },
});

export type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never;

builder.scalarType('DateTime', {
  description: 'An instant in UTC, as RFC 3339 text with milliseconds: `2026-09-01T07:30:00.000Z`.',
  serialize: serializeDateTime,
  parseValue: parseDateTime,
});

builder.scalarType('JSON', {
  description: 'Free-form JSON. As input at most 64 KiB and ten levels deep.',
  serialize: (value) => value,
  parseValue: parseJson,
  parseLiteral: parseJsonLiteral,
});

builder.queryType({ description: 'Everything that can be read.' });
builder.mutationType({ description: 'Everything that can be done. Each answers with a payload or a named error.' });
builder.subscriptionType({ description: 'Everything that can be followed live.' });

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    description: 'How many items the whole list has under this filter; counted only when selected.',
    resolve: (connection) => connection.totalCount(),
  }),
);

function missingScopes(failure: AuthFailure): string[] {
  switch (failure.kind) {
    case AuthScopeFailureType.AuthScope:
      return [String(failure.parameter)];
    case AuthScopeFailureType.AnyAuthScopes:
    case AuthScopeFailureType.AllAuthScopes:
      return failure.failures.flatMap(missingScopes);
    default:
      return [];
  }
}
