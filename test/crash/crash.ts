/** The crash harness: a school that is synced while gateway, worker and database are killed, one after the other. */

import { encodeId } from '../../src/schema/ids.ts';
import { createRandom } from '../../src/simulators/district/random.ts';
import { ended, mutate } from '../harness/client.ts';
import { disagreements } from './agreement.ts';
import { type Kill, openKiller } from './kills.ts';
import { atRest } from './onlooker.ts';
import { openPlace, type Place } from './place.ts';
import { openQuestions } from './questions.ts';

export interface Crash {
  /** The next kill, and the start of what was killed. */
  kill(): Promise<Kill>;
  /** Lets everything come to its end, and answers what does not agree then; empty when nothing was lost or done twice. */
  findings(): Promise<string[]>;
  stop(): Promise<void>;
}

/** The same seed makes the same school and aims at the same moments; when exactly a signal arrives is chance. */
export async function openCrash(seed: number): Promise<Crash> {
  const random = createRandom(seed);
  const place = await openPlace(`crash-${seed}`);
  const questions = openQuestions(place, random);
  const killer = openKiller(place, random, questions);
  let number = 0;

  return {
    async kill() {
      number += 1;
      return killer.kill(number);
    },
    async findings() {
      await atRest(place);
      if ((await questions.answerAgain()) > 0) await atRest(place);
      const found = [
        ...(await lastSyncs(place)),
        ...(await disagreements(place)),
        ...(await questions.disagreements()),
      ];
      return found.length > 0 ? [...found, place.said()] : found;
    },
    stop: () => place.stop(),
  };
}

/** Both sides once more, whole; then Google again, which must find nothing to write. */
async function lastSyncs(place: Place): Promise<string[]> {
  const found: string[] = [];
  const sync = async (integrationId: string) => {
    const api = place.api();
    const { syncRun } = await mutate(api, 'TriggerSync', {
      integrationId: encodeId('Integration', integrationId),
      mode: 'FULL',
    });
    const run = await ended(api, syncRun.id);
    await api.close();
    if (run.status !== 'SUCCEEDED') found.push(`A last sync is ${run.status}: ${JSON.stringify(run)}`);
    await atRest(place);
  };
  await sync(place.sis);
  await sync(place.google);
  const newest = (await place.world.google.journal.entries()).at(-1)?.number ?? 0;
  await sync(place.google);
  const writes = await place.world.google.journal.writes({ after: newest });
  found.push(...writes.map(({ route, path }) => `Nothing was left to do, and yet: ${route} ${path}`));

  return found;
}
