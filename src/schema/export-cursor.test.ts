import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exportOrder } from '../model/export.ts';
import { newId } from '../model/ids.ts';
import { exportCursors } from './export-cursor.ts';

describe('the cursor of a line of an export', () => {
  const exportId = newId();
  const cursors = exportCursors(exportId);
  const place = { entity: 'enrollment', id: newId(), ordinal: 1_000_000 } as const;

  it('says behind which record of which kind to go on, and how many there were', () => {
    for (const entity of exportOrder)
      assert.deepEqual(cursors.decode(cursors.encode({ ...place, entity })), { ...place, entity });
    assert.match(cursors.encode(place), /^[\w-]{34}$/);
  });

  it('is none any more when a byte of it is lost or changed on its way', () => {
    const cursor = cursors.encode(place);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(cursors.decode(changed.toString('base64url')), undefined, `byte ${at}`);
    }
    for (const other of ['', 'x', cursor.slice(1), cursor.slice(0, -1), `${cursor}A`, `${cursor}=`, '🦉']) {
      assert.equal(cursors.decode(other), undefined, other);
    }
  });

  it('is good for its own export only', () => {
    assert.equal(exportCursors(newId()).decode(cursors.encode(place)), undefined);
  });
});
