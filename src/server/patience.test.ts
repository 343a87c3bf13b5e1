import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connectAsLogin, type Sql } from '../db/client.ts';
import { recordActivity } from '../db/queries/activity.ts';
import type { SeededIntegration } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { encodeId } from '../schema/ids.ts';
import { openTestProduct, type TestProduct } from './test-product.ts';
import { openAccepted } from './test-socket.ts';

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
  readonly extensions?: { readonly cost?: object };
}

const schools = '{ schools { nodes { id name } } }';
const activity = `subscription { schoolActivity {
  __typename ... on IntegrationChanged { integration { id } } ... on CaughtUp { cursor } } }`;

function assertTimedOut({ errors = [] }: Answer): void {
  const [error] = errors;
  assert.equal(error?.extensions.code, 'TIMEOUT');
  assert.match(error.message, /took longer than 1\.5 s and was stopped\. .*try again/);
  assert.match(String(error.extensions.remedy), /idempotencyKey/);
  assert.equal(error.extensions.http, undefined);
}

describe('an operation that takes too long, or whose client has left', () => {
  let hasty: TestProduct;
  let patient: TestProduct;
  const integrations = new Map<TestProduct, SeededIntegration>();
  /** Sees what every connection does, which the roles do not. */
  const onlookers = new Map<TestProduct, Sql>();
  const onlooker = (one: TestProduct) => onlookers.get(one) ?? assert.fail();

  before(async () => {
    hasty = await openTestProduct({ name: 'patience', limits: { operationMs: 1_500 } });
    patient = await openTestProduct({ name: 'patience', limits: { operationMs: 600_000 } });
    for (const one of [hasty, patient]) {
      integrations.set(one, await one.school.integration());
      onlookers.set(one, connectAsLogin(one.database.target));
    }
  });
  after(async () => {
    for (const one of [hasty, patient]) {
      await onlooker(one).end({ timeout: 1 });
      await one.close();
    }
  });
  beforeEach(() => Promise.all([hasty, patient].map((one) => untilRunning(one, 0))));

  /** Has whoever reads or writes the table wait, until it is let go. */
  async function hold(one: TestProduct, table: string): Promise<() => Promise<void>> {
    const held = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holding = one.database.owner.begin(async (tx) => {
      await tx.unsafe(`lock table ${table} in access exclusive mode`);
      held.resolve();
      await release.promise;
    });
    await held.promise;
    return async () => {
      release.resolve();
      await holding;
    };
  }

  /** Looks until so many of the operations' connections are inside a transaction. */
  async function untilRunning(one: TestProduct, count: number): Promise<void> {
    for (let running = -1; running !== count; ) {
      const [row] = await onlooker(one)`
        select count(*)::int as running from pg_stat_activity
        where datname = current_database() and application_name = 'homeroom-patience' and state <> 'idle'`;
      running = Number(row?.running);
    }
  }

  /** What the operation did to the database is over although the table is still held; and its connection serves again. */
  async function assertCancelled(one: TestProduct, release: () => Promise<void>): Promise<void> {
    await untilRunning(one, 0);
    await release();
    const [row] = await onlooker(one)`
      select count(*)::int as open from pg_stat_activity
      where datname = current_database() and application_name = 'homeroom-patience'`;
    assert.ok(Number(row?.open) >= 1, 'the connection was kept');
    const { data } = (await (await one.post({ query: schools })).json()) as {
      data: { schools: { nodes: unknown[] } };
    };
    assert.equal(data.schools.nodes.length, 1);
  }

  const socketTo = (one: TestProduct) => openAccepted(one.server.url, one.key);

  /** Tells those who follow that the integration is another. */
  async function change(one: TestProduct): Promise<void> {
    const { id, school } = integrations.get(one) ?? assert.fail();
    const { tenant } = school;
    const row = { tenantId: tenant.id, schoolId: school.id, kind: 'integration', ids: [id] } as const;
    await tenant.write((tx) => recordActivity(tx, [row]));
    one.feed.wake();
  }

  test('over HTTP: TIMEOUT with what helps, and the statement is cancelled', async () => {
    const release = await hold(hasty, 'school');
    const answer = await hasty.post({ query: schools });
    assert.equal(answer.status, 504);
    const told = (await answer.json()) as Answer;
    assertTimedOut(told);
    assert.equal(told.data, null);
    assert.ok(told.extensions?.cost, 'what it cost is told all the same');
    await assertCancelled(hasty, release);
  });

  test('over HTTP: a client that leaves takes its statement along', async () => {
    const release = await hold(patient, 'school');
    const left = new AbortController();
    const asked = patient.post({ query: schools }, { signal: left.signal });
    await untilRunning(patient, 1);
    left.abort();
    await assert.rejects(asked);
    await assertCancelled(patient, release);
  });

  test('a mutation is undone, and done once when it is sent again', async () => {
    const input = {
      schoolId: encodeId('School', hasty.school.id),
      name: 'Renamed',
      idempotencyKey: newId(),
    };
    const query = `mutation ($input: UpdateSchoolInput!) { updateSchool(input: $input) {
      ... on UpdateSchoolPayload { school { name } } ... on Error { message } } }`;
    const release = await hold(hasty, 'school');
    assertTimedOut((await (await hasty.post({ query, variables: { input } })).json()) as Answer);
    await assertCancelled(hasty, release);
    const [before] = await hasty.school.tenant.write((tx) => tx`select count(*)::int as kept from mutation_outcome`);

    const again = await (await hasty.post({ query, variables: { input } })).json();
    assert.equal(before?.kept, 0);
    assert.deepEqual((again as Answer).data, { updateSchool: { school: { name: 'Renamed' } } });
  });

  test('over WebSocket: TIMEOUT, and the socket goes on', async () => {
    const socket = await socketTo(hasty);
    const release = await hold(hasty, 'school');
    socket.subscribe('1', schools);
    const { type, payload } = await socket.next();
    assert.equal(type, 'next');
    assertTimedOut(payload as Answer);
    assert.equal((await socket.next()).type, 'complete');
    await assertCancelled(hasty, release);

    socket.subscribe('2', schools);
    assert.equal((await socket.next()).payload?.errors, undefined);
    socket.socket.close();
  });

  test('over WebSocket: completing a query, or closing the socket, takes the statement along', async () => {
    for (const leave of ['complete', 'close'] as const) {
      const socket = await socketTo(patient);
      const release = await hold(patient, 'school');
      socket.subscribe('1', schools);
      await untilRunning(patient, 1);
      if (leave === 'complete') socket.send({ id: '1', type: 'complete' });
      else socket.socket.terminate();
      await assertCancelled(patient, release);
      socket.socket.terminate();
    }
  });

  test('a subscription that cannot begin in time is refused, and followed by nobody', async () => {
    const socket = await socketTo(hasty);
    const release = await hold(hasty, 'school');
    socket.subscribe('1', 'subscription ($ids: [ID!]) { schoolActivity(schoolIds: $ids) { __typename } }', {
      ids: [encodeId('School', hasty.school.id)],
    });
    const { payload } = await socket.next();
    assertTimedOut(payload as Answer);
    assert.equal((await socket.next()).type, 'complete');
    await assertCancelled(hasty, release);
    socket.socket.close();
    assert.equal(hasty.feed.size(), 0);
  });

  for (const door of ['WebSocket', 'events'] as const) {
    test(`a subscription over ${door} whose client leaves takes its statement along, at its beginning and amid an event`, async () => {
      for (const moment of ['beginning', 'event'] as const) {
        const begin = async () => {
          if (door === 'WebSocket') {
            const socket = await socketTo(patient);
            socket.subscribe('1', activity);
            const leave = () => socket.send({ id: '1', type: 'complete' });
            return {
              leave,
              caughtUp: untilCaughtUp(() => socket.next().then(({ payload }) => JSON.stringify(payload))),
            };
          }
          const left = new AbortController();
          const answer = patient.post({ query: activity }, { accept: 'text/event-stream', signal: left.signal });
          const chunks = answer.then(({ body }) =>
            (body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader(),
          );
          chunks.catch(() => undefined);
          const next = async () => (await (await chunks).read()).value ?? '';
          return { leave: () => left.abort(), caughtUp: untilCaughtUp(next) };
        };
        const release = moment === 'beginning' ? await hold(patient, 'integration') : undefined;
        const { leave, caughtUp } = await begin();
        caughtUp.catch(() => undefined);
        if (moment === 'event') await caughtUp;
        const letGo = release ?? (await hold(patient, 'integration'));
        if (moment === 'event') await change(patient);
        await untilRunning(patient, 1);
        leave();
        await assertCancelled(patient, letGo);
        while (patient.feed.size() > 0) await new Promise(setImmediate);
      }
    });
  }

  test('an event that takes too long is the last one, and says so', async () => {
    const socket = await socketTo(hasty);
    const withSchool = activity.replace('integration { id }', 'integration { id school { name } }');
    socket.subscribe('1', withSchool);
    await untilCaughtUp(() => socket.next().then(({ payload }) => JSON.stringify(payload)));
    const release = await hold(hasty, 'school');
    await change(hasty);
    const { payload } = await socket.next();
    assertTimedOut(payload as Answer);
    assert.equal((await socket.next()).type, 'complete');
    await assertCancelled(hasty, release);
    assert.equal(hasty.feed.size(), 0);
    socket.socket.close();
  });
});

async function untilCaughtUp(next: () => Promise<string>): Promise<void> {
  while (!(await next()).includes('CaughtUp'));
}
