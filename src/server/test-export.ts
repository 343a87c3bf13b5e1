/** For the tests of exports: a school with something of each kind, and a client that reads lines as fast as it is told to. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Answer } from '../../test/harness/client.ts';
import type { SeededSchool } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from '../schema/ids.ts';
import { createSignedLinks, type SignedLinks } from '../schema/signed-links.ts';
import type { ServerOptions } from './server.ts';
import { openTestProduct, type TestProduct } from './test-product.ts';

export interface Line {
  readonly type: string;
  readonly cursor?: string;
  readonly record?: { readonly id: string } & Readonly<Record<string, unknown>>;
  readonly records?: number;
  readonly counts?: Readonly<Record<string, number>>;
  readonly liveCursor?: string;
}

export interface TestExports extends TestProduct {
  readonly links: SignedLinks;
  /** Moves the time of links and exports on. */
  later(ms: number): void;
  /** Runs an operation under that key, the product's own unless told otherwise; fails the test for a top-level error. */
  ask(query: string, variables?: object, key?: string): Promise<Answer>;
  /** Asks for an export of the school, and answers its id and the address to fetch it at. */
  start(input?: object, key?: string): Promise<{ id: string; url: string }>;
  /** Its status and what came of it. */
  stateOf(id: string): Promise<Answer>;
}

export async function openTestExports(options: Partial<ServerOptions> = {}): Promise<TestExports> {
  let ahead = 0;
  const clock = { now: () => new Date(Date.now() + ahead) };
  const links = createSignedLinks('exports', { masterKey: randomBytes(32), base: () => product.server.url, clock });
  const product = await openTestProduct({ name: 'exports', clock, exports: { links }, ...options });

  async function ask(query: string, variables: object = {}, key = product.key): Promise<Answer> {
    const response = await fetch(`${product.server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data;
  }

  return {
    ...product,
    links,
    later: (ms) => void (ahead += ms),
    ask,
    async start(input = {}, key = product.key) {
      const document = `mutation ($input: StartExportInput!) { startExport(input: $input) {
        ... on StartExportPayload { export { id download { url } } } ... on Error { message } } }`;
      const variables = { input: { schoolId: encodeId('School', product.school.id), ...input } };
      const { startExport } = await ask(document, variables, key);
      assert.ok(startExport.export, startExport.message);
      return { id: startExport.export.id, url: startExport.export.download.url };
    },
    async stateOf(id) {
      const document = 'query ($id: ID!) { export(id: $id) { status statusReason progress { completed total } } }';
      return (await ask(document, { id })).export;
    },
  };
}

/** Something of each kind, with every reference, and one archived person. */
export async function fillSchool(school: SeededSchool): Promise<void> {
  const { tenant } = school;
  await tenant.write(
    (tx) => tx`
      insert into org (tenant_id, school_id, id, name, type, identifier)
      values (${tenant.id}, ${school.id}, ${newId()}, 'Elm Street', 'school', '0750001A')`,
  );
  const year = await school.term({ sourcedId: 'year', schoolYear: '2027' });
  const term = await school.term({ title: 'Autumn', type: 'term', parentId: year });
  const courseId = await school.course({ courseCode: 'BIO', grades: ['07'], subjects: ['Biology'] });
  const classes = { courseId, termsIds: [year, term], periods: ['1', '2'], location: 'Room 2' };
  const classId = await school.class({ ...classes, sourcedId: 'class "7b"\n', subjectCodes: ['B'] });
  const student = await school.person({ sourcedId: 'p1', email: 'zoe@elm.example', phone: '0123', sms: '0456' });
  const parent = await school.person({ givenName: 'Ida', role: 'guardian', middleName: 'M', grades: ['07'] });
  const teacher = await school.person({ givenName: 'Tom', role: 'teacher', username: 'tom', identifier: 'T1' });
  await school.person({ givenName: 'Gone', status: 'ARCHIVED' });
  await school.enrollment({ classId, personId: student, beginDate: '2026-09-01', endDate: '2027-07-01' });
  await school.enrollment({ classId, personId: teacher, role: 'teacher', primary: true });
  await school.guardianLink({ studentId: student, guardianId: parent });
  const groupId = await school.group({ code: 'S1', membersIds: [student] });
  const people = { instructorsIds: [teacher], learnersIds: [student], groupsIds: [groupId] };
  await school.meeting({ ...people, classId, location: 'Room 2', description: 'Ethics' });
}

/** So many people, each a line of a little more than `size` characters. */
export async function crowd({ tenant, id }: SeededSchool, count: number, size = 20): Promise<void> {
  await tenant.write(
    (tx) => tx`
      insert into person (tenant_id, school_id, id, given_name, family_name, role)
      select ${tenant.id}, ${id}, gen_random_uuid(), repeat('é', ${size}), n::text, 'student'
      from generate_series(1, ${count}::int) as n`,
  );
}

export interface Download {
  readonly status: number;
  /** What has come so far. */
  text(): string;
  /** Resolves when so many characters have come, or nothing more will. */
  came(characters: number): Promise<void>;
  /** Takes nothing from the network any more, and again. */
  pause(): void;
  resume(): void;
  leave(): void;
  /** Answers what has come so far, and keeps none of it. */
  forget(): string;
  /** Whether it ended as it should, or broke off. */
  readonly ended: Promise<'whole' | 'broken off'>;
}

export async function download(url: string): Promise<Download> {
  const asked = request(url, { agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const { socket } = response;
  let text = '';
  let look: () => void = () => undefined;
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    look();
  });
  const ended = new Promise<'whole' | 'broken off'>((resolve) => {
    asked.on('error', () => resolve('broken off'));
    response.on('error', () => resolve('broken off'));
    response.on('end', () => resolve('whole'));
  });

  return {
    status: response.statusCode ?? 0,
    text: () => text,
    async came(characters) {
      const there = new Promise<void>((resolve) => {
        look = () => text.length >= characters && resolve();
        look();
      });
      await Promise.race([there, ended]);
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    leave: () => void asked.destroy(),
    forget() {
      const came = text;
      text = '';
      return came;
    },
    ended,
  };
}

/** The whole lines of a text; what comes behind the last line break was cut off. */
export function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

export async function fetchLines(url: string): Promise<Line[]> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return linesOf(await response.text());
}

/** Global ids of the records among lines, in their order. */
export function idsIn(lines: readonly Line[]): string[] {
  return lines.flatMap(({ record }) => record?.id ?? []);
}
