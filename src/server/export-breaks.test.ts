import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { insertExport } from '../db/queries/export.ts';
import { insertMember, updateMemberRights } from '../db/queries/member.ts';
import { newId } from '../model/ids.ts';
import { createApiKey, revokeApiKey } from './api-keys.ts';
import {
  crowd,
  download,
  fetchLines,
  fillSchool,
  idsIn,
  linesOf,
  openTestExports,
  type TestExports,
} from './test-export.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memory(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const clock = { now: () => new Date() };

/** More than the network holds for a reader that stopped: 20,000 lines of 2 kB. */
const people = 20_000;

describe('an export that does not go through at once', () => {
  let world: TestExports;

  before(async () => {
    world = await openTestExports({ limits: { recheckMs: 50 } });
    await fillSchool(world.school);
    await crowd(world.school, people, 1_000);
  });
  after(() => world.close());

  /** A key of the school's tenant. */
  const makeKey = () => {
    const wanted = {
      tenantId: world.school.tenant.id,
      name: 'Mirror',
      scopes: ['roster:read'] as const,
      schoolIds: null,
    };
    return world.school.tenant.write((tx) => createApiKey(tx, wanted, clock));
  };
  /** Has begun to read, and takes nothing now. */
  const begun = async (url: string) => {
    const reader = await download(url);
    assert.equal(reader.status, 200);
    await reader.came(100_000);
    reader.pause();
    return reader;
  };

  it('is resumed behind any line, as often as need be, and has each record once', async () => {
    const whole = await fetchLines((await world.start()).url);
    const { url, id } = await world.start();
    let kept = '';
    // In the middle of the people, and before and behind them.
    for (const characters of [500, 3_000, 4_000_000, 15_000_000]) {
      const cursor = linesOf(kept).at(-1)?.cursor;
      const reader = await download(cursor === undefined ? url : `${url}?after=${cursor}`);
      await reader.came(characters);
      reader.leave();
      await reader.ended;
      // What is behind the last line break is no line.
      const came = cursor === undefined ? '' : kept;
      kept = `${came}${reader.text().slice(0, reader.text().lastIndexOf('\n') + 1)}`;
    }
    const cursor = linesOf(kept).at(-1)?.cursor;
    assert.equal((await world.stateOf(id)).status, 'RUNNING');
    kept += await (await fetch(`${url}?after=${cursor}`)).text();

    const lines = linesOf(kept);
    assert.deepEqual(idsIn(lines), idsIn(whole));
    assert.deepEqual(lines.at(-1), whole.at(-1), 'the last line counts all of them');
    const { total, completed } = (await world.stateOf(id)).progress;
    assert.deepEqual([completed, total], [lines.length - 2, lines.length - 2]);

    // Behind the last record there is only the end.
    assert.deepEqual(await fetchLines(`${url}?after=${lines.at(-2)?.cursor}`), [lines.at(-1)]);
  });

  it('takes no more memory for a reader that stops, and goes on when it wakes', async () => {
    const { url } = await world.start();
    const reader = await download(url);
    let came = 0;
    let most = 0;
    for (const atRest = memory(); ; ) {
      await reader.came(1_000_000);
      if (reader.text().includes('"ExportCompleted"')) break;
      reader.pause();
      // Time enough to read all there is, for who would.
      for (let round = 0; round < 5; round += 1) await world.ask('{ schools { totalCount } }');
      came += reader.forget().length;
      most = Math.max(most, memory() - atRest);
      reader.resume();
    }
    assert.equal(await reader.ended, 'whole');
    assert.ok(most < 25_000_000, `${most} bytes more, of 40 MB there were`);
    assert.ok(came > 20_000_000, `${came} characters`);
  });

  it('breaks off when its key is revoked, and nobody takes it for whole', async () => {
    const { id: keyId, key } = await makeKey();
    const { url, id } = await world.start({}, key);
    const reader = await begun(url);
    await world.school.tenant.write((tx) => revokeApiKey(tx, keyId, clock));
    reader.resume();

    assert.equal(await reader.ended, 'broken off');
    const lines = linesOf(reader.text());
    assert.ok(lines.length < people && lines.every(({ type }) => type !== 'ExportCompleted'));
    for (const address of [url, `${url}?after=${lines.at(-1)?.cursor}`])
      assert.equal((await fetch(address)).status, 404);
    const { status, statusReason } = await world.stateOf(id);
    assert.equal(status, 'FAILED');
    assert.match(statusReason, /may not read/);
  });

  it('breaks off when somebody cancels it, also where its reader takes nothing', async () => {
    const cancel = `mutation ($id: ID!) { cancelExport(input: { exportId: $id }) {
      ... on CancelExportPayload { export { status download { url } } } ... on Error { __typename code message } } }`;
    const { url, id } = await world.start();
    const reader = await begun(url);
    assert.deepEqual((await world.ask(cancel, { id })).cancelExport, {
      export: { status: 'CANCELLED', download: null },
    });
    // It may go on only if it was not looked at before it takes something.
    while (world.server.transfers() > 0) await new Promise((resolve) => setImmediate(resolve));
    reader.resume();

    assert.equal(await reader.ended, 'broken off');
    assert.equal((await fetch(url)).status, 404);
    const { __typename: type, code } = (await world.ask(cancel, { id })).cancelExport;
    assert.deepEqual([type, code], ['InvalidStateError', 'INVALID_STATE']);
  });

  it('is not read for a client that has left before it began', async () => {
    const { url, id } = await world.start();
    const raw = Buffer.from(id, 'base64url').toString().slice('Export:'.length);
    const asked = request(url, { agent: false });
    const closed = new Promise((resolve) => asked.once('close', resolve));
    asked.on('error', () => undefined).end();
    await world.school.tenant.write(async (tx) => {
      await tx`select from export where id = ${raw} for update`;
      for (let waits = false; !waits; ) {
        const [row] = await world.database.owner`
          select exists (select from pg_locks where not granted) as waits`;
        waits = row?.waits === true;
      }
      asked.destroy();
      await closed;
      // Another request comes through, so the server has seen that one go.
      await world.ask('{ schools { totalCount } }');
    });
    while ((await world.stateOf(id)).status === 'PENDING' || world.server.transfers() > 0);

    const { status, progress } = await world.stateOf(id);
    assert.deepEqual([status, progress.completed], ['RUNNING', 0]);
    assert.equal((await fetchLines(url)).at(-1)?.type, 'ExportCompleted', 'it is there for who comes back');
  });

  it('is handed over to one reader at a time: the newest', async () => {
    const { url } = await world.start();
    const older = await begun(url);
    const newer = await download(url);
    older.resume();

    assert.deepEqual(await Promise.all([older.ended, newer.ended]), ['broken off', 'whole']);
    assert.equal(linesOf(newer.text()).at(-1)?.type, 'ExportCompleted');
  });

  it('follows a person’s rights as it follows a key’s', async () => {
    const { tenant, id: schoolId } = world.school;
    const member = { id: newId(), role: 'VIEWER', schoolIds: null } as const;
    const invited = { email: 'ada@elm.example', issuer: null, subject: null, invitedBy: 'Zoë', createdAt: new Date() };
    const link = async () => {
      const id = newId();
      await tenant.write((tx) =>
        insertExport(tx, {
          ...{ tenantId: tenant.id, schoolId, id, entities: ['course'], recordStatus: ['ACTIVE'], updatedSince: null },
          ...{ contacts: true, liveCursor: 'x', askerKind: 'USER', askedBy: member.id, askerName: 'Ada' },
          ...{ createdAt: new Date(), expiresAt: new Date(Date.now() + 60_000) },
        }),
      );
      return world.links.link({ tenantId: tenant.id, schoolId, id }).url;
    };
    assert.equal((await fetch(await link())).status, 404, 'nobody');
    await tenant.write((tx) => insertMember(tx, tenant.id, { ...member, ...invited }));
    const url = await link();
    assert.equal((await fetch(url)).status, 200);

    const rights = [
      { role: 'PARTNER', schoolIds: [schoolId] },
      { role: 'VIEWER', schoolIds: [newId()] },
    ] as const;
    for (const right of rights) {
      const before = await link();
      await tenant.write((tx) => updateMemberRights(tx, { id: member.id, ...right }));
      assert.equal((await fetch(before)).status, 404, right.role);
    }
    await tenant.write((tx) => updateMemberRights(tx, { ...member, schoolIds: [schoolId] }));
    assert.equal((await fetch(url)).status, 200);
  });
});

describe('an export whose reader takes nothing for too long', () => {
  let world: TestExports;

  before(async () => {
    world = await openTestExports({ limits: { stallMs: 300 } });
    await crowd(world.school, people, 1_000);
  });
  after(() => world.close());

  it('breaks off, and can be resumed', async () => {
    const { url } = await world.start();
    const reader = await download(url);
    await reader.came(100_000);
    reader.pause();
    while (world.server.transfers() > 0) await new Promise((resolve) => setImmediate(resolve));
    reader.resume();
    assert.equal(await reader.ended, 'broken off');

    const came = linesOf(reader.text());
    const rest = await fetchLines(`${url}?after=${came.at(-1)?.cursor}`);
    assert.equal(came.length + rest.length, people + 2);
    assert.equal(new Set([...idsIn(came), ...idsIn(rest)]).size, people);
  });

  it('breaks off when the gateway closes', async () => {
    const own = await openTestExports();
    await crowd(own.school, people, 1_000);
    const reader = await download((await own.start()).url);
    await reader.came(100_000);
    await own.close();
    assert.equal(await reader.ended, 'broken off');
  });
});
