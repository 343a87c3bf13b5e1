/** The webhook trigger: a provider's call is authenticated, told from a repeat, and becomes "look at these"; nothing else of it is kept. */
import { createHash } from 'node:crypto';
import type { Connector } from '../connectors/kit/contract.ts';
import type { Delivery, Webhook } from '../connectors/kit/webhook.ts';
import { asTenant, type Sql, type TransactionSql } from '../db/client.ts';
import { holdersOf } from '../db/queries/engine/link.ts';
import { addToScope, upsertQueuedRun } from '../db/queries/engine/run.ts';
import { type BellRow, findBell, forgetMessages, readWebhook, takeMessage } from '../db/queries/engine/webhook.ts';
import { newId } from '../model/ids.ts';
import { pauseMs } from './changes.ts';
import { type Engine, tell } from './engine.ts';
import { secretsOf } from './webhook-secrets.ts';

/** One integration's address. */
export interface Bell extends BellRow {
  webhook: Webhook;
  streams: Connector['streams'];
}

/** `taken` also where it asks for nothing: a repeat, or what changes nothing for us. */
export type Taken = { kind: 'asked'; answer: string } | { kind: 'taken' | 'refused' | 'unreadable' };

export interface Webhooks {
  /** Whose address it is; null for nobody's, and for one of an integration that is disconnected. */
  find(provider: string, endpoint: string): Promise<Bell | null>;
  /** Resolves once it is committed. Whose records it may be about follows from the address, never from what is in it. */
  take(bell: Bell, delivery: Delivery): Promise<Taken>;
}

const day = 24 * 60 * 60 * 1000;

/** For how long a message that comes again is a repeat: by its id, else by what it says. */
const repeatMs = { byId: 7 * day, byContent: day };

/** After so long nothing tells a repeat any more. */
const keptMs = 7 * day;

type Needs = Pick<Engine, 'db' | 'connectors' | 'vault' | 'clock' | 'enqueue' | 'wake'>;

export function createWebhooks(engine: Needs, system: Sql): Webhooks {
  return {
    async find(provider, endpoint) {
      const connector = engine.connectors.find(({ id }) => id === provider);
      if (!connector?.webhook) return null;
      const row = await findBell(system, provider, endpoint);

      return row ? { ...row, webhook: connector.webhook, streams: connector.streams } : null;
    },

    async take(bell, delivery) {
      const { webhook } = bell;
      const answer = webhook.handshake?.(delivery);
      if (answer !== undefined) return { kind: 'asked', answer };

      const now = engine.clock.now();
      const secrets = await as(engine.db, bell, (tx) => knownSecrets(tx, engine, bell, now), { readOnly: true });
      const authentic = webhook.verify(delivery, { secrets, now });
      if (authentic.length === 0) return { kind: 'refused' };
      const messages = authentic.map((raw) => webhook.message.safeParse(raw));
      if (messages.some(({ success }) => !success)) return { kind: 'unreadable' };

      const read = messages.flatMap(({ data }, place) => ({
        message: data,
        digest: digestOf(webhook, data, authentic[place]),
      }));
      const asked = await as(engine.db, bell, (tx) => note(tx, engine, bell, read, now));
      if (asked) engine.wake();

      return { kind: 'taken' };
    },
  };
}

function as<T>(db: Sql, bell: Bell, fn: (tx: TransactionSql) => Promise<T>, options = {}): Promise<T> {
  const { tenantId, schoolId } = bell;

  return asTenant(db, { tenantId, schoolIds: [schoolId], actor: 'webhook' }, fn, options);
}

async function knownSecrets(tx: TransactionSql, { vault }: Needs, bell: Bell, now: Date): Promise<readonly string[]> {
  const row = await readWebhook(tx, bell);

  return secretsOf(tx, vault, { place: { ...bell, id: bell.integrationId }, box: row?.secret ?? null, now });
}

interface Read {
  message: unknown;
  digest: Digest;
}

interface Digest {
  bytes: Buffer;
  repeatsFor: number;
}

/** `raw` as it was sent: what we do not read of a message tells two apart as well. */
function digestOf({ idOf }: Webhook, message: unknown, raw: unknown): Digest {
  const id = idOf?.(message);
  const bytes = createHash('sha256')
    .update(JSON.stringify(id === undefined ? { raw } : { id }))
    .digest();

  return { bytes, repeatsFor: id === undefined ? repeatMs.byContent : repeatMs.byId };
}

/** Answers whether a run was asked for. */
async function note(tx: TransactionSql, engine: Needs, bell: Bell, read: readonly Read[], now: Date): Promise<boolean> {
  const integration = await readWebhook(tx, bell);
  // The first run of the integration looks at everything anyway.
  if (!integration?.lastSyncedAt) return false;
  const fresh: unknown[] = [];
  for (const { message, digest } of read) {
    const until = new Date(now.getTime() + digest.repeatsFor);
    if (await takeMessage(tx, bell, digest.bytes, { now, until })) fresh.push(message);
  }
  if (fresh.length === 0) return false;
  await forgetMessages(tx, bell, new Date(now.getTime() - keptMs));

  const wanted = await whereToLook(tx, bell, fresh);
  if (wanted === 'nowhere') return false;
  const { tenantId, schoolId, integrationId } = bell;
  const dueAt = new Date(now.getTime() + pauseMs);
  // Nobody waits for it.
  const lane = 'BULK' as const;
  const request = { id: newId(), tenantId, schoolId, integrationId, whole: wanted === 'everywhere', lane, dueAt };
  const run = await upsertQueuedRun(tx, { ...request, trigger: 'WEBHOOK', mode: 'DELTA', requestedBy: null });
  const place = { tenantId, schoolId, id: run.id };
  if (wanted !== 'everywhere') {
    for (const [stream, recordIds] of wanted) {
      const entity = bell.streams[stream]?.entity;
      if (entity) await addToScope(tx, place, entity, recordIds);
    }
  }
  if (!run.isNew) return true;
  await engine.enqueue(tx, { tenantId, integrationId, lane }, dueAt);
  await tell(tx, place, [{ kind: 'run', parentId: run.id, ids: [run.id] }]);

  return true;
}

/**
 * External keys become our records through the links of their stream. One that we do not know is looked for where records
 * are born there; where they are born here it is none of ours.
 */
async function whereToLook(
  tx: TransactionSql,
  { tenantId, integrationId, webhook, streams }: Bell,
  messages: readonly unknown[],
): Promise<ReadonlyMap<string, readonly string[]> | 'everywhere' | 'nowhere'> {
  const found = new Map<string, readonly string[]>();
  for (const [stream, hint] of Object.entries(webhook.hints)) {
    const hints = messages.map((message) => hint(message));
    if (hints.includes('any')) return 'everywhere';
    const keys = [...new Set(hints.flatMap((each) => (each === 'any' ? [] : each)))];
    const holders = await holdersOf(tx, { tenantId, integrationId, stream }, keys);
    if (holders.size < keys.length && streams[stream]?.born !== 'here') return 'everywhere';
    if (holders.size > 0) found.set(stream, [...holders.values()]);
  }

  return found.size > 0 ? found : 'nowhere';
}
