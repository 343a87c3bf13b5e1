/** The whole demo in this process: real gateway, real worker, real simulators, and some of the life after it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { freshDatabase } from '../../test/harness/database.ts';
import { openGateway, openWorker, type Process } from '../commands/parts.ts';
import { readConfig } from '../config.ts';
import { asTenant } from '../db/client.ts';
import { openDatabase } from '../db/open.ts';
import { createLog } from '../log.ts';
import { systemClock } from '../model/clock.ts';
import { scopes } from '../model/identity.ts';
import { createApiKey } from '../server/api-keys.ts';
import { runDemo } from './demo.ts';
import type { Output } from './screen.ts';

interface Printed extends Output {
  readonly text: string;
  /** Resolves when so many lines match. */
  seen(pattern: RegExp, times: number): Promise<void>;
}

function openPaper(): Printed {
  let text = '';
  const looks = new Set<() => void>();

  return {
    isTTY: false,
    columns: 200,
    rows: 0,
    hasColors: () => false,
    get text() {
      return text;
    },
    write(more: unknown) {
      text += String(more);
      for (const look of looks) look();
      return true;
    },
    seen: (pattern, times) =>
      new Promise((resolve) => {
        const look = () => (text.match(pattern)?.length ?? 0) >= times && resolve();
        looks.add(look);
        look();
      }),
  };
}

describe('the demo', () => {
  it('brings a district into Classroom, lets it live on, and stops when told', async () => {
    const test = await freshDatabase();
    const closers: { name: string; close: () => Promise<void> }[] = [];
    const onEnd = (name: string, close: () => Promise<void>) => void closers.push({ name, close });
    const complaints: string[] = [];
    const log = createLog({ level: 'warn', pretty: false, stream: { write: (line) => void complaints.push(line) } });
    const config = readConfig({ PORT: '0', DATABASE_URL: test.url });
    const database = await openDatabase({ ...config.database, dataDir: config.dataDir, log, onLost: () => undefined });
    onEnd('database', () => database.close());
    const key = randomBytes(32);
    const lifetime = { onEnd, end: async () => undefined };
    const parts: Process = {
      config,
      log,
      lifetime,
      database,
      masterKey: async () => key,
      trustedDocuments: async () => new Map(),
    };
    const app = await database.pool('app', { max: 1 });
    const paper = openPaper();
    const close = async () => {
      for (let next = closers.pop(); next; next = closers.pop()) await next.close();
    };

    try {
      const demo = runDemo({
        size: 'small',
        seed: 'test',
        once: false,
        out: paper,
        clock: systemClock,
        now: () => performance.now(),
        app,
        createKey: (tenantId) =>
          asTenant(app, { tenantId, schoolIds: null, actor: 'test' }, async (tx) => {
            const made = await createApiKey(tx, { tenantId, name: 'Demo', scopes, schoolIds: null }, systemClock);
            return made.key;
          }),
        serve: async ({ allowedHosts, graphiql }) => {
          const own = { ...parts, config: { ...config, allowedHosts } };
          await openWorker(own);
          return openGateway(own, { graphiql });
        },
        life: { pace: { first: 0, every: 0 }, stories: 3 },
        onEnd,
      });
      await Promise.race([paper.seen(/\n {12}Classroom/g, 2), demo]);
      await closers.findLast(({ name }) => name === 'demo')?.close();
      assert.equal(await demo, 0, paper.text);
    } finally {
      await close();
      await test.drop();
    }

    const held = /^ {2}enrollments +([\d,]+) +([\d,]+) +([\d,]+)$/m.exec(paper.text);
    assert.ok(held, paper.text);
    assert.deepEqual([held[2], held[3]], [held[1], held[1]]);
    assert.match(paper.text, /GraphiQL {2}http:\/\/127\.0\.0\.1:\d+\/graphql/);
    assert.match(
      paper.text,
      /Somebody renames .+\n +Homeroom +asks rather than overwrites: familyName is “.+” here and “.+” in Google/,
    );
    assert.match(paper.text, /moves from .+\n +Homeroom +1 added, 1 removed in .+\n +Classroom +1 added, 1 removed, /);
    assert.deepEqual(complaints, []);
  });
});
