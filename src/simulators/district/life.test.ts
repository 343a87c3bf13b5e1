import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { generateDistrict } from './generate.ts';
import { type Life, startLife } from './life.ts';
import type { District } from './records.ts';
import { createSis, type Sis } from './sis.ts';

const now = new Date('2026-02-01T08:00:00.000Z');

describe('a living district', () => {
  let district: District;
  let sis: Sis;
  let life: Life;

  beforeEach(() => {
    district = generateDistrict({ seed: 3, asOf: new Date('2026-01-15') });
    sis = createSis(district, { now: () => now });
    life = startLife(sis, 'a week');
  });

  const changedToday = () =>
    (['classes', 'users', 'enrollments', 'demographics'] as const).flatMap((collection) =>
      sis.records(collection).filter(({ dateLastModified }) => dateLastModified === now.toISOString()),
    );

  it('moves a student: the old enrollment becomes a tombstone and a new one appears', () => {
    const { summary, changed } = life.studentMoves();
    const [old, fresh] = changed.map(({ sourcedId }) => sis.find('enrollments', sourcedId));
    assert.ok(old && fresh);
    assert.equal(old.status, 'tobedeleted');
    assert.equal(fresh.status, 'active');
    assert.equal(fresh.userSourcedId, old.userSourcedId);
    assert.equal(fresh.schoolSourcedId, old.schoolSourcedId);
    assert.notEqual(fresh.classSourcedId, old.classSourcedId);
    assert.match(summary, /moves from .+ to .+\./u);
    assert.equal(changedToday().length, 2);
  });

  it('moves a student of a chosen school into another class of the same grade', () => {
    for (const { sourcedId: schoolSourcedId } of district.orgs.filter(({ type }) => type === 'school')) {
      const { changed } = life.studentMoves({ schoolSourcedId });
      const classes = changed.map(({ sourcedId }) => {
        const enrollment = sis.find('enrollments', sourcedId);
        assert.equal(enrollment?.schoolSourcedId, schoolSourcedId);
        return sis.find('classes', enrollment?.classSourcedId ?? '');
      });
      assert.deepEqual(classes[0]?.grades, classes[1]?.grades);
      assert.deepEqual(classes[0]?.termSourcedIds, classes[1]?.termSourcedIds);
    }
  });

  it('lets a student join all classes of a classmate, with an address of their own', () => {
    const { changed } = life.studentJoins();
    const newcomer = sis.find('users', changed[0]?.sourcedId ?? '');
    assert.ok(newcomer);
    const namesakes = sis.records('users').filter(({ email }) => email === newcomer.email);
    assert.equal(namesakes.length, 1);
    const theirs = sis.records('enrollments').filter(({ userSourcedId }) => userSourcedId === newcomer.sourcedId);
    assert.ok(theirs.length >= 10);
    assert.ok(theirs.every(({ status, role }) => status === 'active' && role === 'student'));
  });

  it('lets a student leave with all their enrollments', () => {
    const { changed } = life.studentLeaves();
    const left = changed.at(-1)?.sourcedId ?? '';
    assert.equal(sis.find('users', left)?.status, 'tobedeleted');
    const active = sis.records('enrollments').filter((one) => one.userSourcedId === left && one.status === 'active');
    assert.deepEqual(active, []);
    assert.equal(changedToday().length, changed.length);
  });

  it('gives a class another primary teacher, and only one', () => {
    const { changed } = life.teacherReplaced();
    const taught = sis.find('enrollments', changed[0]?.sourcedId ?? '')?.classSourcedId;
    const primaries = sis
      .records('enrollments')
      .filter((one) => one.classSourcedId === taught && one.primary === true && one.status === 'active');
    assert.equal(primaries.length, 1);
    assert.equal(primaries[0]?.sourcedId, changed[1]?.sourcedId);
  });

  it('renames a class and a person', () => {
    const [record] = district.classes;
    assert.ok(record);
    life.classRenamed({ sourcedId: record.sourcedId });
    assert.match(sis.find('classes', record.sourcedId)?.title ?? '', /^(Advanced|Extended|Practical|Bilingual) /u);
    const { changed } = life.personRenamed();
    const renamed = sis.find('users', changed[0]?.sourcedId ?? '');
    const before = district.users.find(({ sourcedId }) => sourcedId === renamed?.sourcedId);
    assert.notEqual(renamed?.familyName, before?.familyName);
    assert.equal(renamed?.email, before?.email);
  });

  it('does the same things again for the same seed', () => {
    const other = createSis(district, { now: () => now });
    const otherLife = startLife(other, 'a week');
    for (let day = 0; day < 30; day++) assert.deepEqual(otherLife.next(), life.next());
    assert.deepEqual(other.records('enrollments'), sis.records('enrollments'));
  });

  it('refuses what cannot happen', () => {
    assert.throws(() => life.studentMoves({ schoolSourcedId: 'nowhere' }), RangeError);
  });
});
