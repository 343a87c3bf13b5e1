/** A client's bookmark in its tenant's stream of events: opaque, and worthless for any other tenant or database. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Place } from '../db/queries/activity.ts';

/** Made up, of another tenant or of another database: all answer alike. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';
  readonly code = 'INVALID_CURSOR';
  constructor() {
    super('This cursor is not known here. Read the present state again and go on from the cursor that comes with it.');
  }
}

export interface Bookmark {
  readonly place: Place;
  /** The database's time when everything up to the place was known: what is kept is a matter of age. */
  readonly at: Date;
  /** Where less was told than everything up to the place. */
  readonly part?: Part | undefined;
}

/** So many of the ids of the row at that place; or only some of the present state, with which a subscription began there. */
export type Part = number | 'presentState';

export interface Cursors {
  encode(tenantId: string, bookmark: Bookmark): string;
  /** @throws InvalidCursor */
  decode(tenantId: string, cursor: string): Bookmark;
}

const version = 2;
const bodyBytes = 1 + 8 + 8 + 6 + 2;
/** The last two bytes: nothing left over, how many ids were told, or this. */
const presentState = 0xffff;
const checkBytes = 12;

/**
 * Base64url of version, transaction, sequence number, milliseconds, part, and a check over these, the tenant and the database.
 * The check keeps mistakes and guesses out; what a cursor opens is decided by row-level security, not by the cursor.
 *
 * @param epoch tells this database from others; see `databaseEpoch`.
 */
export function createCursors(epoch: string): Cursors {
  const check = (tenantId: string, body: Buffer) =>
    createHmac('sha256', `homeroom cursor ${epoch}`).update(tenantId).update(body).digest().subarray(0, checkBytes);

  return {
    encode(tenantId, { place, at, part = 0 }) {
      const body = Buffer.alloc(bodyBytes);
      body.writeUInt8(version, 0);
      body.writeBigUInt64BE(place.xid, 1);
      body.writeBigUInt64BE(place.seq, 9);
      body.writeUIntBE(at.getTime(), 17, 6);
      body.writeUInt16BE(part === 'presentState' ? presentState : part, 23);
      return Buffer.concat([body, check(tenantId, body)]).toString('base64url');
    },
    decode(tenantId, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length !== bodyBytes + checkBytes || bytes[0] !== version) throw new InvalidCursor();
      const body = bytes.subarray(0, bodyBytes);
      if (!timingSafeEqual(bytes.subarray(bodyBytes), check(tenantId, body))) throw new InvalidCursor();
      const part = body.readUInt16BE(23);
      return {
        place: { xid: body.readBigUInt64BE(1), seq: body.readBigUInt64BE(9) },
        at: new Date(body.readUIntBE(17, 6)),
        ...(part > 0 && { part: part === presentState ? 'presentState' : part }),
      };
    },
  };
}
