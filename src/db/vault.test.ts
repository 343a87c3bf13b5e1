import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { newId } from '../model/ids.ts';
import { asTenant, type TransactionSql } from './client.ts';
import { createVault, type Place, type Vault, VaultError } from './vault.ts';

describe('the vault', () => {
  let database: TestDatabase;
  let vault: Vault;
  const masterKey = randomBytes(32);
  const tenantId = newId();
  const otherTenantId = newId();
  const credentials = { user: 'sis', password: 'Zürich 8001', nested: { list: [1, null] } };

  const inTenant = <T>(fn: (tx: TransactionSql) => Promise<T>, id = tenantId) =>
    asTenant(database.app, { tenantId: id, schoolIds: null, actor: 'test' }, fn);
  const place = (): Place => ({
    table: 'integration',
    column: 'credentials',
    tenantId,
    schoolId: newId(),
    rowId: newId(),
  });

  before(async () => {
    database = await freshDatabase();
    vault = createVault({ masterKey });
    for (const id of [tenantId, otherTenantId]) {
      await inTenant((tx) => tx`insert into tenant (id, name) values (${id}, 'Test')`, id);
    }
  });
  after(() => database.drop());

  test('gives back what was put in, also to another process with the same master key', async () => {
    const here = place();
    const box = await inTenant((tx) => vault.seal(tx, here, credentials));

    const opened = await inTenant((tx) => createVault({ masterKey }).open(tx, here, box));

    assert.deepEqual(opened.reveal(), credentials);
    assert.ok(!box.includes('Zürich'), 'the box must not show its content');
  });

  test('seals the same value differently each time', async () => {
    const here = place();
    const [first, second] = await inTenant((tx) =>
      Promise.all([vault.seal(tx, here, credentials), vault.seal(tx, here, credentials)]),
    );

    assert.notDeepEqual(first, second);
  });

  test('does not open a box in any other place', async () => {
    const here = place();
    const box = await inTenant((tx) => vault.seal(tx, here, credentials));
    const elsewhere: Place[] = [
      { ...here, table: 'webhook' },
      { ...here, column: 'settings' },
      { ...here, schoolId: newId() },
      { ...here, schoolId: null },
      { ...here, rowId: newId() },
    ];

    for (const there of elsewhere) {
      await assert.rejects(
        inTenant((tx) => vault.open(tx, there, box)),
        VaultError,
      );
    }
  });

  test('does not open a box for another tenant', async () => {
    const here = place();
    const box = await inTenant((tx) => vault.seal(tx, here, credentials));

    await assert.rejects(
      inTenant((tx) => vault.open(tx, { ...here, tenantId: otherTenantId }, box), otherTenantId),
      VaultError,
    );
  });

  test('does not open a box with any byte changed, or cut short', async () => {
    const here = place();
    const box = await inTenant((tx) => vault.seal(tx, here, { a: 1 }));

    await inTenant(async (tx) => {
      for (let index = 0; index < box.length; index += 1) {
        const changed = Buffer.from(box);
        changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
        await assert.rejects(vault.open(tx, here, changed), VaultError, `byte ${index} changed`);
        await assert.rejects(vault.open(tx, here, box.subarray(0, index)), VaultError, `cut at ${index}`);
      }
    });
  });

  test('does not open anything under another master key', async () => {
    const here = place();
    const box = await inTenant((tx) => vault.seal(tx, here, credentials));

    await assert.rejects(
      inTenant((tx) => createVault({ masterKey: randomBytes(32) }).open(tx, here, box)),
      VaultError,
    );
  });

  test('does not go on with a key whose making was rolled back', async () => {
    const fresh = newId();
    await inTenant((tx) => tx`insert into tenant (id, name) values (${fresh}, 'Fresh')`, fresh);
    const here = { ...place(), tenantId: fresh };
    const abandoned = new Error('abandoned');
    await assert.rejects(
      inTenant(async (tx) => {
        const box = await vault.seal(tx, here, credentials);
        await vault.open(tx, here, box);
        await vault.seal(tx, here, credentials);
        throw abandoned;
      }, fresh),
      abandoned,
    );

    const box = await inTenant((tx) => vault.seal(tx, here, credentials), fresh);

    const opened = await inTenant((tx) => createVault({ masterKey }).open(tx, here, box), fresh);
    assert.deepEqual(opened.reveal(), credentials);
  });

  test('keeps a data key only in wrapped form', async () => {
    await inTenant(async (tx) => {
      await vault.seal(tx, place(), credentials);
      const rows = await tx<{ wrapped: Buffer }[]>`select wrapped from data_key`;
      assert.equal(rows.length, 1);
      // Version, id of the master key, nonce, 32 bytes of ciphertext, tag.
      assert.equal(rows[0]?.wrapped.length, 1 + 16 + 12 + 32 + 16);
    });
  });

  test('hands out secrets that print nothing', async () => {
    const here = place();
    const secret = await inTenant(async (tx) => vault.open(tx, here, await vault.seal(tx, here, credentials)));

    for (const printed of [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
    ]) {
      assert.ok(!printed.includes('8001'), printed);
    }
  });

  test('does nothing any more once it is closed', async () => {
    const closing = createVault({ masterKey });
    const here = place();
    const box = await inTenant((tx) => closing.seal(tx, here, credentials));
    closing.close();

    await assert.rejects(
      inTenant((tx) => closing.open(tx, here, box)),
      VaultError,
    );
    await assert.rejects(
      inTenant((tx) => closing.seal(tx, here, credentials)),
      VaultError,
    );
  });

  test('refuses a master key of the wrong length', () => {
    assert.throws(() => createVault({ masterKey: randomBytes(16) }), VaultError);
  });
});
