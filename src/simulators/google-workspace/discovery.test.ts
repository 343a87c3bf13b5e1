import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { createClock } from '../kit/clock.ts';
import type { JournalEntry } from '../kit/journal.ts';
import { checkAgainstDiscovery, type DiscoveryDocument, methodsOf } from './discovery.ts';
import { googleMethods } from './methods.ts';
import { GOOGLE_RULES } from './rules.ts';
import { createGoogleSimulator } from './simulator.ts';
import { actAs, refusal, SCOPES, scopes } from './test-clients.ts';
import { createWorld } from './world.ts';

const FOLDER = new URL('../../../../shared/data/google-discovery/', import.meta.url);
const skip = existsSync(FOLDER) ? false : 'the discovery documents are not at hand';

describe('requests held against Google’s own description', { skip }, () => {
  const read = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as DiscoveryDocument;
  const documents = skip === false ? ['classroom.v1.json', 'admin.directory_v1.json'].map(read) : [];
  const entry = (method: string, path: string, query: object = {}, body?: object) =>
    ({ number: 1, method, path, query, ...(body && { body }) }) as unknown as JournalEntry;

  const WRONG: readonly [entry: JournalEntry, problem: RegExp][] = [
    [entry('GET', '/v1/classes'), /no such method/],
    [entry('GET', '/v1/courses', { modifiedSince: ['x'] }), /has no parameter modifiedSince/],
    [entry('GET', '/v1/courses', { courseStates: ['ACTIVE', 'OPEN'] }), /courseStates cannot be OPEN/],
    [entry('GET', '/v1/courses', { pageSize: ['many'] }), /pageSize is not a whole number/],
    [entry('GET', '/v1/courses', { pageToken: ['a', 'b'] }), /only once/],
    [entry('GET', '/v1/courses', { fields: ['courses(id,title)'] }), /fields names courses\/title/],
    [entry('GET', '/admin/directory/v1/users', { maxResults: ['501'] }), /maxResults is out of range/],
    [entry('POST', '/v1/courses', {}, { titel: 'x' }), /Course has no field titel/],
    [entry('POST', '/v1/courses', {}, { name: 7 }), /Course\.name is not a string/],
    [entry('POST', '/v1/courses', {}, { courseState: 'OPEN' }), /courseState cannot be OPEN/],
    [entry('PATCH', '/v1/courses/1', {}, { name: 'x' }), /updateMask is missing/],
    [entry('PATCH', '/v1/courses/1', { updateMask: ['name,id'] }, { name: 'x' }), /updateMask cannot name id/],
    [entry('POST', '/admin/directory/v1/users', {}, { primaryEmail: 'a@b' }), /User\.name is required/],
    [entry('DELETE', '/v1/courses/1', {}, { force: true }), /takes no body/],
  ];

  for (const [wrong, problem] of WRONG) {
    it(`notices: ${problem.source.replaceAll('\\', '')}`, () => {
      assert.match(checkAgainstDiscovery([wrong], documents).join('\n'), problem);
    });
  }

  it('has nothing to say about what Google’s own library sends', async () => {
    const all = [...SCOPES, ...scopes('admin.directory.user')];
    const simulator = await createGoogleSimulator({
      domains: [{ name: 'school.example', admins: ['ad@school.example'] }],
    });
    try {
      const key = await simulator.makeServiceAccount({ scopes: all });
      const { classroom, directory } = actAs(simulator, key, 'ad@school.example', all);
      await directory.users.insert({
        requestBody: {
          primaryEmail: 'ann@school.example',
          name: { givenName: 'Ann', familyName: 'Bos' },
          password: 'long enough',
          externalIds: [{ type: 'organization', value: 'T1' }],
        },
      });
      await directory.users.list({
        customer: 'my_customer',
        query: 'email=ann@school.example',
        fields: 'users(id,name/givenName)',
      });
      const { data } = await classroom.courses.create({
        requestBody: { id: 'p:1', name: 'Maths', ownerId: 'me', courseState: 'ACTIVE' },
      });
      const courseId = data.id ?? '';
      await classroom.courses.patch({
        id: 'p:1',
        updateMask: 'name,courseState',
        requestBody: { name: 'Algebra', courseState: 'ACTIVE' },
      });
      await classroom.courses.list({
        courseStates: ['ACTIVE', 'ARCHIVED'],
        pageSize: 100,
        fields: 'nextPageToken,courses(id,name)',
      });
      await classroom.courses.students.create({ courseId, requestBody: { userId: 'ann@school.example' } });
      await classroom.courses.students.list({ courseId, pageSize: 100, fields: 'students(userId,profile/name)' });
      await classroom.courses.students.delete({ courseId, userId: 'ann@school.example' });
      await refusal(classroom.courses.aliases.create({ courseId, requestBody: { alias: 'p:1' } }));

      assert.deepEqual(checkAgainstDiscovery(simulator.journal.entries(), documents), []);
      assert.ok(simulator.journal.count() > 9);
    } finally {
      await simulator.close();
    }
  });

  it('describes every method the simulator has, with the same path, parameters and scopes', () => {
    const described = new Map(documents.flatMap(methodsOf).map((method) => [method.id, method]));
    const world = createWorld(createClock());

    for (const { id, method, path, query = [], scopes } of googleMethods(world, GOOGLE_RULES)) {
      const google = described.get(id);
      const parameters = Object.entries(google?.parameters ?? {}).filter(([, { location }]) => location === 'query');
      assert.deepEqual(
        { id, method, path, query: query.toSorted(), scopes: scopes.toSorted() },
        {
          id,
          method: google?.httpMethod,
          path: `/${google?.path}`,
          query: parameters.map(([name]) => name).toSorted(),
          scopes: google?.scopes?.map((scope) => scope.replace('https://www.googleapis.com/auth/', '')).toSorted(),
        },
      );
    }
  });
});
