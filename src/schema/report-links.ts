/** Links to a run's report: whoever holds one may fetch it, without a key, until it expires. Nothing is stored for them. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/clock.ts';

/** A link is good for an hour: long enough to open it, too short to be worth keeping. */
const lifetimeMs = 60 * 60 * 1000;

const macBytes = 32;
const uuidBytes = 16;
const bodyBytes = 3 * uuidBytes + 6;

/** Whose report it is. */
export interface ReportPlace {
  tenantId: string;
  schoolId: string;
  runId: string;
}

export interface ReportLinks {
  /** An address for one report, and until when it works. */
  link(place: ReportPlace): { url: string; expiresAt: Date };
  /** Whose report a token opens; null for one that was made up, changed, or has expired. */
  open(token: string): ReportPlace | null;
}

/** @param options.base the address others reach the gateway at, without a slash at its end; asked for with each link. */
export function createReportLinks(options: {
  readonly masterKey: Uint8Array;
  readonly base: () => string;
  readonly clock: Clock;
}): ReportLinks {
  const key = Buffer.from(hkdfSync('sha256', options.masterKey, '', 'homeroom report links', macBytes));
  const seal = (body: Buffer) => createHmac('sha256', key).update(body).digest();

  return {
    link({ tenantId, schoolId, runId }) {
      const expiresAt = new Date(options.clock.now().getTime() + lifetimeMs);
      const time = Buffer.alloc(6);
      time.writeUIntBE(expiresAt.getTime(), 0, 6);
      const body = Buffer.concat([...[tenantId, schoolId, runId].map(toBytes), time]);
      const token = Buffer.concat([body, seal(body)]).toString('base64url');

      return { url: `${options.base().replace(/\/$/, '')}/reports/${token}`, expiresAt };
    },

    open(token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length !== bodyBytes + macBytes || bytes.toString('base64url') !== token) return null;
      const body = bytes.subarray(0, bodyBytes);
      if (!timingSafeEqual(seal(body), bytes.subarray(bodyBytes))) return null;
      if (body.readUIntBE(3 * uuidBytes, 6) <= options.clock.now().getTime()) return null;
      const [tenantId = '', schoolId = '', runId = ''] = [0, 1, 2].map((place) => toUuid(body, place));

      return { tenantId, schoolId, runId };
    },
  };
}

function toBytes(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

function toUuid(body: Buffer, place: number): string {
  const hex = body.toString('hex', place * uuidBytes, (place + 1) * uuidBytes);

  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
