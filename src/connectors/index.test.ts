import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { connectors, findConnector } from './index.ts';

describe('the register', () => {
  test('has every folder, under its own name, in order', async () => {
    const entries = await readdir(import.meta.dirname, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'kit').map(({ name }) => name);
    assert.deepEqual(
      connectors.map(({ id }) => id),
      folders.sort((left, right) => (left < right ? -1 : 1)),
    );
  });

  test('finds a connector by its id, and nothing for any other word', () => {
    for (const connector of connectors) assert.equal(findConnector(connector.id), connector);
    for (const id of ['', 'kit', 'constructor', 'OneRoster']) assert.equal(findConnector(id), undefined);
  });

  test('has no two limits of one connector under the same name, for each is one bucket', () => {
    for (const { id, limits } of connectors) {
      assert.equal(new Set(limits.map(({ name }) => name)).size, limits.length, id);
    }
  });
});
