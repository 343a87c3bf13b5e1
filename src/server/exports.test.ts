import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { getNamedType, getNullableType, isLeafType, isListType, isObjectType } from 'graphql';
import { systemClock } from '../model/clock.ts';
import { encodeId } from '../schema/ids.ts';
import { schema } from '../schema/index.ts';
import { createApiKey } from './api-keys.ts';
import {
  crowd,
  fetchLines,
  fillSchool,
  idsIn,
  type Line,
  linesOf,
  openTestExports,
  type TestExports,
} from './test-export.ts';

const hour = 60 * 60 * 1_000;

/** What a line has of each kind, as a query asks for it; lists of the school by their names. */
const lists: Readonly<Record<string, string>> = {
  terms: 'title type startDate endDate schoolYear parent { id }',
  courses: 'title courseCode grades subjects subjectCodes',
  classes: 'title classCode classType location grades subjects subjectCodes periods course { id } terms { id }',
  people: 'givenName familyName middleName username email role identifier phone sms grades enabled',
  enrollments: 'role primary beginDate endDate class { id } person { id }',
  guardianLinks: 'relationship student { id } guardian { id }',
  groups: 'title code members { nodes { id } }',
  meetings:
    'title description startsAt endsAt location class { id } instructors { id } learners { nodes { id } } groups { id }',
};

describe('an export of a school', () => {
  let world: TestExports;
  let schoolId: string;

  before(async () => {
    const points = { capacity: 100_000, perSecond: 100_000 };
    world = await openTestExports({ limits: { callerPoints: points, tenantPoints: points } });
    schoolId = encodeId('School', world.school.id);
    await fillSchool(world.school);
    // Several pages, so that the last is full and the next one empty, too.
    await crowd(world.school, 997);
    await (await world.school.tenant.school({ name: 'Oak Street School' })).person();
  });
  after(() => world.close());

  /** All that GraphQL lists, as lines have it. */
  async function listed(): Promise<unknown[]> {
    const found: unknown[] = [];
    for (const [name, fields] of Object.entries(lists)) {
      for (let cursor: string | null = null; ; ) {
        const { school } = await world.ask(
          `query ($id: ID!, $after: String) { school(id: $id) { list: ${name}(first: 200, after: $after) {
            nodes { __typename id school { id } sourcedId status createdAt updatedAt ${fields} }
            pageInfo { hasNextPage endCursor } } } }`,
          { id: schoolId, after: cursor },
        );
        for (const { __typename: type, members, learners, ...record } of school.list.nodes) {
          const people = { ...(members && { members: members.nodes }), ...(learners && { learners: learners.nodes }) };
          found.push({ type, record: { ...record, ...people } });
        }
        if (!school.list.pageInfo.hasNextPage) break;
        cursor = school.list.pageInfo.endCursor;
      }
    }
    return found;
  }

  it('has what GraphQL lists, under the same names, in the same order', async () => {
    const { url, id } = await world.start();
    const response = await fetch(url);
    const [first, ...lines] = linesOf(await response.text());
    const last = lines.pop();
    const orgs = lines.filter(({ type }) => type === 'Org');
    const told = lines.flatMap(({ type, record }) => (type === 'Org' ? [] : [{ type, record }]));

    assert.equal(response.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
    assert.match(response.headers.get('content-disposition') ?? '', /^attachment; filename="export-.*\.jsonl"$/);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.deepEqual(told, await listed());
    assert.deepEqual(
      orgs.map(({ record }) => record?.name),
      ['Elm Street'],
    );
    const counts = Object.fromEntries(
      [...Map.groupBy(lines, ({ type }) => type)].map(([type, some]) => [type, some.length]),
    );
    assert.deepEqual(last, { type: 'ExportCompleted', records: lines.length, counts });
    assert.equal(counts.Person, 1000);
    const { liveCursor } = (await world.ask('query ($id: ID!) { export(id: $id) { liveCursor } }', { id })).export;
    assert.deepEqual(first, {
      type: 'ExportStarted',
      export: { id },
      school: { id: schoolId },
      types: Object.keys(counts),
      liveCursor,
    });
    assert.deepEqual(await world.stateOf(id), {
      status: 'COMPLETED',
      statusReason: null,
      progress: { completed: lines.length, total: lines.length },
    });
  });

  it('leaves out no field of a type and invents none: only pages of other records are not in a line', async () => {
    const lines = await fetchLines((await world.start()).url);
    const kinds = Map.groupBy(lines, ({ type }) => type);
    for (const [type, [line]] of kinds) {
      if (line?.record === undefined) continue;
      const named = schema.getType(type);
      assert.ok(isObjectType(named), type);
      const fields = Object.values(named.getFields()).filter(({ name, type: of }) => {
        const inner = getNamedType(of);
        if (isLeafType(inner) || !isObjectType(inner) || isListType(getNullableType(of))) return true;
        return !inner.name.endsWith('Connection') || name === 'members' || name === 'learners';
      });
      const names = fields.map(({ name }) => name);
      assert.deepEqual(Object.keys(line.record).sort(), names.sort(), type);
    }
    assert.equal(kinds.size, 11);
  });

  it('has contact details only for who may read them', async () => {
    const { tenant } = world.school;
    const wanted = { tenantId: tenant.id, name: 'Mirror', scopes: ['roster:read'] as const, schoolIds: null };
    const { key } = await tenant.write((tx) => createApiKey(tx, wanted, systemClock));
    const people = (await fetchLines((await world.start({ entityTypes: ['PERSON'] }, key)).url)).slice(1, -1);

    assert.equal(people.length, 1000);
    for (const { record } of people) assert.ok(record && !('phone' in record) && !('sms' in record));
  });

  it('can be of some kinds, of archived records too, and of what changed lately', async () => {
    const types = (lines: readonly Line[]) => [...new Set(lines.map(({ type }) => type))];
    const some = await fetchLines((await world.start({ entityTypes: ['ENROLLMENT', 'CLASS', 'CLASS'] })).url);
    assert.deepEqual(types(some), ['ExportStarted', 'Class', 'Enrollment', 'ExportCompleted']);

    const archived = await fetchLines((await world.start({ entityTypes: ['PERSON'], status: ['ARCHIVED'] })).url);
    assert.deepEqual(
      archived.flatMap(({ record }) => (record ? [[record.givenName, record.status]] : [])),
      [['Gone', 'ARCHIVED']],
    );

    const since = new Date();
    const personId = await world.school.person({ givenName: 'New', updatedAt: new Date(since.getTime() + 1) });
    const recent = await fetchLines((await world.start({ updatedSince: since.toISOString() })).url);
    assert.deepEqual(idsIn(recent), [encodeId('Person', personId)]);
    assert.equal(recent.at(-1)?.records, 1);
  });

  it('answers a link that was made up, changed, cut short or of another school like one that never was', async () => {
    const { url, id } = await world.start();
    const raw = Buffer.from(id, 'base64url').toString().slice('Export:'.length);
    const other = await world.school.tenant.school();
    const place = { tenantId: world.school.tenant.id, schoolId: world.school.id, id: raw };
    const urls = [
      url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      `${world.server.url}/exports/`,
      `${world.server.url}/exports/x`,
      `${url}/x`,
      world.links.link({ ...place, schoolId: other.id }).url,
      world.links.link({ ...place, tenantId: world.tenantId }).url,
      world.links.link({ ...place, id: other.id }).url,
    ];
    const answers = await Promise.all(
      urls.map(async (each) => {
        const response = await fetch(each);
        return [response.status, await response.text()];
      }),
    );

    assert.equal(answers[0]?.[0], 404);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal((await fetch(world.links.link(place).url, { method: 'HEAD' })).status, 200, 'as it should be made');
  });

  it('refuses a cursor that it never gave out, and says so', async () => {
    const { url } = await world.start({ entityTypes: ['PERSON'] });
    const foreign = (await fetchLines((await world.start()).url))[1]?.cursor ?? '';
    for (const cursor of ['', 'x', foreign, `${foreign}A`, foreign.slice(0, -1), '🦉']) {
      const response = await fetch(`${url}?after=${encodeURIComponent(cursor)}`);
      assert.equal(response.status, 400, cursor);
      assert.equal(((await response.json()) as { code: string }).code, 'INVALID_CURSOR');
    }
  });

  it('can only be read, and looked at without being fetched', async () => {
    const { url, id } = await world.start();
    const posted = await fetch(url, { method: 'POST' });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD']);
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 200);
    assert.deepEqual((await world.stateOf(id)).status, 'PENDING');
  });

  it('has links for an hour each, and opens none after a day', async () => {
    const { url, id } = await world.start({ entityTypes: ['COURSE'] });
    const document = 'query ($id: ID!) { export(id: $id) { status download { url expiresAt } expiresAt } }';
    world.later(hour);
    assert.equal((await fetch(url)).status, 404);
    const again = (await world.ask(document, { id })).export;
    assert.equal((await fetchLines(again.download.url)).length, 3);

    const unfetched = await world.start();
    world.later(22.5 * hour);
    const soon = (await world.ask(document, { id })).export;
    assert.equal(soon.download.expiresAt, soon.expiresAt, 'a link does not outlive its export');
    world.later(0.5 * hour);
    assert.equal((await fetch(soon.download.url)).status, 404);
    assert.deepEqual(await world.ask(document, { id }), { export: { ...soon, status: 'COMPLETED', download: null } });
    world.later(hour);
    const { status, download } = (await world.ask(document, { id: unfetched.id })).export;
    assert.deepEqual([status, download], ['EXPIRED', null]);
  });
});
