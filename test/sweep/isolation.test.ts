/**
 * Two schools of one tenant and a school of another, each with one of everything, and the API as its schema has it: whatever is
 * asked with another's id, cursor, hash or version answers as if it were nobody's, shows nothing, and changes nothing.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { schema } from '../../src/schema/index.ts';
import { seedOf } from '../harness/random.ts';
import { complaints } from './complete.ts';
import { fillers } from './fillers.ts';
import { operationsOf } from './operations.ts';
import { reached } from './own.ts';
import { openScene, type Scene } from './scene.ts';
import { sweep } from './sweep.ts';

const { seed, random } = seedOf('HOMEROOM_SWEEP_SEED');
const operations = operationsOf(schema, fillers);

describe(`what belongs to others (HOMEROOM_SWEEP_SEED=${seed})`, () => {
  let scene: Scene;

  before(async () => {
    scene = await openScene({ connections: 2 });
  });
  after(() => scene?.product.close());

  it('is looked for at every place the schema has', () => {
    assert.deepEqual(complaints(schema, fillers, operations), []);
  });

  it('is neither shown, nor told from what is nobody’s, nor changed', async (t) => {
    const before = await scene.rows();
    const { complaints: found, questions, places } = await sweep({ callers: scene.callers, operations, random });
    t.diagnostic(`${questions} questions in ${operations.length} operations, ${places.size} places`);
    assert.deepEqual(found, []);
    assert.deepEqual(scene.product.errors, []);
    assert.deepEqual(await scene.rows(), before);
  });

  it('is refused where the owner’s own would have been found', async () => {
    const [caller] = scene.callers;
    assert.ok(caller);
    assert.deepEqual(await reached(caller, schema, operations), []);
  });
});
