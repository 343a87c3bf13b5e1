/** Handing an export over: pages in short transactions, each under the rights that its asker has at that moment. */
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { endExport } from '../db/queries/export.ts';
import {
  beginTransfer,
  completeExport,
  type ExportStanding,
  exportStanding,
  noteKindTold,
  noteProgress,
} from '../db/queries/export-transfer.ts';
import type { Clock } from '../model/clock.ts';
import type { EntityName } from '../model/entities.ts';
import { isExportOpen } from '../model/export.ts';
import { rightsOf } from '../model/roles.ts';
import { nodeTypeOf } from '../schema/entity.ts';
import { type ExportPlace, exportCursors } from '../schema/export-cursor.ts';
import { exportedKinds } from '../schema/exported-records.ts';
import { encodeId } from '../schema/ids.ts';
import type { LinkedPlace } from '../schema/signed-links.ts';

/** Records read at a time: a slow reader holds no transaction open, and no more than these in memory. */
const pageSize = 500;
/** Characters that are written at once. */
const chunkLength = 64 * 1024;
/** Milliseconds between two notes of how far a transfer has come. */
const progressMs = 1_000;

/** Nothing more of it may be handed over: it was ended, its asker lost their rights, or a newer transfer goes on with it. */
export class TransferOver extends Error {
  override readonly name = 'TransferOver';
}

export interface Transfer {
  readonly place: LinkedPlace;
  readonly found: ExportStanding;
  readonly number: number;
  /** Behind which line to go on; null: from the beginning. */
  readonly from: ExportPlace | null;
  readonly signal: AbortSignal;
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
}

export interface Transfers {
  /** What a link opens now; null when it opens nothing. */
  find(place: LinkedPlace): Promise<ExportStanding | null>;
  /** Behind which line a transfer goes on; undefined for a cursor that this export never gave out. */
  placeOf(found: ExportStanding, cursor: string): ExportPlace | undefined;
  /** The number of a new transfer, which takes the place of any other; null when the link opens nothing any more. */
  begin(place: LinkedPlace, found: ExportStanding, from: ExportPlace | null): Promise<number | null>;
  /** @throws TransferOver, and the signal's reason. */
  run(transfer: Transfer): Promise<void>;
}

export function createTransfers({ app, clock }: { readonly app: Sql; readonly clock: Clock }): Transfers {
  const as = ({ tenantId, schoolId, id }: LinkedPlace) => ({ tenantId, schoolIds: [schoolId], actor: `export:${id}` });
  const read = <T>(place: LinkedPlace, fn: (db: TransactionSql) => Promise<T>, signal?: AbortSignal) =>
    asTenant(app, as(place), fn, { readOnly: true, signal });
  const write = <T>(place: LinkedPlace, fn: (tx: TransactionSql) => Promise<T>) => asTenant(app, as(place), fn);

  async function find(place: LinkedPlace): Promise<ExportStanding | null> {
    const now = clock.now();
    const found = await read(place, (db) => exportStanding(db, place.id, now));
    if (found === undefined || !isExportOpen(found, now)) return null;
    if (mayRead(found)) return found;
    await write(place, (tx) => endExport(tx, place.id, 'FAILED', now));

    return null;
  }

  /** The records behind one, while everything is as it was when the transfer began. */
  function page({ place, found, number, signal }: Transfer, entity: EntityName, after: string | null) {
    const now = clock.now();
    const readPage = async (db: TransactionSql) => {
      const [standing, records] = await Promise.all([
        exportStanding(db, place.id, now),
        exportedKinds[entity].page(db, found, after, pageSize),
      ]);
      const stands = standing !== undefined && isExportOpen(standing, now) && mayRead(standing);
      if (!stands || standing.transfer !== number) throw new TransferOver();

      return records;
    };

    return read(place, readPage, signal);
  }

  async function run(transfer: Transfer): Promise<void> {
    const { place, found, number, from } = transfer;
    const { id } = place;
    const cursors = exportCursors(id);
    const counts = countsBefore(found, from);
    let completed = sum(counts) + (from?.ordinal ?? 0);
    let noted = performance.now();

    if (from === null) await transfer.write(firstLine(found));
    for (const entity of found.entities.slice(from === null ? 0 : found.entities.indexOf(from.entity))) {
      const resumed = from?.entity === entity ? from : null;
      let after = resumed?.id ?? null;
      let ordinal = resumed?.ordinal ?? 0;
      for (let more = true; more; ) {
        const records = await page(transfer, entity, after);
        let text = '';
        for (const { id: recordId, record } of records) {
          ordinal += 1;
          const cursor = cursors.encode({ entity, id: recordId, ordinal });
          text += line({ type: nodeTypeOf[entity], cursor, record });
          if (text.length < chunkLength) continue;
          await transfer.write(text);
          transfer.signal.throwIfAborted();
          text = '';
        }
        if (text !== '') await transfer.write(text);
        transfer.signal.throwIfAborted();
        after = records.at(-1)?.id ?? after;
        completed += records.length;
        more = records.length === pageSize;
        if (!more || performance.now() - noted < progressMs) continue;
        noted = performance.now();
        await write(place, (tx) => noteProgress(tx, { id, number }, completed));
      }
      counts[entity] = ordinal;
      const told = { entity, count: ordinal, completed };
      if (!(await write(place, (tx) => noteKindTold(tx, { id, number }, told)))) throw new TransferOver();
    }
    if (!(await write(place, (tx) => completeExport(tx, { id, number }, clock.now())))) throw new TransferOver();
    await transfer.write(lastLine(completed, counts));
  }

  return {
    find,
    placeOf(found, cursor) {
      const from = exportCursors(found.id).decode(cursor);
      const at = from ? found.entities.indexOf(from.entity) : -1;

      return found.entities.slice(0, at).every((entity) => entity in found.counts) && at >= 0 ? from : undefined;
    },
    async begin(place, found, from) {
      const total = found.total ?? (await read(place, (db) => countAll(db, found)));
      const completed = sum(countsBefore(found, from)) + (from?.ordinal ?? 0);
      const number = await write(place, (tx) => beginTransfer(tx, place.id, { at: clock.now(), total, completed }));

      return number ?? null;
    },
    run,
  };
}

/** What its asker may read now: not less than when they asked. */
function mayRead({ contacts, schoolId, keyScopes, memberRole, schoolIds }: ExportStanding): boolean {
  const scopes = keyScopes ?? (memberRole === null ? [] : rightsOf[memberRole].scopes);
  const needed = contacts ? ['roster:read', 'pii:read'] : ['roster:read'];

  return needed.every((scope) => scopes.includes(scope)) && (schoolIds === null || schoolIds.includes(schoolId));
}

type Counts = Partial<Record<EntityName, number>>;

/** Of the kinds that were told to their end before the one where a transfer goes on. */
function countsBefore({ entities, counts }: ExportStanding, from: ExportPlace | null): Counts {
  const before = from === null ? [] : entities.slice(0, entities.indexOf(from.entity));

  return Object.fromEntries(before.map((entity) => [entity, counts[entity] ?? 0]));
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

async function countAll(db: TransactionSql, found: ExportStanding): Promise<number> {
  const counted = await Promise.all(found.entities.map((entity) => exportedKinds[entity].count(db, found)));

  return counted.reduce((all, count) => all + count, 0);
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function firstLine({ id, schoolId, entities, liveCursor }: ExportStanding): string {
  return line({
    type: 'ExportStarted',
    export: { id: encodeId('Export', id) },
    school: { id: encodeId('School', schoolId) },
    types: entities.map((entity) => nodeTypeOf[entity]),
    liveCursor,
  });
}

/** Counts all lines of the export, also those that came before a transfer was resumed. */
function lastLine(records: number, counts: Counts): string {
  const byType = Object.entries(counts).map(([entity, count]) => [nodeTypeOf[entity as EntityName], count]);

  return line({ type: 'ExportCompleted', records, counts: Object.fromEntries(byType) });
}
