import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { buildSchema, parse } from 'graphql';
import type { Identity } from '../model/identity.ts';
import { kindOf } from './equal.ts';

const schema = buildSchema('type Query { a: Int }');
const query = `subscription S($after: String, $deep: Boolean!, $size: Int) {
  follows(after: $after) { id more @include(if: $deep) ...Rest }
}
subscription T { follows { id } }
fragment Rest on Event { padding(size: $size) }`;

const identity: Identity = {
  tenantId: 'one',
  schoolIds: ['north', 'south'],
  actor: { kind: 'API_KEY', id: 'key', name: 'Wall' },
  scopes: new Set(['roster:read', 'pii:read']),
};

function kind(
  change: { query?: string; name?: string; variables?: object; identity?: Partial<Identity> } = {},
): string {
  const variableValues = { after: 'cursor', deep: true, size: 1, ...change.variables };
  const document = parse(change.query ?? query);
  return kindOf(
    { schema, document, operationName: change.name ?? 'S', variableValues },
    { ...identity, ...change.identity },
  );
}

describe('equal subscriptions', () => {
  test('are those of other keys with the same rights, in whatever order those are written', () => {
    const actor = { kind: 'API_KEY', id: 'other', name: 'Other' } as const;
    const same = { actor, schoolIds: ['south', 'north'], scopes: new Set(['pii:read', 'roster:read']) };
    assert.equal(kind({ identity: same }), kind());
  });

  test('may begin elsewhere: where a client resumes does not change what it is told', () => {
    assert.equal(kind({ variables: { after: 'another cursor' } }), kind());
    assert.equal(kind({ variables: { after: null } }), kind());
  });

  test('are not those of another tenant, other schools, other scopes', () => {
    const others: Partial<Identity>[] = [
      { tenantId: 'two' },
      { schoolIds: null },
      { schoolIds: [] },
      { schoolIds: ['north'] },
      { schoolIds: ['north', 'west'] },
      { scopes: new Set(['roster:read']) },
      { scopes: new Set() },
    ];
    const kinds = new Set([kind(), ...others.map((other) => kind({ identity: other }))]);
    assert.equal(kinds.size, others.length + 1);
  });

  test('are not those with another document, another operation of it, or other variables in what is selected', () => {
    const others = [
      { query: query.replace('id more', 'more id') },
      { name: 'T' },
      { variables: { deep: false } },
      { variables: { size: 2 } },
      { variables: { size: '1' } },
    ];
    const kinds = new Set([kind(), ...others.map((other) => kind(other))]);
    assert.equal(kinds.size, others.length + 1);
  });
});
