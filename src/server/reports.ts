/** The door to reports: a run's errors and warnings as a file, for whoever holds a link that has not expired. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { asTenant, type Sql } from '../db/client.ts';
import { type ReportRow, reportRows } from '../db/queries/report.ts';
import type { LinkedPlace, SignedLinks } from '../schema/signed-links.ts';
import { csvLine } from './csv.ts';
import type { Door } from './graphql-http.ts';
import { sendJson } from './reply.ts';

export interface ReportOptions {
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  readonly links: Pick<SignedLinks, 'open'>;
}

/** Where reports are, up to the token. */
export const reportsPath = '/reports/';

/** Rows read at a time, each page in a transaction of its own: a slow reader holds none open. */
const pageSize = 500;

const columns = [
  'timestamp',
  'status',
  'action',
  'entityType',
  'externalId',
  'name',
  'records',
  'code',
  'field',
  'reason',
  'remedy',
];

export function createReports({ app, links }: ReportOptions): Door {
  return async ({ request, response, signal }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendJson(response, 405, { error: 'Reports can only be read.' }, { allow: 'GET, HEAD' });
    }
    const place = links.open((request.url ?? '').slice(reportsPath.length));
    // Made up, changed and expired answer alike.
    if (place === null) return sendJson(response, 404, { error: 'There is no such report, or its link has expired.' });

    response.writeHead(200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="sync-run-${place.id}.csv"`,
      'x-robots-tag': 'noindex',
    });
    if (request.method === 'HEAD') return void response.end();
    // The mark tells Excel that the file is UTF-8.
    await write(response, `\uFEFF${csvLine(columns)}`);
    for await (const rows of pages(app, place)) {
      if (signal.aborted || response.destroyed) break;
      await write(response, rows.map(lineOf).join(''));
    }
    response.end();
  };
}

async function* pages(app: Sql, place: LinkedPlace): AsyncGenerator<ReportRow[], void, undefined> {
  const as = { tenantId: place.tenantId, schoolIds: [place.schoolId], actor: 'report' };
  for (let after = -1; ; ) {
    const rows = await asTenant(
      app,
      as,
      (db) => reportRows(db, { tenantId: place.tenantId, runId: place.id }, after, pageSize),
      { readOnly: true },
    );
    if (rows.length > 0) yield rows;
    if (rows.length < pageSize) return;
    after = rows.at(-1)?.seq ?? after;
  }
}

function lineOf({ at, status, action, entity, key, name, size, reason, details }: ReportRow): string {
  const told = (part: string) => (typeof details?.[part] === 'string' ? details[part] : null);
  // Of what failed the provider's own words are the reason; of what was skipped the engine's.
  const why = told('message') ?? told('why');

  return csvLine([
    at.toISOString(),
    status,
    action,
    entity,
    key,
    name,
    size,
    told('code'),
    told('field'),
    why === null || why === reason ? reason : `${reason} ${why}`,
    told('remedy'),
  ]);
}

async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.write(text) || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]);
}
