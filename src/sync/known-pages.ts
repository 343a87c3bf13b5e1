/**
 * Pages that come back byte for byte are not parsed (ADR 13): their records count as seen. A page is known while its bytes
 * and the mapping are the same, the run that read it left nothing over, and none of its records is in doubt.
 */
import { readFileSync } from 'node:fs';
import type { Sight } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { type Doubt, doubtfulKeys, keepPages, recallPage, seePages } from '../db/queries/engine/known-page.ts';
import { contentHash, stableJson } from '../model/values.ts';
import { look, type Work } from './engine.ts';
import type { Flow } from './flow.ts';

/** A week: then even a stream that offers changes is read whole, and every page parsed, for what was lost on the way. */
export const wholeEveryMs = 7 * 24 * 60 * 60 * 1000;

/** So many records in doubt that looking them up would cost more than parsing. */
const mostDoubts = 2000;

const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** What the pages of one stream, and of those that travel inside it, are known by. */
export interface Memory {
  recall(place: string, digest: string): Promise<string | null>;
  /** Notes pages that were recalled; answers how many records of each stream they have. */
  see(tx: TransactionSql, sights: readonly Sight[]): Promise<Map<string, number>>;
  /** Keeps a page that was parsed, with the keys it has by stream. */
  keep(tx: TransactionSql, sight: Sight, keys: ReadonlyMap<string, readonly string[]>): Promise<void>;
}

/** `flows`: the stream that is read, and its riders. */
export function memoryOf(work: Work, flows: readonly Flow[]): Memory {
  const streams = flows.map((flow) => flow.name);
  const mapping = contentHash(version, work.connector.id, stableJson(work.settings));
  const mappings = new Map(flows.map((flow) => [flow.name, contentHash(mapping, flow.fingerprint)]));
  const since = new Date(work.engine.clock.now().getTime() - wholeEveryMs);
  let doubts: Promise<Doubt[]> | undefined;
  const findDoubts = () =>
    look(work, async (tx) => {
      const found: Doubt[] = [];
      for (const flow of flows) found.push(...(await doubtfulKeys(tx, work.run, flow.name, flow.shape)));
      return found;
    });

  return {
    async recall(place, digest) {
      doubts ??= findDoubts();
      const found = await doubts;
      if (found.length > mostDoubts) return null;
      const asked = { streams, mappings: [...mappings.values()], place, digest, since };

      return look(work, (tx) => recallPage(tx, work.run, asked, found));
    },
    see: (tx, sights) =>
      seePages(
        tx,
        work.run,
        streams,
        sights.map(({ place }) => place),
      ),
    keep: (tx, { place, digest, note }, keys) =>
      keepPages(
        tx,
        work.run,
        streams.map((stream, index) => ({
          stream,
          place,
          digest,
          mapping: mappings.get(stream) ?? '',
          keys: keys.get(stream) ?? [],
          // The riders travel on the same page: one note is enough.
          note: index === 0 ? note : '',
        })),
        work.engine.clock.now(),
      ),
  };
}
