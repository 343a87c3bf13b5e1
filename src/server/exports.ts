/** The door to exports: a school's records as JSON Lines, for whoever holds a link that has not expired. */
import type { ServerResponse } from 'node:http';
import type { Sql } from '../db/client.ts';
import type { Clock } from '../model/clock.ts';
import type { SignedLinks } from '../schema/signed-links.ts';
import type { Watch } from './caller.ts';
import { createTransfers, TransferOver } from './export-transfer.ts';
import type { Door } from './graphql-http.ts';
import type { Limits } from './limits.ts';
import { drained, sendJson } from './reply.ts';

export interface ExportOptions {
  readonly links: SignedLinks;
}

export interface ExportsDeps extends ExportOptions {
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  readonly clock: Clock;
  /** Ends a transfer that may not go on, also where its client takes nothing and so no page is read. */
  readonly watch: Watch;
  readonly limits: Pick<Limits, 'stallMs'>;
}

/** Where exports are, up to the token. */
export const exportsPath = '/exports/';

export interface Exports {
  readonly door: Door;
  /** How many are being handed over. */
  transfers(): number;
}

export function createExports({ app, links, clock, watch, limits }: ExportsDeps): Exports {
  const transfers = createTransfers({ app, clock });
  let underWay = 0;

  const door: Door = async ({ request, response, signal }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendJson(response, 405, { error: 'Exports can only be read.' }, { allow: 'GET, HEAD' });
    }
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://homeroom');
    const place = links.open(pathname.slice(exportsPath.length));
    if (place === null) return sendNothing(response);
    const found = await transfers.find(place);
    if (found === null) return sendNothing(response);
    const after = searchParams.get('after');
    const from = after === null ? null : transfers.placeOf(found, after);
    if (from === undefined) return sendInvalidCursor(response);

    const headers = {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="export-${found.id}.jsonl"`,
      'x-robots-tag': 'noindex',
      // Proxies that collect an answer before they pass it on would collect all of it.
      'x-accel-buffering': 'no',
    };
    if (request.method === 'HEAD') return void response.writeHead(200, headers).end();
    const number = await transfers.begin(place, found, from);
    if (number === null) return sendNothing(response);

    const left = new AbortController();
    response.once('close', () => left.abort());
    // It may have left while its transfer began.
    if (response.closed) left.abort();
    // Without its last chunk, so that nobody takes what came for all there is.
    signal.addEventListener('abort', breakOff, { once: true });
    const stillGoesOn = async () => (await transfers.find(place))?.transfer === number;
    const unwatch = watch.add({ stillAllowed: stillGoesOn }, breakOff);
    underWay += 1;
    try {
      response.writeHead(200, headers);
      const write = async (text: string) => {
        if (!response.write(text)) await drained(response, limits.stallMs);
      };
      if (signal.aborted) breakOff();
      await transfers.run({ place, found, number, from, signal: left.signal, write });
      response.end();
    } catch (error) {
      breakOff();
      if (error instanceof TransferOver) await transfers.find(place);
      else if (!left.signal.aborted) throw error;
    } finally {
      underWay -= 1;
      unwatch();
      signal.removeEventListener('abort', breakOff);
    }

    function breakOff(): void {
      response.destroy();
    }
  };

  return { door, transfers: () => underWay };
}

/** Made up, changed, expired and ended answer alike. */
function sendNothing(response: ServerResponse): void {
  sendJson(response, 404, { error: 'There is no such export, or its link has expired.' });
}

function sendInvalidCursor(response: ServerResponse): void {
  const error = 'This cursor is not one of this export’s: send that of the last whole line, or begin again without it.';
  sendJson(response, 400, { error, code: 'INVALID_CURSOR' });
}
