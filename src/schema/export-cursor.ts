/** Where a line stands in an export. Opaque to clients, good for that export only. */
import { crc32 } from 'node:zlib';
import type { EntityName } from '../model/entities.ts';
import { exportOrder } from '../model/export.ts';
import { toBytes, toUuid } from './signed-links.ts';

export interface ExportPlace {
  readonly entity: EntityName;
  /** The raw id of the record. */
  readonly id: string;
  /** Which of its kind it was in this export: the first is 1. */
  readonly ordinal: number;
}

const idAt = 1;
const ordinalAt = 17;
const sumAt = 21;
const allBytes = 25;

/** Makes and reads the cursors of one export. */
export interface ExportCursors {
  encode(place: ExportPlace): string;
  /** Undefined for what this export never gave out, or what was cut or changed on its way. */
  decode(cursor: string): ExportPlace | undefined;
}

export function exportCursors(exportId: string): ExportCursors {
  // A checksum, no seal: who makes up a place reads the same records from somewhere else.
  const begun = crc32(toBytes(exportId));

  return {
    encode({ entity, id, ordinal }) {
      const bytes = Buffer.allocUnsafe(allBytes);
      bytes[0] = exportOrder.indexOf(entity);
      bytes.set(toBytes(id), idAt);
      bytes.writeUInt32BE(ordinal, ordinalAt);
      bytes.writeUInt32BE(crc32(bytes.subarray(0, sumAt), begun), sumAt);

      return bytes.toString('base64url');
    },

    decode(cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      if (bytes.length !== allBytes || bytes.toString('base64url') !== cursor) return undefined;
      if (bytes.readUInt32BE(sumAt) !== crc32(bytes.subarray(0, sumAt), begun)) return undefined;
      const entity = exportOrder[bytes[0] ?? exportOrder.length];

      return entity && { entity, id: toUuid(bytes, idAt), ordinal: bytes.readUInt32BE(ordinalAt) };
    },
  };
}
