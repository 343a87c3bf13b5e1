import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../model/clock.ts';
import { accounts } from './accounts.ts';
import { connect, type GoogleContext } from './client.ts';
import { courses } from './courses.ts';
import { settings } from './settings.ts';
import { from, records } from './test-school.ts';

/** Connects through a door that gives out a token and is empty otherwise; `called` notes each address. */
async function connectTo(apiRootUrl: string | undefined) {
  const called: string[] = [];
  const context: GoogleContext = {
    settings: settings.parse({ domain: 'school.example', customer: 'C1', apiRootUrl }),
    credentials: { clientId: 'client', clientSecret: 'hush', refreshToken: 'long' },
    http: {
      fetch: async (url) => {
        const { origin, pathname } = new URL(url);
        called.push(origin + pathname);
        return Response.json(pathname === '/token' ? { access_token: 'good', expires_in: 3_600 } : {});
      },
    },
    clock: systemClock,
    signal: new AbortController().signal,
  };
  return { called, context, client: await connect(context) };
}

void test('Google’s own hosts are called unless the settings name another address', async () => {
  const { called, ...google } = await connectTo(undefined);
  await records(courses.pull.all?.(from(google)));
  await records(accounts.pull.all?.(from(google)));
  assert.deepEqual(called, [
    'https://oauth2.googleapis.com/token',
    'https://classroom.googleapis.com/v1/courses',
    'https://admin.googleapis.com/admin/directory/v1/users',
  ]);
});

void test('another address serves all, with the path it has', async () => {
  const { called, ...google } = await connectTo('https://proxy.example/google/');
  await records(courses.pull.all?.(from(google)));
  await records(accounts.pull.all?.(from(google)));
  assert.deepEqual(called.slice(1), [
    'https://proxy.example/google/v1/courses',
    'https://proxy.example/google/admin/directory/v1/users',
  ]);
});

void test('nothing is sent before the first call, and calls at the same time share one sign-in', async () => {
  const { called, ...google } = await connectTo(undefined);
  assert.equal(called.length, 0);
  await Promise.all([1, 2, 3].map(() => records(courses.pull.all?.(from(google)))));
  assert.equal(called.filter((url) => url.endsWith('/token')).length, 1);
});
