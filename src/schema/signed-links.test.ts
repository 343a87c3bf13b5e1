import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { newId } from '../model/ids.ts';
import { createSignedLinks } from './signed-links.ts';

describe('a signed link', () => {
  let now = new Date('2026-09-01T08:00:00Z');
  const clock = { now: () => now };
  const masterKey = randomBytes(32);
  const links = createSignedLinks('reports', { masterKey, base: () => 'https://homeroom.example/', clock });
  const place = { tenantId: newId(), schoolId: newId(), id: newId() };
  const { url, expiresAt } = links.link(place);
  const token = url.slice('https://homeroom.example/reports/'.length);

  it('opens what it was made for, on every gateway that has the master key', () => {
    const elsewhere = createSignedLinks('reports', { masterKey, base: () => 'https://other.example', clock });

    assert.deepEqual(links.open(token), place);
    assert.deepEqual(elsewhere.open(token), place);
  });

  it('opens nothing once any of its bytes was changed, or under another master key', () => {
    const bytes = Buffer.from(token, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(links.open(changed.toString('base64url')), null, `byte ${at}`);
    }
    const stranger = createSignedLinks('reports', { masterKey: randomBytes(32), base: () => '', clock });
    assert.equal(stranger.open(token), null);
    for (const made of ['', 'a', `${token}A`, token.slice(1), `${token}=`]) assert.equal(links.open(made), null);
  });

  it('opens nothing of another kind', () => {
    const exports = createSignedLinks('exports', { masterKey, base: () => 'https://homeroom.example/', clock });
    assert.equal(exports.open(token), null);
    assert.match(exports.link(place).url, /^https:\/\/homeroom\.example\/exports\/[\w-]+$/);
  });

  it('ends with what it opens, where that is sooner', () => {
    const soon = new Date(now.getTime() + 60_000);
    assert.deepEqual(links.link(place, soon).expiresAt, soon);
    assert.deepEqual(links.link(place, new Date(expiresAt.getTime() + 60_000)).expiresAt, expiresAt);
  });

  it('expires after an hour', () => {
    assert.equal(expiresAt.getTime() - now.getTime(), 3_600_000);
    now = new Date(expiresAt.getTime() - 1);
    assert.deepEqual(links.open(token), place);
    now = expiresAt;
    assert.equal(links.open(token), null);
  });
});
