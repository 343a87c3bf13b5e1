/** What can be seen of the school's runs from outside, at any moment, also right after the database died. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseGone } from '../../src/db/gone.ts';
import type { Place } from './place.ts';

export interface RunSeen {
  id: string;
  integrationId: string;
  status: string;
  phase: string | null;
  claim: number;
  completed: number;
}

/** Milliseconds between two looks. */
const every = 10;

/** Runs that are RUNNING or QUEUED; null while the database cannot be asked. */
function underWay(place: Place): Promise<RunSeen[] | null> {
  return place
    .glance(
      (tx) => tx<RunSeen[]>`
        select id, integration_id as "integrationId", status, phase, claim, completed from sync_run
        where status in ('QUEUED', 'RUNNING') order by status desc, id`,
    )
    .then(
      (rows) => [...rows],
      (error: unknown) => {
        if (!isDatabaseGone(error)) throw error;
        return null;
      },
    );
}

/** Waits until `seen` answers something for the runs under way; null when it has not within so many milliseconds. */
export async function untilSeen<T>(
  place: Place,
  milliseconds: number,
  seen: (runs: readonly RunSeen[]) => T | null,
): Promise<T | null> {
  const began = performance.now();
  while (performance.now() - began < milliseconds) {
    const runs = await underWay(place);
    const answer = runs && seen(runs);
    if (answer !== null) return answer;
    await delay(every);
  }

  return null;
}

/** Milliseconds in which something must move while runs are under way. */
const stuck = 120_000;

/** Waits until nothing is queued or running any more, however long that takes, as long as something moves. */
export async function atRest(place: Place): Promise<void> {
  for (let before = ''; ; ) {
    const moved = await untilSeen(place, stuck, (runs) => {
      const now = JSON.stringify(runs);
      return runs.length === 0 || now !== before ? now : null;
    });
    if (moved === null) throw new Error(`Nothing moves any more: ${before}\n${place.said()}`);
    if (moved === '[]') return;
    before = moved;
  }
}
