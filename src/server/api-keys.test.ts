import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { freshDatabase, type TestDatabase } from '../../test/harness/database.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { findApiKeyTenant } from '../db/queries/api-key.ts';
import type { Identity } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { NotFound, ValidationFailed } from '../model/problems.ts';
import { createApiKey, createApiKeys, type NewApiKey, revokeApiKey } from './api-keys.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { makeKey, readKey } from './key-format.ts';
import { createLastUse } from './last-use.ts';
import { NotAdmitted } from './not-admitted.ts';

const day = 24 * 60 * 60 * 1_000;

describe('API keys', () => {
  let database: TestDatabase;
  const tenantId = newId();
  const otherTenantId = newId();
  const log = { warn: (...told: unknown[]) => assert.fail(JSON.stringify(told)) };
  let now = new Date('2026-11-23T08:00:00Z');
  const clock = { now: () => now };
  const made: Authenticator[] = [];

  before(async () => {
    database = await freshDatabase();
    for (const id of [tenantId, otherTenantId]) {
      await inTenant((tx) => tx`insert into tenant (id, name) values (${id}, 'Test')`, id);
    }
  });
  after(async () => {
    await Promise.all(made.map((one) => one.close()));
    await database.drop();
  });

  function inTenant<T>(fn: (tx: TransactionSql) => Promise<T>, id = tenantId): Promise<T> {
    return asTenant(database.app, { tenantId: id, schoolIds: null, actor: 'test' }, fn);
  }

  function create(wanted: Partial<NewApiKey> = {}) {
    const key: NewApiKey = { tenantId, name: 'Wall', scopes: ['roster:read'], schoolIds: null, ...wanted };
    return inTenant((tx) => createApiKey(tx, key, clock), key.tenantId);
  }

  /** One that believes nothing for longer than a question, unless told otherwise. */
  function authenticator(cacheMs = 0): Authenticator {
    return authenticatorOn(database.system, cacheMs);
  }

  function authenticatorOn(system: Sql, cacheMs: number): Authenticator {
    const keys = createApiKeys({ system, clock, lastUse: createLastUse(log), cacheMs });
    const one = createAuthenticator([keys], clock);
    made.push(one);
    return one;
  }

  /** Whom the header lets in; null for nobody, about which nothing is told. */
  async function whom(one: Authenticator, header: string | null | undefined): Promise<Identity | null> {
    try {
      return (await one.admit(header)).identity;
    } catch (error) {
      assert.ok(error instanceof NotAdmitted);
      assert.equal(error.problem, null);
      return null;
    }
  }

  test('a key opens the door to its tenant, its schools and its scopes', async () => {
    const schoolIds = [newId(), newId()];
    const { id, key } = await create({ scopes: ['roster:read', 'sync:run'], schoolIds, name: 'Portal' });

    const identity = await whom(authenticator(), `Bearer ${key}`);

    assert.deepEqual(identity, {
      tenantId,
      schoolIds,
      actor: { kind: 'API_KEY', id, name: 'Portal' },
      scopes: new Set(['roster:read', 'sync:run']),
    });
  });

  test('nothing but the whole key in the right form opens it', async () => {
    const { key } = await create();
    const other = await create();
    const one = authenticator();
    const wrongSecret = makeKey('live').key.replace(/(?<=^hr_live_).{8}/, key.slice(8, 16));
    const headers = [
      undefined,
      null,
      '',
      key,
      `Basic ${key}`,
      'Bearer',
      'Bearer ',
      `Bearer ${key.slice(0, -1)}`,
      `Bearer ${key}x`,
      `Bearer ${key} ${key}`,
      `Bearer ${key.toUpperCase()}`,
      `Bearer ${wrongSecret}`,
      `Bearer ${key.slice(0, 16)}${other.key.slice(16)}`,
      `Bearer ${makeKey('live').key}`,
    ];

    for (const header of headers) assert.equal(await whom(one, header), null, String(header));
    assert.ok(await whom(one, `bearer  ${key}`), 'the scheme may be written in small letters');
  });

  test('a wrong secret with a right checksum is refused like an unknown key', async () => {
    const { key } = await create();
    // The id of a known key in front of another secret: well-formed only when the checksum is reckoned anew.
    const forged = reseal(key.slice(0, 17) + makeKey('live').key.slice(17, -6));

    assert.notEqual(readKey(forged), null);
    assert.equal(await whom(authenticator(), `Bearer ${forged}`), null);
  });

  /** Puts the right checksum behind a body. */
  function reseal(body: string): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return body + bytes.toString('base64url');
  }

  test('a key is stored only as a hash', async () => {
    const { id, key } = await create();
    const [row] = await inTenant(
      (tx) => tx<{ text: string }[]>`select row_to_json(k)::text as text from api_key k where id = ${id}`,
    );

    assert.ok(row);
    assert.ok(!row.text.includes(key.slice(17)), row.text);
  });

  test('a revoked key is refused, for good', async () => {
    const { id, key } = await create();
    const one = authenticator();
    assert.ok(await whom(one, `Bearer ${key}`));

    await inTenant((tx) => revokeApiKey(tx, id, clock));

    assert.equal(await whom(one, `Bearer ${key}`), null);
  });

  test('a key can be revoked by what is public of it', async () => {
    const { key } = await create();
    await inTenant((tx) => revokeApiKey(tx, key.slice(0, 16), clock));

    assert.equal(await whom(authenticator(), `Bearer ${key}`), null);
  });

  test('whose key it is can be found by its id, the key, or what is public of it', async () => {
    const { id, key } = await create();

    for (const name of [id, key, key.slice(0, 16)]) {
      assert.equal(await findApiKeyTenant(database.system, name), tenantId);
    }
    for (const name of ['', newId(), 'hr_live_', key.slice(0, 15), makeKey('live').key]) {
      assert.equal(await findApiKeyTenant(database.system, name), undefined, name);
    }
  });

  test('another tenant can neither see nor revoke a key', async () => {
    const { id, key } = await create();

    for (const name of [id, key, newId(), 'nonsense']) {
      await assert.rejects(
        inTenant((tx) => revokeApiKey(tx, name, clock), otherTenantId),
        NotFound,
      );
    }
    assert.ok(await whom(authenticator(), `Bearer ${key}`));
  });

  test('a key lives a year unless told otherwise, and never longer', async () => {
    const { key, expiresAt } = await create();
    assert.equal(expiresAt.getTime(), now.getTime() + 365 * day);
    await assert.rejects(create({ expiresAt: new Date(now.getTime() + 400 * day) }), ValidationFailed);

    const one = authenticator();
    const start = now;
    now = new Date(start.getTime() + 365 * day - 1);
    assert.ok(await whom(one, `Bearer ${key}`));
    now = new Date(start.getTime() + 365 * day);
    assert.equal(await whom(one, `Bearer ${key}`), null);
    now = start;
  });

  test('a key’s row is read once for many questions, and again when it is no longer believed', async () => {
    const { id, key } = await create();
    let statements = 0;
    const counting = database.connect('system', {
      debug: (_, query) => (statements += Number(query.includes('where lookup ='))),
    });
    const patient = authenticatorOn(counting, 60_000);

    const answers = await Promise.all(Array.from({ length: 50 }, () => whom(patient, `Bearer ${key}`)));
    await patient.close();

    assert.ok(answers.every((answer) => answer?.actor.id === id));
    // One to read it and one to note its use.
    assert.equal(statements, 2);
  });

  test('the last use is noted, once a minute', async () => {
    const { id, key } = await create();
    const lastUsed = async () => {
      const [row] = await inTenant(
        (tx) => tx<{ at: Date | null }[]>`select last_used_at as at from api_key where id = ${id}`,
      );
      return row?.at?.toISOString() ?? null;
    };
    const one = authenticator();
    assert.equal(await lastUsed(), null);

    const start = now;
    for (const seconds of [0, 30, 59, 61]) {
      now = new Date(start.getTime() + seconds * 1_000);
      await whom(one, `Bearer ${key}`);
      await one.close();
      const expected = seconds < 60 ? start : now;
      assert.equal(await lastUsed(), expected.toISOString(), `after ${seconds} s`);
    }
    now = start;
  });

  test('two keys of a tenant are good at the same time, for rotation', async () => {
    const [old, young] = [await create(), await create()];
    const one = authenticator();

    assert.ok(await whom(one, `Bearer ${old.key}`));
    assert.ok(await whom(one, `Bearer ${young.key}`));
  });

  test('the environment in a key is two to eight small letters', () => {
    for (const environment of ['', 'a', 'Live', 'toolongname', 'a_b'])
      assert.throws(() => makeKey(environment), RangeError);
  });
});
