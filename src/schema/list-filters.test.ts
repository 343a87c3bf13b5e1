import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { insertMember } from '../db/queries/member.ts';
import { type SeededSchool, type SeededTenant, seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from './ids.ts';
import { openTestGateway, type TestCaller, type TestGateway } from './test-gateway.ts';

/** A list: the type it has, where it is, and what tells one item from another. */
const lists = {
  schools: ['School', 'root', 'name'],
  members: ['Member', 'root', 'email'],
  apiKeys: ['ApiKey', 'root', 'name'],
  people: ['Person', 'school', 'familyName'],
  terms: ['Term', 'school', 'title'],
  groups: ['Group', 'school', 'title'],
  meetings: ['Meeting', 'school', 'title'],
  guardianLinks: ['GuardianLink', 'school', 'relationship'],
} as const;
type List = keyof typeof lists;

interface Page {
  totalCount: number;
  nodes: Record<string, string>[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const instant = (day: number) => new Date(Date.UTC(2026, 8, day, 8));

describe('lists', () => {
  let gateway: TestGateway;
  let tenant: SeededTenant;
  let school: SeededSchool;
  let us: TestCaller;

  before(async () => {
    gateway = await openTestGateway({ issuers: ['https://login.example'] });
  });
  after(() => gateway.close());
  beforeEach(async () => {
    tenant = await seedTenant(gateway.database.app);
    school = await tenant.school({ name: 'Elm Street School', sourcedId: 'org-1' });
    us = gateway.as(tenant.id);
  });

  function documentOf(list: List): string {
    const [type, place, word] = lists[list];
    const field = `list: ${list}(first: $first, after: $after, filter: $filter, orderBy: $order) {
      totalCount nodes { id ${word} } pageInfo { hasNextPage endCursor } }`;
    const variables = `$first: Int, $after: String, $filter: ${type}Filter, $order: ${type}Order`;

    return place === 'root'
      ? `query (${variables}) { ${field} }`
      : `query ($id: ID!, ${variables}) { school(id: $id) { ${field} } }`;
  }

  async function pageOf(list: List, variables: object): Promise<Page> {
    const id = lists[list][1] === 'root' ? {} : { id: encodeId('School', school.id) };
    // As they come over the wire.
    const sent = JSON.parse(JSON.stringify({ ...id, ...variables })) as Record<string, unknown>;
    const data = await us.ask<{ list?: Page; school?: { list: Page } }>(documentOf(list), sent);

    return data.list ?? data.school?.list ?? assert.fail(`no ${list}`);
  }

  /** What passes, in pages of two; the count must agree. */
  async function found(list: List, filter: object = {}, order?: object): Promise<(string | undefined)[]> {
    const words: (string | undefined)[] = [];
    for (let cursor: string | null = null; ; ) {
      const { nodes, totalCount, pageInfo } = await pageOf(list, { first: 2, after: cursor, filter, order });
      words.push(...nodes.map((node) => node[lists[list][2]]));
      if (!pageInfo.hasNextPage) {
        assert.equal(totalCount, words.length);
        return words;
      }
      cursor = pageInfo.endCursor;
    }
  }

  const by = (field: string, direction = 'ASC') => ({ field, direction });

  it('of schools are searched, found by the id in the SIS, and ordered by name', async () => {
    for (const [name, sourcedId] of [
      ['zum Löwen', 'org-2'],
      ['Åbo School', null],
      ['Elm Street Annex', 'org-4'],
    ] as const) {
      await tenant.school({ name, sourcedId });
    }
    const added = ['Elm Street School', 'zum Löwen', 'Åbo School', 'Elm Street Annex'];
    const named = ['Åbo School', 'Elm Street Annex', 'Elm Street School', 'zum Löwen'];
    assert.deepEqual(await found('schools'), added);
    assert.deepEqual(await found('schools', {}, by('CREATED_AT', 'DESC')), added.toReversed());
    assert.deepEqual(await found('schools', {}, by('NAME')), named);
    assert.deepEqual(await found('schools', {}, by('NAME', 'DESC')), named.toReversed());
    assert.deepEqual(await found('schools', { search: 'STREET elm' }, by('NAME')), named.slice(1, 3));
    assert.deepEqual(await found('schools', { search: 'löwen' }), ['zum Löwen']);
    assert.deepEqual(await found('schools', { sourcedIds: ['org-4', 'org-1', 'org-9'] }), [added[0], added[3]]);
    assert.deepEqual(await found('schools', { sourcedIds: [] }), []);

    const theirs = await seedTenant(gateway.database.app);
    await theirs.school({ name: 'Elm Street School', sourcedId: 'org-1' });
    assert.deepEqual(await found('schools', { sourcedIds: ['org-1'] }), ['Elm Street School']);
  });

  it('of records are found by their ids in the SIS and by when they changed', async () => {
    for (const [familyName, day] of [
      ['One', 1],
      ['Two', 2],
      ['Three', 3],
    ] as const) {
      await school.person({ familyName, sourcedId: `p-${day}`, updatedAt: instant(day) });
    }
    await school.person({ familyName: 'Gone', sourcedId: 'p-4', updatedAt: instant(4), status: 'ARCHIVED' });
    assert.deepEqual(await found('people', { sourcedIds: ['p-3', 'p-1', 'p-4'] }), ['One', 'Three']);
    assert.deepEqual(await found('people', { updatedSince: instant(2) }), ['Two', 'Three']);
    const status = ['ACTIVE', 'ARCHIVED'];
    assert.deepEqual(await found('people', { updatedSince: instant(3), status }, by('NAME')), ['Gone', 'Three']);
    assert.deepEqual(await found('people', { updatedSince: instant(2), sourcedIds: ['p-1', 'p-2'] }), ['Two']);

    await school.term({ title: 'Autumn', sourcedId: 't-1', updatedAt: instant(1) });
    assert.deepEqual(await found('terms', { sourcedIds: ['t-1', 'p-1'] }), ['Autumn']);
    assert.deepEqual(await found('terms', { updatedSince: instant(2) }), []);
  });

  it('of groups are searched, found by who is in them, and ordered by title', async () => {
    const [kim, pat] = [await school.person(), await school.person()];
    await school.group({ title: 'Seminar B', code: 'SB', membersIds: [kim, pat] });
    await school.group({ title: 'seminar a', membersIds: [pat] });
    await school.group({ title: 'Choir', code: 'X1' });
    assert.deepEqual(await found('groups', { search: 'seminar' }, by('TITLE')), ['seminar a', 'Seminar B']);
    assert.deepEqual(await found('groups', { search: 'x1' }), ['Choir']);
    assert.deepEqual(await found('groups', { personIds: [encodeId('Person', kim)] }), ['Seminar B']);
    assert.deepEqual(await found('groups', { personIds: [encodeId('Person', newId()), 'x'] }), []);
    assert.deepEqual(await found('groups', {}, by('TITLE', 'DESC')), ['Seminar B', 'seminar a', 'Choir']);
    assert.deepEqual(await found('groups'), ['Seminar B', 'seminar a', 'Choir']);
  });

  it('of meetings are searched, found by class and people, and ordered by when they begin', async () => {
    const [teacher, kim] = [await school.person(), await school.person()];
    const classId = await school.class();
    const at = (day: number) => ({ startsAt: instant(day), endsAt: instant(day + 1) });
    await school.meeting({ ...at(3), title: 'Law', instructorsIds: [teacher], location: 'Room 210' });
    await school.meeting({ ...at(1), title: 'Ethics', learnersIds: [kim], classId, description: 'Plato' });
    await school.meeting({ ...at(2), title: 'Logic', learnersIds: [kim], instructorsIds: [teacher] });
    await school.meeting({ ...at(2), title: 'Latin' });
    const begin = ['Ethics', 'Logic', 'Latin', 'Law'];
    assert.deepEqual(await found('meetings', {}, by('STARTS_AT')), begin);
    assert.deepEqual(await found('meetings', {}, by('STARTS_AT', 'DESC')), begin.toReversed());
    assert.deepEqual(await found('meetings', { startsFrom: instant(2) }, by('STARTS_AT')), begin.slice(1));
    assert.deepEqual(await found('meetings', { search: 'room 210' }), ['Law']);
    assert.deepEqual(await found('meetings', { search: 'plato' }), ['Ethics']);
    assert.deepEqual(await found('meetings', { classIds: [encodeId('Class', classId)] }), ['Ethics']);
    assert.deepEqual(await found('meetings', { personIds: [encodeId('Person', teacher)] }), ['Law', 'Logic']);
    assert.deepEqual(await found('meetings', { personIds: [encodeId('Person', kim)] }), ['Ethics', 'Logic']);

    const id = encodeId('School', school.id);
    const forged = (key: unknown) => Buffer.from(`meetings/STARTS_AT:${JSON.stringify(key)}`).toString('base64url');
    for (const when of ['soon', '2026-09-31T08:00:00.000Z', '0000-01-01T00:00:00.000Z', 1]) {
      const variables = { id, after: forged([when, newId()]), order: by('STARTS_AT') };
      assert.deepEqual((await us.run(documentOf('meetings'), variables)).codes, ['INVALID_CURSOR'], String(when));
    }
  });

  it('of guardian links are found by either end and by what the adult is', async () => {
    const [kim, pat, sam] = [await school.person(), await school.person(), await school.person()];
    await school.guardianLink({ studentId: kim, guardianId: pat, relationship: 'parent' });
    await school.guardianLink({ studentId: kim, guardianId: sam, relationship: 'aunt' });
    await school.guardianLink({ studentId: sam, guardianId: pat, relationship: null });
    const of = (...ids: string[]) => ids.map((id) => encodeId('Person', id));
    assert.deepEqual(await found('guardianLinks', { studentIds: of(kim) }), ['parent', 'aunt']);
    assert.deepEqual(await found('guardianLinks', { guardianIds: of(pat) }), ['parent', null]);
    assert.deepEqual(await found('guardianLinks', { studentIds: of(kim, sam), guardianIds: of(sam) }), ['aunt']);
    assert.deepEqual(await found('guardianLinks', { relationship: ['aunt', 'uncle'] }), ['aunt']);
  });

  it('of members and keys are searched', async () => {
    for (const [email, role] of [
      ['ada@elm.example', 'VIEWER'],
      ['bob@oak.example', 'VIEWER'],
    ] as const) {
      const about = { id: newId(), email, role, issuer: null, subject: null, schoolIds: null };
      await tenant.write((tx) => insertMember(tx, tenant.id, { ...about, invitedBy: 'Zoë', createdAt: new Date() }));
    }
    assert.deepEqual(await found('members', { search: 'ELM ada' }), ['ada@elm.example']);
    assert.deepEqual(await found('members', { search: 'example', status: ['INVITED'] }, by('INVITED_AT')), [
      'ada@elm.example',
      'bob@oak.example',
    ]);

    const create = `mutation ($name: String!) { createApiKey(input: { name: $name, scopes: ["roster:read"] }) {
      ... on CreateApiKeyPayload { apiKey { publicPart } } } }`;
    const made: string[] = [];
    for (const name of ['Wall display', 'Mirror of the district']) {
      type Made = { createApiKey: { apiKey: { publicPart: string } } };
      made.push((await us.ask<Made>(create, { name })).createApiKey.apiKey.publicPart);
    }
    assert.deepEqual(await found('apiKeys', { search: 'district mirror' }), ['Mirror of the district']);
    assert.deepEqual(await found('apiKeys', { search: made[0] ?? '' }), ['Wall display']);
    assert.deepEqual(await found('apiKeys', { search: 'nobody' }), []);
  });

  it('refuse filters without an end', async () => {
    const ids = Array.from({ length: 201 }, () => 'x');
    for (const [list, filter] of [
      ['schools', { sourcedIds: ids }],
      ['people', { sourcedIds: ids }],
      ['schools', { search: 'x'.repeat(101) }],
      ['members', { search: 'a b c d e f g h i' }],
      ['groups', { personIds: ids }],
    ] as const) {
      const id = lists[list][1] === 'root' ? {} : { id: encodeId('School', school.id) };
      assert.deepEqual((await us.run(documentOf(list), { ...id, filter })).codes, ['BAD_USER_INPUT'], list);
    }
  });
});
