/** The limit of the pull: the same pages fetched and parsed, then every row COPYed in. A process of its own. */
import { Pool } from 'undici';
import { connect, type Target } from '../../src/db/client.ts';
import { answerParent } from '../child.ts';
import { type CopyFile, putIn, unforce } from './rows.ts';
import type { PageAddress, SisAddress } from './sis.ts';

export interface ParseInput {
  readonly sis: SisAddress;
  readonly pages: readonly PageAddress[];
}

export interface CopyInput {
  readonly target: Target;
  readonly before: readonly CopyFile[];
  readonly left: readonly CopyFile[];
}

answerParent({ parse, copy, peak: () => process.resourceUsage().maxRSS / 1_024 });

/** Seconds to fetch and JSON-parse the pages, one after the other, each forgotten before the next. */
async function parse({ sis, pages }: ParseInput): Promise<number> {
  const pool = new Pool(sis.origin, { connections: 1 });
  try {
    const authorization = `Bearer ${await token(sis)}`;
    const began = performance.now();
    for (const path of pages) {
      const { statusCode, body } = await pool.request({ method: 'GET', path, headers: { authorization } });
      const page = (await body.json()) as Record<string, readonly unknown[]>;
      if (statusCode !== 200 || !Object.values(page).every(Array.isArray)) throw new Error(`${path}: ${statusCode}`);
    }
    return (performance.now() - began) / 1_000;
  } finally {
    await pool.close();
  }
}

async function token({ tokenUrl, client }: SisAddress): Promise<string> {
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

/** Seconds to copy every row, one table after the other, a transaction each, and to have the planner look at it. */
async function copy({ target, before, left }: CopyInput): Promise<number> {
  const owner = connect({ target, role: 'owner', max: 1 });
  try {
    await unforce(owner);
    for (const file of before) await putIn(owner, file);
    const began = performance.now();
    for (const file of left) {
      await putIn(owner, file);
      // Or the checks of foreign keys would look through all rows of a school: the planner believes new tables empty.
      await owner`analyze ${owner(file.table)}`;
    }
    return (performance.now() - began) / 1_000;
  } finally {
    await owner.end();
  }
}
