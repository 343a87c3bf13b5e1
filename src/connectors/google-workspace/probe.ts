/** Looks at Google Workspace without changing anything: one named check for each right that a sync needs. */
import { z } from 'zod';
import { check } from '../kit/check.ts';
import type { Check } from '../kit/contract.ts';
import { ask, type GoogleClient, type GoogleContext } from './client.ts';
import { asForeignDomain, asUnknownCustomer } from './wrong-settings.ts';

/** The checks in the order in which they make sense. Throws only the signal's reason, or a mistake of ours. */
export async function probe(client: GoogleClient, { settings, signal }: GoogleContext): Promise<readonly Check[]> {
  const signedIn = await check('Sign in', async () => {
    await client.signIn.token();
    return 'Google gave us an access token.';
  });
  if (!signedIn.ok) return [signedIn];

  const users = (whose: { customer: string } | { domain: string }) =>
    ask(client, { doing: 'read accounts', shape: z.object({}), signal }, (options) =>
      client.directory.users.list({ ...whose, maxResults: 1, fields: 'users(id)' }, options),
    );
  const courses = firstCourse(client, signal);

  const checks = await Promise.all([
    check('Read courses', async () => {
      await courses;
      return 'The courses of the domain can be read.';
    }),
    check('Read rosters', async () => readRosters(client, signal, await courses)),
    check('Read accounts', async () => {
      await users({ customer: settings.customer }).catch((error: unknown) => {
        throw asUnknownCustomer(error);
      });
      return 'The accounts of the customer can be read.';
    }),
    check('Domain', async () => {
      await users({ domain: settings.domain }).catch((error: unknown) => {
        throw asForeignDomain(error);
      });
      return 'The domain belongs to the customer.';
    }),
  ]);
  return [signedIn, ...checks];
}

async function firstCourse(client: GoogleClient, signal: AbortSignal): Promise<string | undefined> {
  const listed = z.object({ courses: z.array(z.object({ id: z.string() })).optional() });
  const params = { courseStates: ['ACTIVE', 'ARCHIVED'], pageSize: 1, fields: 'courses(id)' };
  const page = await ask(client, { doing: 'read courses', shape: listed, signal }, (options) =>
    client.classroom.courses.list(params, options),
  );
  return page.courses?.[0]?.id;
}

async function readRosters(client: GoogleClient, signal: AbortSignal, courseId: string | undefined): Promise<string> {
  if (courseId === undefined) return 'There is no course yet whose roster could be read.';

  const params = { courseId, pageSize: 1, fields: 'students(userId)' };
  await ask(client, { doing: 'read rosters', shape: z.object({}), signal }, (options) =>
    client.classroom.courses.students.list(params, options),
  );
  return 'The rosters of courses can be read.';
}
