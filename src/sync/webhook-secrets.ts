/** An integration's webhook address and the secrets that count at it. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Connector, Credentials } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { readWebhook, writeWebhook } from '../db/queries/engine/webhook.ts';
import type { Vault } from '../db/vault.ts';

interface Place {
  tenantId: string;
  schoolId: string;
  id: string;
}

/** A secret that was replaced still counts for a day: what was signed with it is under way. */
const formerMs = 24 * 60 * 60 * 1000;

const sealed = z.object({
  present: z.string().nullable(),
  former: z.object({ secret: z.string(), until: z.coerce.date() }).nullable(),
});

const nothing: z.output<typeof sealed> = { present: null, former: null };

/** Random bytes of an address: nobody finds one by trying. */
const endpointBytes = 24;

/**
 * Gives the integration the address its provider may ring at, which stays, and keeps the secret of these credentials apart
 * from them: whoever checks a signature has no need of the others. Does nothing for a provider that cannot ring.
 */
export async function setUpWebhook(
  tx: TransactionSql,
  vault: Vault,
  { webhook }: Connector,
  { place, credentials, now }: { place: Place; credentials: Credentials; now: Date },
): Promise<void> {
  if (!webhook) return;
  const where = { tenantId: place.tenantId, integrationId: place.id };
  const row = await readWebhook(tx, where);
  const known = row?.secret ? await openSealed(tx, vault, place, row.secret) : nothing;
  const present = webhook.secretOf(credentials) ?? null;
  const replaced = known.present !== null && known.present !== present;
  const former = replaced ? { secret: known.present, until: new Date(now.getTime() + formerMs) } : known.former;
  const secret = await vault.seal(tx, secretPlace(place), { present, former: present === null ? null : former });
  const endpoint = row?.endpoint ?? randomBytes(endpointBytes).toString('base64url');
  await writeWebhook(tx, where, { endpoint, secret });
}

/** The secrets that count now; none where the school has entered none. */
export async function secretsOf(
  tx: TransactionSql,
  vault: Vault,
  { place, box, now }: { place: Place; box: Buffer | null; now: Date },
): Promise<readonly string[]> {
  if (box === null) return [];
  const { present, former } = await openSealed(tx, vault, place, box);

  return [...(present === null ? [] : [present]), ...(former && former.until > now ? [former.secret] : [])];
}

async function openSealed(tx: TransactionSql, vault: Vault, place: Place, box: Buffer) {
  return sealed.parse((await vault.open(tx, secretPlace(place), box)).reveal());
}

/** The column a box is bound to: moved elsewhere it does not open. */
function secretPlace({ tenantId, schoolId, id }: Place) {
  return { table: 'integration', column: 'webhook_secret', tenantId, schoolId, rowId: id };
}
