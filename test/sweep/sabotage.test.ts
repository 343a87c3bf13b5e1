/** The sweep is only worth what it finds: each of these products is broken in one way, and the sweep says so. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Identity } from '../../src/model/identity.ts';
import { InvalidState } from '../../src/model/problems.ts';
import { createOperationContext } from '../../src/schema/context.ts';
import { splitId } from '../../src/schema/ids.ts';
import { schema } from '../../src/schema/index.ts';
import { seedOf } from '../harness/random.ts';
import { fillers } from './fillers.ts';
import { operationsOf } from './operations.ts';
import type { ProductOptions } from './product.ts';
import { openScene, type Scene } from './scene.ts';
import { sweep } from './sweep.ts';

const { seed, random } = seedOf('HOMEROOM_SWEEP_SEED');

/** What the sweep says of some operations of a broken product. */
async function saidOf(
  names: readonly string[],
  createContext: NonNullable<ProductOptions['createContext']>,
  prepare: (scene: Scene) => void = () => undefined,
): Promise<string> {
  const scene = await openScene({ connections: 2, createContext });
  prepare(scene);
  try {
    const operations = operationsOf(schema, fillers).filter(({ name }) => names.includes(name));
    assert.equal(operations.length, names.length);
    return (await sweep({ callers: scene.callers, operations, random })).complaints.join('\n');
  } finally {
    await scene.product.close();
  }
}

describe(`a product that is broken (HOMEROOM_SWEEP_SEED=${seed})`, () => {
  it('is caught when it forgets which schools a key is for', async () => {
    const said = await saidOf(['School.people', 'Person'], (deps, identity, operation) =>
      createOperationContext(deps, { ...identity, schoolIds: null }, operation),
    );
    assert.match(said, /School\.people .* shows Amberlight what is not its own: .*Birchwoods/);
    assert.match(said, /Person \(id\) tells Amberlight another’s from nobody’s/);
    assert.doesNotMatch(said, /Cedarhills/);
  });

  it('is caught when it answers one caller with the rights of the one before', async () => {
    let last: Identity | undefined;
    const said = await saidOf(['Query.schools', 'Query.viewer', 'Class'], (deps, identity, operation) => {
      const context = createOperationContext(deps, last ?? identity, operation);
      last = identity;
      return context;
    });
    // Whoever came before whom is up to the seed.
    assert.match(said, /shows \w+ what is not its own: /);
  });

  it('is caught when a mutation says of another’s id that there is such a thing', async () => {
    const taken = new Set<string>();
    const said = await saidOf(
      ['Mutation.archiveClass', 'Mutation.archivePerson'],
      (deps, identity, operation) => {
        const archiveRecord: typeof deps.sync.archiveRecord = async (tx, request) => {
          if (taken.has(request.recordId)) throw new InvalidState('This is another’s.');
          await deps.sync.archiveRecord(tx, request);
        };
        return createOperationContext({ ...deps, sync: { ...deps.sync, archiveRecord } }, identity, operation);
      },
      ({ callers }) => {
        for (const { world } of callers) taken.add(splitId(world.ids.Class)?.id ?? '');
      },
    );
    assert.match(said, /archiveClass \(input\.classId\) tells Amberlight another’s from nobody’s/);
    assert.doesNotMatch(said, /archivePerson/);
  });
});
