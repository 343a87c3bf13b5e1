/** What the product asks the database for one request: its statements, listened to in the product's own wiring. */
import { randomBytes } from 'node:crypto';
import { openGateway } from '../../src/commands/parts.ts';
import { readConfig } from '../../src/config.ts';
import { connect, type Target } from '../../src/db/client.ts';
import type { Database } from '../../src/db/open.ts';
import { createLog } from '../../src/log.ts';
import { addressOf } from '../../test/harness/server.ts';

export interface Statement {
  readonly text: string;
  readonly parameters: readonly unknown[];
}

export interface Captured {
  /** In the order in which they were sent, without BEGIN, the identity and COMMIT, and what the limits take out of their buckets. */
  readonly statements: readonly Statement[];
  /** As JSON. */
  readonly data: string;
}

const besides = /^\s*(begin|commit|select set_config)|\btoken_bucket\b/i;

/** Serves one request, by `send`, from a gateway in this process, and answers what it sent to the database meanwhile. */
export async function capture(
  target: Target,
  dataDir: string,
  send: (url: string) => Promise<string>,
): Promise<Captured> {
  const ends: (() => Promise<void>)[] = [];
  const heard: Statement[] = [];
  let listening = false;
  const database: Pick<Database, 'pool'> = {
    async pool(role, options = {}) {
      // The pool without a name of its own is the one requests are served from.
      const isRequests = role === 'app' && options.name === undefined;
      const debug = (_connection: number, text: string, parameters: unknown[]) => {
        if (listening) heard.push({ text, parameters });
      };
      const sql = connect({ target, role, ...options, ...(isRequests && { debug }) });
      ends.push(() => sql.end({ timeout: 5 }));
      return sql;
    },
  };

  try {
    const { url } = await openGateway({
      config: readConfig({ DATABASE_URL: addressOf(target), HOMEROOM_DATA_DIR: dataDir, PORT: '0' }),
      log: createLog({ level: 'silent', stream: process.stderr, pretty: false }),
      lifetime: { onEnd: (_name, close) => void ends.push(close), end: async () => undefined },
      database: database as Database,
      masterKey: async () => randomBytes(32),
      trustedDocuments: async () => new Map(),
    });
    // The first request of a connection also asks for types; the second is what all others are.
    await send(url);
    listening = true;
    const data = await send(url);
    listening = false;
    return { statements: heard.filter(({ text }) => !besides.test(text)), data };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
