/** A customer of the demo's own. Each demo makes a fresh one and leaves those of former demos as they are. */
import { asTenant, type Sql } from '../db/client.ts';
import { insertSchool, insertTenant } from '../db/queries/tenant-setup.ts';
import { newId } from '../model/ids.ts';
import type { Survey } from './survey.ts';

/** Answers the tenant's id. @param app connections of the role that serves requests. */
export async function makeTenant(app: Sql, { name, schools }: Survey): Promise<string> {
  const tenantId = newId();
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  await asTenant(app, { tenantId, schoolIds: null, actor: 'demo' }, async (tx) => {
    await insertTenant(tx, { id: tenantId, name });
    for (const school of schools) {
      const { name, sourcedId } = school;
      // The district shall come to life by itself: nobody is there to approve the first plan.
      const settings = { previewFirst: false };
      await insertSchool(tx, { tenantId, id: newId(), name, sourcedId, timeZone, settings });
    }
  });

  return tenantId;
}
