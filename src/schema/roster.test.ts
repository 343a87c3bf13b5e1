import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as fc from 'fast-check';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

interface Page {
  totalCount: number;
  nodes: Record<string, string>[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** The school's lists: the field, the type it lists, and what tells one item from another. */
const lists = {
  people: ['Person', 'familyName'],
  classes: ['Class', 'title'],
  courses: ['Course', 'title'],
  terms: ['Term', 'title'],
  enrollments: ['Enrollment', 'role'],
  guardianLinks: ['GuardianLink', 'relationship'],
} as const;
type List = keyof typeof lists;

const document = (list: List) => `
  query ($id: ID!, $first: Int, $after: String, $filter: ${lists[list][0]}Filter, $order: ${lists[list][0]}Order) {
    school(id: $id) { ${list}(first: $first, after: $after, filter: $filter, orderBy: $order) {
      totalCount nodes { id ${lists[list][1]} } edges { cursor } pageInfo { hasNextPage endCursor } } } }`;

describe('the roster', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway();
    tenant = await seedTenant(gateway.database.app);
    us = gateway.as(tenant.id);
  });
  after(() => gateway.close());

  async function ask(list: List, school: SeededSchool, variables: object = {}, caller = us): Promise<Page> {
    const id = encodeId('School', school.id);
    const answer = await caller.ask<{ school: Record<string, Page> }>(document(list), { id, ...variables });

    return answer.school[list] ?? assert.fail(`no ${list}`);
  }

  /** What passes the filter, by the word that tells items apart; the count must agree. */
  async function found(list: List, school: SeededSchool, filter: object): Promise<(string | undefined)[]> {
    const { nodes, totalCount } = await ask(list, school, { filter });
    assert.equal(totalCount, nodes.length);

    return nodes.map((node) => node[lists[list][1]]);
  }

  test('people are found by name, address, role, state and class', async () => {
    const school = await tenant.school();
    const person = (familyName: string, row: Parameters<SeededSchool['person']>[0]) =>
      school.person({ familyName, ...row });
    const anna = await person('Öberg', { givenName: 'Anna', email: 'anna.oberg@elm.example', role: 'student' });
    const bo = await person('Berg', { givenName: 'Bo', username: 'bb1', role: 'teacher' });
    await person('Bergman', { givenName: 'Ann-Marie', identifier: 'S-77', status: 'ARCHIVED' });
    const [biology, chemistry] = [await school.class(), await school.class()];
    await school.enrollment({ classId: biology, personId: anna });
    await school.enrollment({ classId: biology, personId: bo, status: 'ARCHIVED' });
    await school.enrollment({ classId: chemistry, personId: bo, role: 'teacher' });
    const both = ['ACTIVE', 'ARCHIVED'];

    assert.deepEqual(await found('people', school, {}), ['Öberg', 'Berg']);
    assert.deepEqual(await found('people', school, { search: 'berg' }), ['Öberg', 'Berg']);
    assert.deepEqual(await found('people', school, { search: 'ÖBERG  ann' }), ['Öberg']);
    assert.deepEqual(await found('people', school, { search: 'elm.example' }), ['Öberg']);
    assert.deepEqual(await found('people', school, { search: 'BB1' }), ['Berg']);
    assert.deepEqual(await found('people', school, { search: 's-77', status: both }), ['Bergman']);
    assert.deepEqual(await found('people', school, { search: 'ann', status: both }), ['Öberg', 'Bergman']);
    assert.deepEqual(await found('people', school, { search: '%' }), []);
    assert.deepEqual(await found('people', school, { search: ' ' }), ['Öberg', 'Berg']);
    assert.deepEqual(await found('people', school, { role: 'teacher' }), ['Berg']);
    assert.deepEqual(await found('people', school, { role: ['aide'] }), []);
    assert.deepEqual(await found('people', school, { classIds: [encodeId('Class', biology)] }), ['Öberg']);
    const classIds = [encodeId('Class', biology), encodeId('Class', chemistry)];
    assert.deepEqual(await found('people', school, { classIds }), ['Öberg', 'Berg']);
    assert.deepEqual(await found('people', school, { classIds, role: ['teacher'] }), ['Berg']);
    assert.deepEqual(await found('people', school, { classIds: ['garbage', encodeId('Person', anna)] }), []);
  });

  test('classes are found by title, term and course, courses by title, terms by type and day', async () => {
    const school = await tenant.school();
    const year = await school.term({ title: 'Year', type: 'schoolYear' });
    const spring = await school.term({ title: 'Spring', type: 'term', startDate: '2027-01-07', endDate: '2027-07-01' });
    const [maths, art] = [
      await school.course({ title: 'Maths', courseCode: 'MA' }),
      await school.course({ title: 'Art' }),
    ];
    await school.class({ title: 'Maths 7a', courseId: maths, termsIds: [year] });
    await school.class({ title: 'Maths 7b', classCode: 'M7B', courseId: maths, termsIds: [spring] });
    await school.class({ title: 'Art', courseId: art, termsIds: [year, spring] });

    assert.deepEqual(await found('classes', school, { search: 'maths 7' }), ['Maths 7a', 'Maths 7b']);
    assert.deepEqual(await found('classes', school, { search: 'm7b' }), ['Maths 7b']);
    assert.deepEqual(await found('classes', school, { termIds: [encodeId('Term', spring)] }), ['Maths 7b', 'Art']);
    const filter = { courseIds: [encodeId('Course', maths)], termIds: [encodeId('Term', year)] };
    assert.deepEqual(await found('classes', school, filter), ['Maths 7a']);
    assert.deepEqual(await found('courses', school, { search: 'ma' }), ['Maths']);
    assert.deepEqual(await found('terms', school, { type: 'term' }), ['Spring']);
    assert.deepEqual(await found('terms', school, { search: 'YEAR' }), ['Year']);
    assert.deepEqual(await found('terms', school, { on: '2026-10-01' }), ['Year']);
    assert.deepEqual(await found('terms', school, { on: '2027-07-01' }), []);

    const nested = await us.ask<object>(
      `query ($id: ID!) { node(id: $id) { ... on Course { classes(orderBy: { field: TITLE, direction: DESC }) { nodes { title } } } } }`,
      { id: encodeId('Course', maths) },
    );
    assert.deepEqual(nested, { node: { classes: { nodes: [{ title: 'Maths 7b' }, { title: 'Maths 7a' }] } } });
  });

  test('enrollments are found by role, class and person, guardians from either side', async () => {
    const school = await tenant.school();
    const [kim, pat, sam] = [
      await school.person({ givenName: 'Kim' }),
      await school.person({ givenName: 'Pat', role: 'guardian' }),
      await school.person({ givenName: 'Sam', role: 'teacher' }),
    ];
    const [art, maths] = [await school.class(), await school.class()];
    await school.enrollment({ classId: art, personId: kim });
    await school.enrollment({ classId: art, personId: sam, role: 'teacher' });
    await school.enrollment({ classId: maths, personId: sam, role: 'aide' });
    await school.guardianLink({ studentId: kim, guardianId: pat });
    await school.guardianLink({ studentId: kim, guardianId: sam, status: 'ARCHIVED', relationship: 'tutor' });

    assert.deepEqual(await found('enrollments', school, { role: ['teacher', 'aide'] }), ['teacher', 'aide']);
    assert.deepEqual(await found('enrollments', school, { classIds: [encodeId('Class', art)] }), [
      'student',
      'teacher',
    ]);
    const filter = { personIds: [encodeId('Person', sam)], classIds: [encodeId('Class', maths)] };
    assert.deepEqual(await found('enrollments', school, filter), ['aide']);
    await school.enrollment({ classId: maths, personId: kim, status: 'ARCHIVED' });
    for (const [personId, count] of [
      [kim, 1],
      [sam, 2],
      [pat, 0],
    ] as const) {
      const personIds = [encodeId('Person', personId)];
      assert.equal((await found('classes', school, { personIds })).length, count);
    }
    assert.deepEqual(await found('guardianLinks', school, {}), ['parent']);
    assert.deepEqual(await found('guardianLinks', school, { status: 'ARCHIVED' }), ['tutor']);

    const both = await us.ask<object>(
      `query ($kim: ID!, $pat: ID!) {
        kim: node(id: $kim) { ... on Person { guardians { nodes { relationship guardian { givenName } } } guardianOf { totalCount } } }
        pat: node(id: $pat) { ... on Person { guardianOf { nodes { student { givenName } } } guardians { totalCount } } } }`,
      { kim: encodeId('Person', kim), pat: encodeId('Person', pat) },
    );
    assert.deepEqual(both, {
      kim: {
        guardians: { nodes: [{ relationship: 'parent', guardian: { givenName: 'Pat' } }] },
        guardianOf: { totalCount: 0 },
      },
      pat: { guardianOf: { nodes: [{ student: { givenName: 'Kim' } }] }, guardians: { totalCount: 0 } },
    });
  });

  test('names are ordered as people look them up, and pages of any size hold together', async () => {
    const school = await tenant.school();
    const inOrder = ['aalto', 'Åkesson', 'Berg', 'berg', 'Berg', 'Zorn'];
    for (const familyName of ['Zorn', 'Berg', 'Åkesson', 'Berg', 'aalto', 'berg']) {
      await school.person({ familyName, givenName: 'O\'Neil, "Zoë"' });
    }
    const whole = (await ask('people', school, { order: { field: 'NAME', direction: 'ASC' } })).nodes;
    assert.deepEqual(
      whole.map((node) => node.familyName?.toLowerCase()),
      inOrder.map((name) => name.toLowerCase()),
    );

    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.boolean(), async (first, descending) => {
        const order = { field: 'NAME', direction: descending ? 'DESC' : 'ASC' };
        const seen: Record<string, string>[] = [];
        for (let after: string | null = null, more = true; more; ) {
          const page: Page = await ask('people', school, { first, after, order });
          seen.push(...page.nodes);
          [after, more] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
        }
        assert.deepEqual(seen, descending ? whole.toReversed() : whole);
      }),
      { numRuns: 8 },
    );
  });

  test('a page goes on behind its cursor, though the one it names is gone', async () => {
    const school = await tenant.school();
    const days = ['2026-01-01', '2026-02-01', '2026-02-01', '2026-03-01'];
    const ids: string[] = [];
    for (const startDate of days) ids.push(await school.term({ title: startDate, startDate }));
    const order = { field: 'START_DATE', direction: 'ASC' };
    const { pageInfo } = await ask('terms', school, { first: 2, order });
    await tenant.write((tx) => tx`delete from term where id = ${ids[1] ?? ''}`);
    const rest = await ask('terms', school, { after: pageInfo.endCursor, order });

    assert.deepEqual(
      rest.nodes.map((node) => node.id),
      ids.slice(2).map((id) => encodeId('Term', id)),
    );
  });

  test('a cursor of another order, or made up, is refused', async () => {
    const school = await tenant.school();
    await school.person();
    const id = encodeId('School', school.id);
    const order = { field: 'NAME', direction: 'ASC' };
    const [byName, byAge] = [await ask('people', school, { order }), await ask('people', school)];
    const forged = (name: string, key: unknown) =>
      Buffer.from(`${name}:${typeof key === 'string' ? key : JSON.stringify(key)}`).toString('base64url');
    const uuid = '019af000-0000-7000-8000-000000000000';

    for (const [list, variables] of [
      ['people', { after: byName.edges[0]?.cursor }],
      ['people', { after: byAge.edges[0]?.cursor, order }],
      ['people', { after: forged('people/NAME', 'no json'), order }],
      ['people', { after: forged('people/NAME', ['a', 'b']), order }],
      ['people', { after: forged('people/NAME', ['a', 'b', 'c']), order }],
      ['people', { after: forged('people/NAME', ['a', 1, uuid]), order }],
      ['people', { after: forged('people/NAME', ['a\0', 'b', uuid]), order }],
      ['terms', { after: forged('terms/START_DATE', ['2026-02-31', uuid]), order: { ...order, field: 'START_DATE' } }],
    ] as const) {
      const { codes } = await us.run(document(list), { id, ...variables });
      assert.deepEqual(codes, ['INVALID_CURSOR'], JSON.stringify(variables));
    }
    for (const filter of [
      { search: 'x'.repeat(101) },
      { search: 'a b c d e f g h i' },
      { search: '\0' },
      { role: '\0' },
    ]) {
      assert.deepEqual((await us.run(document('people'), { id, filter })).codes, ['BAD_USER_INPUT']);
    }
    assert.deepEqual((await us.run(document('terms'), { id, filter: { on: 'today' } })).codes, ['BAD_USER_INPUT']);
  });

  test('no list, filter or cursor of another tenant or school shows anything of it', async () => {
    const stock = async (school: SeededSchool) => {
      const [personId, otherId] = [await school.person({ familyName: 'Same' }), await school.person()];
      const [termId, courseId] = [await school.term(), await school.course()];
      const classId = await school.class({ courseId, termsIds: [termId] });
      const enrollmentId = await school.enrollment({ classId, personId });
      const linkId = await school.guardianLink({ studentId: personId, guardianId: otherId });

      return { personId, otherId, termId, courseId, classId, enrollmentId, linkId };
    };
    const [ours, beside] = [await tenant.school(), await tenant.school()];
    const theirs = await (await seedTenant(gateway.database.app)).school();
    await stock(ours);
    const narrow = gateway.as(tenant.id, { schoolIds: [ours.id] });

    for (const foreign of [beside, theirs]) {
      const held = await stock(foreign);
      const them = gateway.as(foreign.tenant.id);
      const lost = new Set(Object.values(held).map((id) => id.toLowerCase()));
      const classIds = [encodeId('Class', held.classId)];
      for (const [list, filter] of [
        ['people', { classIds }],
        ['classes', { courseIds: [encodeId('Course', held.courseId)] }],
        ['classes', { termIds: [encodeId('Term', held.termId)] }],
        ['enrollments', { classIds }],
        ['enrollments', { personIds: [encodeId('Person', held.personId)] }],
      ] as const) {
        assert.deepEqual((await ask(list, ours, { filter }, narrow)).nodes, [], `${list} ${JSON.stringify(filter)}`);
      }
      for (const list of Object.keys(lists) as List[]) {
        const { edges } = await ask(list, foreign, {}, them);
        const { nodes } = await ask(list, ours, { after: edges[0]?.cursor }, narrow);
        for (const { id = '' } of nodes) {
          assert.ok(!lost.has(Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''), list);
        }
        const all = await narrow.run(document(list), { id: encodeId('School', foreign.id) });
        assert.deepEqual([all.data, all.codes], [{ school: null }, []], list);
      }
    }
  });
});
