/** API keys from the command line: the first way in, before there is anybody who could ask the API for one. */
import { asTenant } from '../db/client.ts';
import { findApiKeyTenant } from '../db/queries/api-key.ts';
import { insertSchool, insertTenant } from '../db/queries/tenant-setup.ts';
import { systemClock } from '../model/clock.ts';
import { scopes as allScopes, type Scope } from '../model/identity.ts';
import { newId } from '../model/ids.ts';
import { createApiKey, revokeApiKey } from '../server/api-keys.ts';
import type { Process } from './parts.ts';

export interface CreateOptions {
  tenant?: string;
  newTenant?: string;
  newSchool: readonly string[];
  name: string;
  scopes: readonly string[];
  days: number;
}

/** Makes a key, and the tenant and schools it is for where asked to. Prints the key: it is shown this once. */
export async function createKey(process: Process, options: CreateOptions, out: NodeJS.WritableStream): Promise<number> {
  const tenantId = options.tenant ?? newId();
  if ((options.tenant === undefined) === (options.newTenant === undefined)) {
    throw new Error('Name the tenant: --tenant with its id, or --new-tenant with a name for a new one.');
  }
  const unknown = options.scopes.filter((scope) => !allScopes.includes(scope as Scope));
  if (unknown.length > 0) throw new Error(`Unknown scopes: ${unknown.join(', ')}. There are: ${allScopes.join(', ')}.`);
  const app = await process.database.pool('app', { max: 1, name: 'api-key' });
  const expiresAt = new Date(systemClock.now().getTime() + options.days * 86_400_000);
  const made = await asTenant(app, { tenantId, schoolIds: null, actor: 'command line' }, async (tx) => {
    if (options.newTenant) await insertTenant(tx, { id: tenantId, name: options.newTenant });
    const schools = options.newSchool.map((name) => ({ tenantId, id: newId(), name }));
    for (const school of schools) await insertSchool(tx, school);
    const scopes = options.scopes as Scope[];
    const key = await createApiKey(
      tx,
      { tenantId, name: options.name, scopes, schoolIds: null, expiresAt },
      systemClock,
    );
    return { key, schools };
  });
  out.write(`tenant  ${tenantId}\n`);
  for (const school of made.schools) out.write(`school  ${school.id}  ${school.name}\n`);
  out.write(
    `key     ${made.key.key}\n        shown this once; it expires on ${expiresAt.toISOString().slice(0, 10)}\n`,
  );

  return 0;
}

/** Revokes by the key itself, its first part (`hr_live_Ab3dEf9h`) or its id; it ends within ten seconds everywhere. */
export async function revokeKey(process: Process, idOrKey: string, out: NodeJS.WritableStream): Promise<number> {
  const system = await process.database.pool('system', { max: 1, name: 'api-key' });
  const app = await process.database.pool('app', { max: 1, name: 'api-key' });
  const tenantId = await findApiKeyTenant(system, idOrKey);
  if (!tenantId) throw new Error('There is no such key.');
  await asTenant(app, { tenantId, schoolIds: null, actor: 'command line' }, (tx) =>
    revokeApiKey(tx, idOrKey, systemClock),
  );
  out.write('revoked\n');

  return 0;
}
