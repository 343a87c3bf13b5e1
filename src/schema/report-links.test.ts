import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { newId } from '../model/ids.ts';
import { createReportLinks } from './report-links.ts';

describe('a link to a report', () => {
  let now = new Date('2026-09-01T08:00:00Z');
  const clock = { now: () => now };
  const masterKey = randomBytes(32);
  const links = createReportLinks({ masterKey, base: () => 'https://homeroom.example/', clock });
  const place = { tenantId: newId(), schoolId: newId(), runId: newId() };
  const { url, expiresAt } = links.link(place);
  const token = url.slice('https://homeroom.example/reports/'.length);

  it('opens the report of its run, on every gateway that has the master key', () => {
    const elsewhere = createReportLinks({ masterKey, base: () => 'https://other.example', clock });

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
    const stranger = createReportLinks({ masterKey: randomBytes(32), base: () => '', clock });
    assert.equal(stranger.open(token), null);
    for (const made of ['', 'a', `${token}A`, token.slice(1), `${token}=`]) assert.equal(links.open(made), null);
  });

  it('expires after an hour', () => {
    assert.equal(expiresAt.getTime() - now.getTime(), 3_600_000);
    now = new Date(expiresAt.getTime() - 1);
    assert.deepEqual(links.open(token), place);
    now = expiresAt;
    assert.equal(links.open(token), null);
  });
});
