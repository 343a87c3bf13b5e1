import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { recordsIn } from './envelope.ts';
import { role, roleOf } from './roles.ts';
import { describeRecord, streamOf } from './test-sis.ts';
import { boolean, date, email, grades, keyOf, keysOf, list, singleKey, text, wordOf } from './values.ts';

function table<Result>(read: (value: unknown) => Result, rows: readonly (readonly [unknown, Result])[]): void {
  for (const [given, expected] of rows) assert.deepEqual(read(given), expected, JSON.stringify(given));
}

describe('a value', () => {
  test('of text is trimmed, and nothing is null', () => {
    table(text, [
      [' Zoë  Ørsted ', 'Zoë  Ørsted'],
      ['', null],
      ['   ', null],
      [null, null],
      [undefined, null],
      [7, '7'],
      [{}, null],
      ['a\0b', 'ab'],
      ['\0', null],
      ['a\ud800', 'a\ufffd'],
      [`${'x'.repeat(65_535)}😀`, `${'x'.repeat(65_535)}\ufffd`],
      ['x'.repeat(70_000), 'x'.repeat(65_536)],
    ]);
    table(email, [
      [' Zoë.O@School.Example ', 'zoë.o@school.example'],
      ['', null],
    ]);
  });

  test('of truth is read in all the ways it is written', () => {
    table(boolean, [
      ['true', true],
      ['TRUE', true],
      [true, true],
      [1, true],
      ['1', true],
      ['false', false],
      [false, false],
      [0, false],
      ['0', false],
      ['no', false],
      ['', undefined],
      [null, undefined],
      [undefined, undefined],
      ['maybe', undefined],
    ]);
  });

  test('of a date is a day that exists', () => {
    table(date, [
      ['2026-09-01', '2026-09-01'],
      [' 2026-09-01T00:00:00.000Z', '2026-09-01'],
      ['2028-02-29', '2028-02-29'],
      ['2026-02-29', null],
      ['2000-02-29', '2000-02-29'],
      ['2100-02-29', null],
      ['2026-04-31', null],
      ['2026-12-31', '2026-12-31'],
      ['2026-13-01', null],
      ['2026-00-00', null],
      ['0000-01-01', null],
      ['0026-01-01', '0026-01-01'],
      ['2026-9-1', null],
      ['01/09/2026', null],
      ['2026-09-011', null],
      [20_260_901, null],
      [null, null],
    ]);
  });

  test('of a list may come as one text', () => {
    table(list, [
      [
        ['1', ' 2 ', '', null, 3],
        ['1', '2', '3'],
      ],
      ['1, 2,,3', ['1', '2', '3']],
      [null, []],
      [undefined, []],
      [{}, []],
    ]);
    table(grades, [
      [
        ['1', '01', '10', 'kg', 'Other', 'Klasse 5', 9],
        ['01', '01', '10', 'KG', 'Other', 'Klasse 5', '09'],
      ],
      ['9,10', ['09', '10']],
    ]);
  });

  test('of an enumeration has the capitals of the standard, and is kept when it is not of the standard', () => {
    table(wordOf(['gradingPeriod', 'term']), [
      ['GRADINGPERIOD', 'gradingPeriod'],
      [' Term ', 'term'],
      ['ext:block', 'ext:block'],
      ['', null],
    ]);
    table(role, [
      ['Teacher', 'teacher'],
      ['systemadministrator', 'systemAdministrator'],
      ['ext:tutor', 'ext:tutor'],
    ]);
  });

  test('of a reference is the id alone, exactly as it stands', () => {
    table(keyOf, [
      [{ sourcedId: ' A1 ', type: 'user', href: 'x' }, ' A1 '],
      [{ sourcedId: 17 }, '17'],
      ['A1', 'A1'],
      [{ sourcedId: '' }, undefined],
      [{ sourcedId: 'a\0' }, undefined],
      ['a\ud800', undefined],
      [{ href: 'x', type: 'org' }, undefined],
      [null, undefined],
      [undefined, undefined],
    ]);
    table(singleKey, [
      [{ sourcedId: 'a' }, ['a']],
      [[{ sourcedId: 'a' }, { sourcedId: 'b' }], ['a']],
      [{ href: 'x' }, []],
      [undefined, []],
    ]);
    table(keysOf, [
      [
        [{ sourcedId: 'a' }, { href: 'x' }, 'b', { sourcedId: 'a' }, null],
        ['a', 'b'],
      ],
      [{ sourcedId: 'a' }, ['a']],
      [undefined, []],
    ]);
  });

  test('is read from anything at all without a word of complaint', () =>
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true }), (junk) => {
        for (const read of [text, email, boolean, date, list, grades, role, keyOf, keysOf, singleKey]) read(junk);
      }),
      { numRuns: 1_000 },
    ));
});

describe('the one role of a person', () => {
  const at = (org: string, named: string, roleType = 'primary') => ({ role: named, roleType, org: { sourcedId: org } });
  const roles = [
    at('school', 'aide', 'secondary'),
    at('district', 'systemAdministrator'),
    at('school', 'teacher'),
    at('other', 'parent'),
  ];

  test('of 1.1 is the one there is', () => {
    assert.equal(roleOf({ role: 'Student' }), 'student');
    assert.equal(roleOf({ role: 'Student', roles: [] }), 'student');
    assert.equal(roleOf({}), null);
  });

  test('of 1.2 is the primary one at the primary org, else the first primary one, else the first', () => {
    assert.equal(roleOf({ roles, primaryOrg: { sourcedId: 'other' } }), 'parent');
    assert.equal(roleOf({ roles, primaryOrg: { sourcedId: 'nowhere' } }), 'systemAdministrator');
    assert.equal(roleOf({ roles }), 'systemAdministrator');
    assert.equal(roleOf({ roles: [at('a', 'proctor', 'secondary'), at('b', 'aide', 'secondary')] }), 'proctor');
    assert.equal(roleOf({ roles: [null, 7, {}, { role: 'teacher' }] }), 'teacher');
  });

  test('at the school we mirror goes before all others', () => {
    assert.equal(roleOf({ roles, primaryOrg: { sourcedId: 'other' } }, 'school'), 'teacher');
    assert.equal(roleOf({ roles: roles.slice(0, 2) }, 'school'), 'aide');
    assert.equal(roleOf({ roles, primaryOrg: { sourcedId: 'other' } }, 'elsewhere'), 'parent');
  });
});

describe('an envelope', () => {
  test('is opened by the right word, then by others, then as the only list', () => {
    const found = (body: Record<string, unknown>) => recordsIn(body, ['orgs', 'school']);
    assert.deepEqual(found({ orgs: [1], school: [2] }), [1]);
    assert.deepEqual(found({ school: [2], more: [3] }), [2]);
    assert.deepEqual(found({ data: [3], count: 1 }), [3]);
    assert.deepEqual(found({ data: [], statusInfoSet: [{}], warnings: [1] }), []);
    for (const body of [
      {},
      { orgs: null },
      { a: [1], b: [2] },
      { orgs: {} },
      { imsx_error: [1] },
      { statusInfoSet: [1] },
    ]) {
      assert.equal(found(body), undefined, JSON.stringify(body));
    }
    assert.equal(recordsIn(JSON.parse('{"a":1}'), ['constructor', 'toString']), undefined);
  });
});

describe('a record', () => {
  test('of any stream is read or refused, never a crash', () => {
    const names = ['orgs', 'academicSessions', 'courses', 'users', 'classes', 'enrollments'];
    const property = fc.anything();
    const fields = [
      'status',
      'role',
      'roles',
      'agents',
      'grades',
      'parent',
      'terms',
      'user',
      'primary',
      'email',
      'startDate',
    ];
    const record = fc.record(
      Object.fromEntries([['sourcedId', fc.oneof(fc.string(), property)], ...fields.map((name) => [name, property])]),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.oneof(record, property), (name, raw) => {
        if (!streamOf(name).wire.safeParse(raw).success) return;
        const { key } = describeRecord(name, raw);
        assert.ok(key !== '' && !key.includes('\0'));
        for (const link of streamOf('guardianLinks').pull.within?.records(raw) ?? [])
          describeRecord('guardianLinks', link);
      }),
      { numRuns: 1_000 },
    );
  });

  test('needs an id that the database can hold, and nothing else', () => {
    for (const sourcedId of ['a', ' A ', 'x'.repeat(1_000), 5])
      assert.ok(streamOf('users').wire.safeParse({ sourcedId }).success);
    for (const sourcedId of ['', 'a\0', 'a\ud800', 'x'.repeat(1_001), null, undefined, {}]) {
      assert.ok(!streamOf('users').wire.safeParse({ sourcedId }).success, JSON.stringify(sourcedId));
    }
  });

  test('of a student brings its guardians along, one of a parent does not bring the children', () => {
    const links = (user: object) => [
      ...(streamOf('guardianLinks').pull.within?.records({ sourcedId: 's', ...user }) ?? []),
    ];
    const agents = [{ sourcedId: 'g1' }, { sourcedId: 'g2' }, { sourcedId: 'g1' }, { href: 'x' }, { sourcedId: 's' }];
    const expected = [
      { student: 's', guardian: 'g1' },
      { student: 's', guardian: 'g2' },
    ];
    assert.deepEqual(links({ role: 'Student', agents }), expected);
    assert.deepEqual(links({ roles: [{ role: 'student' }], agentSourceIds: ['g1', 'g2'] }), expected);
    assert.deepEqual(links({ role: 'parent', agents }), []);
    assert.deepEqual(links({ role: 'student', agents, status: 'tobedeleted' }), []);
    assert.deepEqual(links({ role: 'student' }), []);
    assert.deepEqual(describeRecord('guardianLinks', expected[0]), {
      key: 's:g1',
      gone: false,
      values: {},
      refs: { student: ['s'], guardian: ['g1'] },
    });
  });

  test('that is to be deleted is gone, in the words of 1.0 too', () => {
    for (const [status, gone] of [
      ['active', false],
      [undefined, false],
      ['tobedeleted', true],
      ['ToBeDeleted', true],
      ['inactive', true],
    ] as const) {
      assert.equal(describeRecord('classes', { sourcedId: 'c', status }).gone, gone);
    }
  });
});
