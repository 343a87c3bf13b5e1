/** People who come into a roster one commit after the other, from several writers at once. */
import type { Sql } from '../../src/db/client.ts';
import { asTenant } from '../../src/db/client.ts';
import { recordActivity } from '../../src/db/queries/activity.ts';
import { newId } from '../../src/model/ids.ts';
import { encodeId } from '../../src/schema/ids.ts';

export interface Place {
  readonly tenantId: string;
  readonly schoolId: string;
}

/** So many people in one commit. */
export async function admit(app: Sql, { tenantId, schoolId }: Place, count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => newId());
  await asTenant(app, { tenantId, schoolIds: null, actor: 'test' }, async (tx) => {
    await tx`insert into person (tenant_id, school_id, id, given_name, family_name, role)
      select ${tenantId}, ${schoolId}, id, 'Zoë', 'Åkesson', 'student' from unnest(${ids}::uuid[]) as row (id)`;
    await recordActivity(tx, [{ tenantId, schoolId, kind: 'record', entity: 'person', ids }]);
  });
}

/** Whom everybody should have been told of, in the order of the commits. */
export async function admitted(app: Sql, { tenantId }: Place): Promise<string[]> {
  const rows = await asTenant(
    app,
    { tenantId, schoolIds: null, actor: 'test' },
    (tx) => tx<{ ids: string[] }[]>`select ids from activity where kind = 'record' order by xid, seq`,
  );

  return rows.flatMap(({ ids }) => ids.map((id) => encodeId('Person', id)));
}
