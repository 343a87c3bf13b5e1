import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Identity } from '../model/identity.ts';
import { createPlaces } from './places.ts';

const callerOf = (tenantId: string, id: string): Identity => ({
  tenantId,
  schoolIds: null,
  actor: { kind: 'API_KEY', id, name: 'Key' },
  scopes: new Set(),
});

describe('places for live connections', () => {
  test('are so many for a caller, and so many for all callers of a tenant', () => {
    const { take } = createPlaces({ perCaller: 2, perTenant: 3 });
    const [wall, mirror, stranger] = [callerOf('one', 'wall'), callerOf('one', 'mirror'), callerOf('two', 'wall')];

    assert.ok(take(wall));
    assert.ok(take(wall));
    assert.equal(take(wall), null, 'the caller has two');
    assert.ok(take(mirror));
    assert.equal(take(mirror), null, 'the tenant has three');
    assert.ok(take(stranger), 'another tenant has its own');
  });

  test('can be taken again once they were given back, each once', () => {
    const { take } = createPlaces({ perCaller: 2, perTenant: 2 });
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
