/** Keeps secrets of a tenant so that neither a copy of the database nor a value moved to another row gives them away. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { parse as bytesOf, stringify as uuidOf } from 'uuid';
import { newId } from '../model/ids.ts';
import type { TransactionSql } from './client.ts';
import { type DataKeyRow, findDataKey, findNewestDataKey, insertDataKey } from './queries/data-key.ts';
import { Secret } from './secret.ts';

/** Where a sealed value lives. It opens nowhere else. */
export interface Place {
  readonly table: string;
  readonly column: string;
  readonly tenantId: string;
  /** Null where the row belongs to no school. */
  readonly schoolId: string | null;
  readonly rowId: string;
}

/** Sealed with another master key, moved from another place, or tampered with: which of them cannot be told. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
}

export interface Vault {
  /** Answers the bytes to store at the place. Makes the tenant's key in the same transaction when it has none. */
  seal(tx: TransactionSql, place: Place, value: unknown): Promise<Buffer>;
  /** The value that was sealed, as JSON read it back. @throws VaultError when the box is not of this place. */
  open(tx: TransactionSql, place: Place, box: Uint8Array): Promise<Secret<unknown>>;
  /** Forgets all keys, overwriting them. */
  close(): void;
}

interface DataKey {
  readonly id: string;
  readonly key: Buffer;
  /** Milliseconds of `performance.now()`. */
  readonly until: number;
}

const version = 1;
const keyBytes = 32;
const idBytes = 16;
const nonceBytes = 12;
const tagBytes = 16;
/** Milliseconds that an unwrapped key is kept. */
const cacheMs = 5 * 60 * 1_000;

/**
 * AES-256-GCM with a random nonce for each box. A box is: version, id of the key, nonce, ciphertext, tag.
 *
 * @param options.masterKey 32 bytes.
 */
export function createVault({ masterKey }: { readonly masterKey: Uint8Array }): Vault {
  if (masterKey.length !== keyBytes)
    throw new VaultError(`The master key has ${keyBytes} bytes, not ${masterKey.length}.`);
  const master = Buffer.from(masterKey);
  const masterId = createHash('sha256').update(master).digest().subarray(0, idBytes);
  const cache = new Map<string, DataKey>();
  let closed = false;

  function unwrap(tenantId: string, row: DataKeyRow): DataKey {
    assertOpen();
    const wrappedBy = readBox(row.wrapped);
    if (!wrappedBy.keyId.equals(masterId)) throw new VaultError('This secret was sealed under another master key.');
    const key = decrypt(master, wrappedBy, about('data_key', 'wrapped', tenantId, row.id));
    const dataKey = { id: row.id, key, until: performance.now() + cacheMs };
    cache.set(`${tenantId} ${row.id}`, dataKey);
    return dataKey;
  }

  function cached(name: string): DataKey | undefined {
    const known = cache.get(name);
    if (known === undefined || known.until > performance.now()) return known;
    // Not overwritten: another caller may be about to use it.
    cache.delete(name);
    return undefined;
  }

  /** Overwritten keys would still encrypt, for anyone to read. */
  function assertOpen(): void {
    if (closed) throw new VaultError('The vault has been closed.');
  }

  async function keyForSealing(tx: TransactionSql, tenantId: string): Promise<DataKey> {
    // Asked each time: which key is the newest may be another transaction's doing, or undone by its end.
    const row = await findNewestDataKey(tx, tenantId);
    if (row !== undefined) return cached(`${tenantId} ${row.id}`) ?? unwrap(tenantId, row);

    assertOpen();
    const id = newId();
    const key = randomBytes(keyBytes);
    await insertDataKey(tx, {
      tenantId,
      id,
      wrapped: encrypt(master, masterId, about('data_key', 'wrapped', tenantId, id), key),
    });
    return { id, key, until: 0 };
  }

  async function keyForOpening(tx: TransactionSql, tenantId: string, id: string): Promise<DataKey> {
    const known = cached(`${tenantId} ${id}`);
    if (known !== undefined) return known;
    const row = await findDataKey(tx, tenantId, id);
    if (row === undefined) throw new VaultError('The key of this secret does not exist.');
    return unwrap(tenantId, row);
  }

  return {
    async seal(tx, place, value) {
      const { id, key } = await keyForSealing(tx, place.tenantId);
      assertOpen();
      return encrypt(key, bytesOf(id), placeBytes(place), Buffer.from(JSON.stringify(value)));
    },
    async open(tx, place, bytes) {
      const box = readBox(bytes);
      const { key } = await keyForOpening(tx, place.tenantId, uuidOf(box.keyId));
      assertOpen();
      return new Secret<unknown>(JSON.parse(decrypt(key, box, placeBytes(place)).toString('utf8')));
    },
    close() {
      closed = true;
      for (const { key } of cache.values()) key.fill(0);
      cache.clear();
      master.fill(0);
    },
  };
}

interface Box {
  readonly keyId: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

function readBox(bytes: Uint8Array): Box {
  const box = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const start = 1 + idBytes + nonceBytes;
  if (box[0] !== version || box.length < start + tagBytes) throw new VaultError('These bytes are not a sealed secret.');
  return {
    keyId: box.subarray(1, 1 + idBytes),
    nonce: box.subarray(1 + idBytes, start),
    ciphertext: box.subarray(start, -tagBytes),
    tag: box.subarray(-tagBytes),
  };
}

function encrypt(key: Buffer, keyId: Uint8Array, associated: Buffer, plaintext: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes }).setAAD(associated);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(version), keyId, nonce, ciphertext, cipher.getAuthTag()]);
}

function decrypt(key: Buffer, { nonce, ciphertext, tag }: Box, associated: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    .setAAD(associated)
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch (error) {
    throw new VaultError('This secret does not open: it was moved, changed, or sealed under another key.', {
      cause: error,
    });
  }
}

function placeBytes({ table, column, tenantId, schoolId, rowId }: Place): Buffer {
  return about(table, column, tenantId, schoolId, rowId);
}

/** As JSON, so that no two lists of parts give the same bytes. */
function about(...parts: readonly (string | null)[]): Buffer {
  return Buffer.from(JSON.stringify(parts));
}
