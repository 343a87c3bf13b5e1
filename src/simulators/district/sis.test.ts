import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { generateDistrict } from './generate.ts';
import type { District, Org } from './records.ts';
import { createSis, type Sis } from './sis.ts';

describe('a SIS', () => {
  let district: District;
  let sis: Sis;
  let now = new Date('2026-02-01T08:00:00.000Z');

  beforeEach(() => {
    now = new Date('2026-02-01T08:00:00.000Z');
    district = generateDistrict({ seed: 3, schools: 1, asOf: new Date('2026-01-15') });
    sis = createSis(district, { now: () => now });
  });

  const org = (sourcedId: string): Omit<Org, 'dateLastModified'> => ({
    sourcedId,
    status: 'active',
    name: 'New',
    type: 'school',
  });
  const ids = () => sis.records('orgs').map(({ sourcedId }) => sourcedId);

  it('keeps records in the order of their ids, whatever comes and goes', () => {
    const before = ids();
    assert.deepEqual(before, [...before].sort());
    for (const id of ['zz', '!', 'm']) sis.put('orgs', org(id));
    assert.deepEqual(ids(), [...before, 'zz', '!', 'm'].sort());
    sis.vanish('orgs', 'm');
    assert.deepEqual(ids(), [...before, 'zz', '!'].sort());
  });

  it('stamps what changes with the time of the clock and leaves the rest alone', () => {
    const [first, second] = sis.records('users');
    assert.ok(first && second);
    sis.change('users', first.sourcedId, { familyName: 'Changed' });
    assert.equal(sis.find('users', first.sourcedId)?.dateLastModified, '2026-02-01T08:00:00.000Z');
    assert.deepEqual(sis.find('users', second.sourcedId), second);
    assert.notEqual(first.familyName, 'Changed');
  });

  it('keeps a removed record as a tombstone, and nothing of one that vanished', () => {
    const [first, second] = sis.records('enrollments');
    assert.ok(first && second);
    sis.remove('enrollments', first.sourcedId);
    sis.vanish('enrollments', second.sourcedId);
    assert.equal(sis.find('enrollments', first.sourcedId)?.status, 'tobedeleted');
    assert.equal(sis.find('enrollments', second.sourcedId), undefined);
    assert.equal(sis.records('enrollments').length, district.enrollments.length - 1);
  });

  it('never changes a list it has handed out', () => {
    const before = sis.records('users');
    const copy = [...before];
    sis.change('users', before[0]?.sourcedId ?? '', { familyName: 'Changed' });
    assert.deepEqual(before, copy);
    assert.notEqual(sis.records('users'), before);
    assert.equal(sis.records('users'), sis.records('users'));
  });

  it('can show a collection as empty for a while, and replace it', () => {
    sis.hide('classes');
    assert.deepEqual(sis.records('classes'), []);
    sis.show('classes');
    assert.equal(sis.records('classes').length, district.classes.length);
    sis.replaceCollection('classes', district.classes.slice(0, 2));
    assert.equal(sis.records('classes').length, 2);
  });

  it('tells by its revision that something has changed', () => {
    const before = sis.revision();
    sis.records('users');
    assert.equal(sis.revision(), before);
    sis.put('orgs', org('new'));
    assert.ok(sis.revision() > before);
  });

  it('refuses to change what it does not have', () => {
    assert.throws(() => sis.remove('users', 'nobody'), /no nobody in users/u);
    assert.throws(() => sis.change('users', 'nobody', {}), RangeError);
    assert.throws(() => sis.vanish('users', 'nobody'), RangeError);
  });
});
