import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Identity } from '../model/identity.ts';
import { createPlaces } from './places.ts';

const callerOf = (tenantId: string, id: string, kind: 'API_KEY' | 'USER' = 'API_KEY'): Identity => ({
  tenantId,
  schoolIds: null,
  actor: { kind, id, name: 'Key' },
  scopes: new Set(),
});

describe('places for live connections', () => {
  test('are so many for a caller, and so many for all callers of a tenant', () => {
    const { take } = createPlaces({ perCaller: 2, perPerson: 1, perTenant: 3 });
    const [wall, mirror, stranger] = [callerOf('one', 'wall'), callerOf('one', 'mirror'), callerOf('two', 'wall')];

    assert.ok(take(wall));
    assert.ok(take(wall));
    assert.equal(take(wall), null, 'the caller has two');
    assert.ok(take(mirror));
    assert.equal(take(mirror), null, 'the tenant has three');
    assert.ok(take(stranger), 'another tenant has its own');
  });

  test('are fewer for a person', () => {
    const { take } = createPlaces({ perCaller: 2, perPerson: 1, perTenant: 3 });
    const ada = callerOf('one', 'ada', 'USER');

    assert.ok(take(ada));
    assert.equal(take(ada), null, 'a person has one');
    assert.ok(take(callerOf('one', 'bob', 'USER')), 'another person has one too');
  });

  test('can be taken again once they were given back, each once', () => {
    const { take } = createPlaces({ perCaller: 2, perPerson: 1, perTenant: 2 });
    const wall = callerOf('one', 'wall');
    const [first, second] = [take(wall), take(wall)];
    first?.();
    first?.();

    assert.ok(take(wall));
    assert.equal(take(wall), null);
    second?.();
    assert.ok(take(wall));
  });
});
