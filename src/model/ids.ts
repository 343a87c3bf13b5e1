/** Record ids: UUIDv7 made by the application, so that ids sort by the time they were made. */
import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Chance is drawn for so many ids at once: asking for it each time costs ten times what an id does otherwise. */
const drawnAtOnce = 256;
const bytesOfAnId = 16;

const chance = new Uint8Array(drawnAtOnce * bytesOfAnId);
let used = chance.length;
let last = { msecs: 0, seq: 0 };

/** An id that sorts behind all that this process made before, also within one millisecond. */
export function newId(): string {
  if (used === chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  const random = chance.subarray(used, used + bytesOfAnId);
  used += bytesOfAnId;
  last = placeAfter(last, Date.now(), random);

  return v7({ ...last, random });
}

/** In a new millisecond the counter of 32 bits begins anywhere in its lower half, else it goes up by one. */
function placeAfter({ msecs, seq }: typeof last, now: number, random: Uint8Array): typeof last {
  if (now > msecs) return { msecs: now, seq: new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1 };

  return seq === 0xffff_ffff ? { msecs: msecs + 1, seq: 0 } : { msecs, seq: seq + 1 };
}
