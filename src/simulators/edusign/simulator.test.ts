import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startEdusign } from './test-edusign.ts';

describe('the simulated Edusign', () => {
  let edusign: Awaited<ReturnType<typeof startEdusign>>;

  beforeEach(async () => {
    edusign = await startEdusign({ pace: 'off' });
  });
  afterEach(async () => {
    assert.deepEqual(edusign.problems, []);
    await edusign.close();
  });

  const sheetOf = (PROFESSOR: string, STUDENTS: string[] = []) => ({
    NAME: 'Cours § Éthique',
    START: '2026-10-21T06:30:00Z',
    END: '2026-10-21T08:30:00Z',
    PROFESSOR,
    STUDENTS: STUDENTS.map((studentId) => ({ studentId })),
    API_ID: '115849',
    API_TYPE: 'homeroom',
  });

  it('answers in an envelope whose status tells, with HTTP 200 also for a refusal', async () => {
    const school = await edusign.speak('GET', '/v1/school');
    assert.equal(school.json?.status, 'success');
    const unknown = await edusign.speak('GET', '/v1/student/get-id/none');
    assert.deepEqual([unknown.status, unknown.json], [200, { status: 'error', message: 'student not found' }]);
    const invalid = await edusign.speak('POST', '/v1/student', { student: { FIRSTNAME: 'Anne' } });
    assert.deepEqual(invalid.json?.message, ['LASTNAME is required', 'EMAIL is required']);
  });

  it('fails in plain text before the API proper: a wrong key, an unknown path, maintenance', async () => {
    const wrong = await edusign.speak('GET', '/v1/school', undefined, 'other');
    assert.deepEqual([wrong.status, wrong.text], [401, 'Unauthorized']);
    const elsewhere = await edusign.speak('GET', '/v1/teapot');
    assert.deepEqual([elsewhere.status, elsewhere.text], [404, 'Not Found']);
    edusign.maintain(true);
    assert.equal((await edusign.speak('GET', '/v1/school')).status, 503);
    edusign.maintain(false);
    assert.equal((await edusign.speak('GET', '/v1/school')).status, 200);
  });

  it('lists people 100 a page and sheets 40 a page, from page 0', async () => {
    const professor = edusign.add('professor', 'Zoe');
    for (let number = 0; number < 101; number += 1) edusign.add('student', `L${number}`);
    for (let number = 0; number < 41; number += 1) edusign.hand.addSheet(sheetOf(professor));
    const lengths = async (path: string) => {
      const pages = [0, 1, 2].map((page) => edusign.speak('GET', `${path}?page=${page}`));
      return (await Promise.all(pages)).map(({ result }) => (result as unknown[]).length);
    };
    assert.deepEqual(await lengths('/v1/student'), [100, 1, 0]);
    assert.deepEqual(await lengths('/v1/course'), [40, 1, 0]);
  });

  it('refuses a range of more than 90 days and shows what begins within it', async () => {
    edusign.hand.addSheet(sheetOf(edusign.add('professor', 'Zoe')));
    const list = (start: string, end: string) => edusign.speak('GET', `/v1/course?page=0&start=${start}&end=${end}`);
    assert.equal((await list('2026-10-20T00:00:00Z', '2027-01-18T00:00:01Z')).json?.status, 'error');
    const found = await list('2026-10-20T00:00:00Z', '2027-01-18T00:00:00Z');
    assert.equal((found.result as unknown[]).length, 1);
    assert.deepEqual((await list('2026-10-22T00:00:00Z', '2026-11-05T00:00:00Z')).result, []);
  });

  it('knows each address once, also in other letters and of somebody archived', async () => {
    const anne = { FIRSTNAME: 'Anne', LASTNAME: 'Dupont', EMAIL: 'Anne@example.org', API_ID: '7' };
    const made = await edusign.speak('POST', '/v1/student', { student: anne });
    const { ID } = made.result as { ID: string };
    const again = { student: { ...anne, EMAIL: 'anne@EXAMPLE.org', API_ID: '8' } };
    assert.equal((await edusign.speak('POST', '/v1/student', again)).json?.message, 'This email is already used');
    await edusign.speak('DELETE', `/v1/student/${ID}`);
    assert.deepEqual((await edusign.speak('GET', '/v1/student')).result, []);
    assert.equal((await edusign.speak('POST', '/v1/student', again)).json?.status, 'error');
    assert.equal((await edusign.speak('GET', '/v1/student/by-email/ANNE%40example.org')).json?.status, 'success');
  });

  it('wants an instructor it knows on a sheet, and takes members from students only when told', async () => {
    const [professor, learner] = [edusign.add('professor', 'Zoe'), edusign.add('student', 'Anne')];
    const create = (course: object, query = '?fromStudents=true') =>
      edusign.speak('POST', `/v1/course${query}`, { course });
    assert.equal((await create(sheetOf('nobody'))).json?.message, 'professor not found');
    const { PROFESSOR: _none, ...without } = sheetOf(professor);
    assert.deepEqual((await create(without)).json?.message, ['PROFESSOR is required']);
    const whole = await create(sheetOf(professor, [learner]));
    assert.equal((whole.result as { STUDENTS: unknown[] }).STUDENTS.length, 1);
    const { result } = await create({ ...sheetOf(professor, [learner]), API_ID: '2' }, '');
    assert.equal((result as { STUDENTS: unknown[] }).STUDENTS.length, 0);
    assert.equal((await edusign.speak('GET', '/v1/course/get-id/115849')).json?.status, 'success');
  });

  it('neither changes nor deletes a locked sheet, and remembers signatures that were lost', async () => {
    const [professor, learner] = [edusign.add('professor', 'Zoe'), edusign.add('student', 'Anne')];
    const { ID } = edusign.hand.addSheet(sheetOf(professor, [learner]));
    const change = (course: object) =>
      edusign.speak('PATCH', '/v1/course?fromStudents=true', { course: { ID, ...course } });
    await edusign.speak('GET', `/v1/course/lock/${ID}`);
    assert.equal((await change({ NAME: 'Autre' })).json?.message, 'This course is locked');
    assert.equal((await edusign.speak('DELETE', `/v1/course/${ID}`)).json?.message, 'This course is locked');
    await edusign.speak('PATCH', `/v1/course/unlock/${ID}`);
    edusign.hand.sign(ID, learner);
    await change({ NAME: 'Autre', STUDENTS: [{ studentId: learner }] });
    assert.deepEqual(edusign.hand.harmed(), []);
    await change({ STUDENTS: [] });
    assert.deepEqual(edusign.hand.harmed(), [ID]);
  });

  it('sends signed events once and does not repeat one that failed', async () => {
    const heard: { body: string; hmac: unknown }[] = [];
    const listener = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        heard.push({ body: Buffer.concat(parts).toString(), hmac: request.headers['x-edusign-hmac'] });
        response.writeHead(500).end();
      });
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    edusign.webhooks.set({ url: `http://127.0.0.1:${port}/hook`, secret: 'client secret' });

    const { ID } = edusign.hand.addSheet(sheetOf(edusign.add('professor', 'Zoe')));
    const [delivery] = await edusign.webhooks.sent();
    assert.deepEqual([delivery?.event, delivery?.status], ['on_course_created', 500]);
    assert.equal(heard.length, 1);
    assert.equal((JSON.parse(heard[0]?.body ?? '') as { course: { ID: string } }).course.ID, ID);
    assert.match(String(heard[0]?.hmac), /^[0-9a-f]{64}$/);
    listener.closeAllConnections();
    listener.close();
  });
});

void it('slows down whoever hurries, heavy calls sooner, and refuses nobody', async () => {
  const edusign = await startEdusign({ pace: { calls: 4, heavy: 1, stepMs: 2 } });
  for (const path of [
    '/v1/school',
    ...Array<string>(2).fill('/v1/justified-absence/absence-reason'),
    '/v1/school',
    '/v1/school',
  ]) {
    assert.equal((await edusign.speak('GET', path)).json?.status, 'success');
  }
  const delays = () => edusign.journal.entries().map(({ delayedMs = 0 }) => delayedMs);
  assert.deepEqual(delays(), [0, 0, 2, 0, 2]);
  edusign.clock.advance(60_000);
  await edusign.speak('GET', '/v1/school');
  assert.equal(delays().at(-1), 0);
  await edusign.close();
});
