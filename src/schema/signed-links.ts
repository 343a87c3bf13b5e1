/** Links to something of one school: whoever holds one may fetch it, without a key, until it expires. Nothing is stored for them. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/clock.ts';

/** A link is good for an hour: long enough to open it, too short to be worth keeping. */
const lifetimeMs = 60 * 60 * 1000;

const macBytes = 32;
const uuidBytes = 16;
const timeBytes = 6;
const bodyBytes = 3 * uuidBytes + timeBytes;

/** What a link is for: a link of one kind opens nothing of another. Also the beginning of its path. */
export type LinkKind = 'reports' | 'exports';

/** What a link opens. */
export interface LinkedPlace {
  tenantId: string;
  schoolId: string;
  /** Of the run or the export. */
  id: string;
}

export interface SignedLinks {
  /**
   * An address, and until when it works: an hour.
   *
   * @param until when it ends at the latest.
   */
  link(place: LinkedPlace, until?: Date): { url: string; expiresAt: Date };
  /** What a token opens; null for one that was made up, changed, or has expired. */
  open(token: string): LinkedPlace | null;
}

/** @param options.base the address others reach the gateway at, without a slash at its end; asked for with each link. */
export function createSignedLinks(
  kind: LinkKind,
  options: {
    readonly masterKey: Uint8Array;
    readonly base: () => string;
    readonly clock: Clock;
  },
): SignedLinks {
  const key = Buffer.from(hkdfSync('sha256', options.masterKey, '', `homeroom links to ${kind}`, macBytes));
  const seal = (body: Buffer) => createHmac('sha256', key).update(body).digest();

  return {
    link({ tenantId, schoolId, id }, until) {
      const ends = options.clock.now().getTime() + lifetimeMs;
      const expiresAt = new Date(until === undefined ? ends : Math.min(ends, until.getTime()));
      const time = Buffer.alloc(timeBytes);
      time.writeUIntBE(expiresAt.getTime(), 0, timeBytes);
      const body = Buffer.concat([...[tenantId, schoolId, id].map(toBytes), time]);
      const token = Buffer.concat([body, seal(body)]).toString('base64url');

      return { url: `${options.base().replace(/\/$/, '')}/${kind}/${token}`, expiresAt };
    },

    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token) return null;
      const body = bytes.subarray(0, bodyBytes);
      if (!timingSafeEqual(seal(body), bytes.subarray(bodyBytes))) return null;
      if (body.readUIntBE(3 * uuidBytes, timeBytes) <= options.clock.now().getTime()) return null;
      const [tenantId = '', schoolId = '', id = ''] = [0, 1, 2].map((place) => toUuid(body, place * uuidBytes));

      return { tenantId, schoolId, id };
    },
  };
}

export function toBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

/** @param at where its sixteen bytes begin. */
export function toUuid(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + uuidBytes);

  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
