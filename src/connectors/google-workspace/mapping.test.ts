import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Value } from '../../model/entities.ts';
import type { Field, Stream } from '../kit/contract.ts';
import { accounts } from './accounts.ts';
import { courses } from './courses.ts';
import { students, teachers } from './rosters.ts';

const field = (stream: Stream, name: string) => {
  const found = (stream.fields as Readonly<Record<string, Field<unknown>>>)[name];
  assert.ok(found, name);
  return found;
};
const read = (stream: Stream, name: string, raw: object) => field(stream, name).read(stream.wire.parse(raw), {});
const write = (stream: Stream, name: string, value: Value) =>
  field(stream, name).write?.(value, { row: {}, settings: {} });

void describe('an account', () => {
  const raw = { id: '21', primaryEmail: 'Ann@School.example', name: { givenName: ' Ann', familyName: '' }, more: [1] };

  void it('is read by its id, its address in lower case and its names', () => {
    assert.equal(accounts.key(accounts.wire.parse(raw)), '21');
    assert.equal(read(accounts, 'email', raw), 'ann@school.example');
    assert.equal(read(accounts, 'givenName', raw), ' Ann');
    assert.equal(read(accounts, 'familyName', { id: '21', name: {} }), '');
    assert.equal(read(accounts, 'email', { id: '21', primaryEmail: 7, name: null }), undefined);
    assert.equal(read(accounts, 'givenName', { id: '21', primaryEmail: 7, name: null }), undefined);
  });

  void it('is written in its names only, each by itself', () => {
    assert.deepEqual(write(accounts, 'givenName', 'Ann'), { name: { givenName: 'Ann' } });
    assert.deepEqual(write(accounts, 'familyName', 'Bos'), { name: { familyName: 'Bos' } });
    assert.equal('write' in field(accounts, 'email'), false);
    assert.deepEqual(Object.keys(accounts.push ?? {}), ['update']);
  });

  void it('holds names of 60 characters, cut between characters', () => {
    const name = field(accounts, 'givenName');
    assert.equal(name.canonical?.(` ${'é'.repeat(70)} `), 'é'.repeat(60));
    assert.equal(name.canonical?.(`${'a'.repeat(59)}😀`), 'a'.repeat(59));
    assert.equal(field(accounts, 'email').canonical?.(' Ann@School.example'), 'ann@school.example');
  });

  void it('is gone when it was deleted, not when it is suspended', () => {
    assert.equal(accounts.gone?.(accounts.wire.parse({ ...raw, suspended: true })), false);
    assert.equal(accounts.gone?.(accounts.wire.parse({ ...raw, deletionTime: '2026-01-01T00:00:00Z' })), true);
  });

  void it('is mirrored for staff and students, not for families', () => {
    const roles = accounts.selects?.where as { role?: readonly string[] };
    assert.ok(roles.role?.includes('student') && roles.role.includes('principal'));
    assert.ok(!['guardian', 'parent', 'relative'].some((role) => roles.role?.includes(role)));
    assert.deepEqual(accounts.selects?.needs, ['email']);
  });
});

void describe('a course', () => {
  const raw = { id: '7', name: 'Maths', section: '', ownerId: '21', courseState: 'ACTIVE', teacherFolder: {} };

  void it('is read with what Google leaves out as empty', () => {
    assert.equal(courses.key(courses.wire.parse(raw)), '7');
    assert.deepEqual(
      ['title', 'classCode', 'location'].map((name) => read(courses, name, raw)),
      ['Maths', null, null],
    );
  });

  void it('is written so that reading gives the same back', () => {
    for (const [name, value] of [
      ['title', 'Algebra'],
      ['classCode', '5B'],
      ['location', 'Room 2'],
    ] as const) {
      assert.equal(read(courses, name, { ...raw, ...write(courses, name, value) }), value);
    }
    assert.equal(read(courses, 'classCode', { ...raw, ...write(courses, 'classCode', null) }), null);
  });

  void it('holds as much as Classroom does', () => {
    const lengths = { title: 750, classCode: 2_800, location: 650 };
    for (const [name, length] of Object.entries(lengths)) {
      assert.equal(String(field(courses, name).canonical?.('x'.repeat(3_000))).length, length);
    }
  });

  void it('has one owner: the first teacher', () => {
    const owner = courses.refs?.teachers;
    assert.deepEqual(owner?.read(courses.wire.parse(raw)), ['21']);
    assert.deepEqual(owner?.read(courses.wire.parse({ id: '7' })), []);
    assert.deepEqual(owner?.write?.(['21', '22']), { ownerId: '21' });
    assert.deepEqual(owner?.write?.([]), {});
    assert.deepEqual(owner?.canonical?.(['21', '22']), ['21']);
  });

  void it('is gone when it is archived or declined', () => {
    const gone = (courseState: string) => courses.gone?.(courses.wire.parse({ ...raw, courseState }));
    assert.deepEqual(['ACTIVE', 'PROVISIONED', 'SUSPENDED', 'ARCHIVED', 'DECLINED'].filter(gone), [
      'ARCHIVED',
      'DECLINED',
    ]);
  });
});

void describe('a member of a course', () => {
  void it('is a teacher in one stream and a student in the other', () => {
    const raw = { courseId: '7', userId: '21', profile: { id: '21' } };
    for (const [stream, role, action] of [
      [teachers, 'teacher', 'google_classroom.roster.teacher'],
      [students, 'student', 'google_classroom.roster.student'],
    ] as const) {
      const wire = stream.wire.parse(raw);
      assert.equal(stream.key(wire), '7/21');
      assert.deepEqual([stream.refs?.class?.read(wire), stream.refs?.person?.read(wire)], [['7'], ['21']]);
      assert.deepEqual(stream.selects?.where, { role: [role] });
      assert.equal(stream.action, action);
    }
  });
});
