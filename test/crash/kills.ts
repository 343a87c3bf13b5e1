/** One kill after the other: who dies, at which moment of the work, and how the moment is found. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/simulators/district/random.ts';
import type { DatabaseDeath } from '../harness/own-server.ts';
import { live } from './life.ts';
import { atRest, type RunSeen, untilSeen } from './onlooker.ts';
import { type Place, type Victim, victims } from './place.ts';
import type { Questions, Resolution } from './questions.ts';

export const moments = ['pull', 'plan', 'apply', 'resolve'] as const;

export type Moment = (typeof moments)[number];

export interface Kill {
  number: number;
  victim: Victim;
  /** Of a database: one of its processes, or all of it. */
  how: DatabaseDeath | null;
  /** What was aimed at. */
  moment: Moment;
  /** What was seen right before: phases of the runs under way, and where a call to the provider stood. */
  seen: string;
  /** Milliseconds from the kill until the run was taken up again or had ended; null where no run lost its worker. */
  resumedMs: number | null;
}

/** Milliseconds for a moment to come; then it is a kill at whatever moment there is. */
const patience = 60_000;

export const notInTime = 'nothing in time';

const phaseOf = { pull: 'PULLING', plan: 'PLANNING', apply: 'APPLYING' } as const;

const memberRoutes = ['classroom.courses.students.create', 'classroom.courses.students.delete'];

export interface Killer {
  kill(number: number): Promise<Kill>;
}

export function openKiller(place: Place, random: Random, questions: Questions): Killer {
  let deck: { victim: Victim; moment: Moment }[] = [];
  const draw = () => {
    if (deck.length === 0)
      deck = random.shuffled(victims.flatMap((victim) => moments.map((moment) => ({ victim, moment }))));
    return deck.pop() as (typeof deck)[number];
  };

  /** Makes work, again when it was over too soon, and resolves when the phase is seen. */
  const reach = async (moment: keyof typeof phaseOf): Promise<string> => {
    for (let tries = 0; tries < 3; tries += 1) {
      await live(place, random, 4 + random.int(12));
      const google = moment === 'pull' && random.chance(0.4);
      await place.sync(google ? place.google : place.sis);
      const seen = await untilSeen(place, patience, (runs) =>
        runs.length === 0 ? 'over' : (runs.find((run) => run.phase === phaseOf[moment]) ?? null),
      );
      if (seen === null) break;
      if (seen === 'over') continue;
      // What lasts long is not always killed at its beginning.
      if (moment !== 'plan') await delay(random.int(moment === 'pull' ? 250 : 120));
      return nameOf(place, seen);
    }
    return notInTime;
  };

  /** A call of such a route hangs, before its work is done there or after it; resolves when there is one, with its release. */
  const hang = async (route: string, work: () => Promise<unknown>) => {
    const at = random.pick(['start', 'applied'] as const);
    const newest = (await place.world.google.journal.entries()).at(-1)?.number ?? 0;
    const { remove } = await place.world.google.faults.add({ kind: 'hang', at, route });
    await work();
    // Nobody may come that way at all.
    const hit = await Promise.race([
      place.world.google.journal.waitFor({ fault: 'hang', after: newest }, { timeoutMs: patience }).catch(() => null),
      atRest(place).then(() => null),
    ]);
    const seen = `${route.split('.').slice(-2).join('.')} ${at === 'start' ? 'before' : 'after'} its effect`;

    return { seen: hit ? seen : notInTime, release: remove };
  };

  /** Gets there, and answers what to do once the victim is dead and once it is back. */
  const approach = async (moment: Moment): Promise<Approach> => {
    if (moment === 'resolve') return approachAnswer();
    if (moment === 'apply' && random.chance(0.6)) {
      const { seen, release } = await hang(random.pick(memberRoutes), async () => {
        await live(place, random, 4 + random.int(12));
        await place.sync(place.sis);
      });
      return { seen, dead: release, back: async () => undefined };
    }
    return { seen: await reach(moment), dead: async () => undefined, back: async () => undefined };
  };

  const approachAnswer = async (): Promise<Approach> => {
    const question = await questions.ask();
    const resolution = random.pick<Resolution>(['PUSH_LOCAL', 'PUSH_LOCAL', 'PUSH_LOCAL', 'ACCEPT_EXTERNAL', 'IGNORE']);
    let answering: Promise<void> = Promise.resolve();
    const answer = async () => {
      answering = questions.answer(question, resolution);
    };
    const back = () => answering;
    const where = resolution === 'PUSH_LOCAL' ? random.pick(['sent', 'pushed', 'pushed', 'run'] as const) : 'sent';
    switch (where) {
      case 'sent': {
        await answer();
        await delay(random.int(60));
        return { seen: `${resolution} sent`, dead: async () => undefined, back };
      }
      case 'pushed': {
        const { seen, release } = await hang('directory.users.update', answer);
        return { seen: `${resolution}, ${seen}`, dead: release, back };
      }
      case 'run': {
        await answer();
        const run = await untilSeen(place, patience, (runs) => runs.find(({ status }) => status === 'RUNNING') ?? null);
        await delay(random.int(80));
        return {
          seen: `${resolution}, ${run ? nameOf(place, run) : notInTime}`,
          dead: async () => undefined,
          back,
        };
      }
    }
  };

  return {
    async kill(number) {
      const { victim, moment } = draw();
      const how = victim === 'database' ? random.pick(['backend', 'server'] as const) : null;
      const { seen, dead, back } = await approach(moment);
      const before = (await untilSeen(place, 1_000, (runs) => runs)) ?? [];
      const orphans = before.filter(({ status }) => status === 'RUNNING');
      const began = performance.now();
      await place.kill(victim, how ?? 'server');
      await dead();
      await place.revive(victim);
      await back();
      // Now and then the next one dies before anybody has come back to work.
      const waits = victim !== 'gateway' && orphans.length > 0 && random.chance(0.8);
      const resumedMs = waits ? await resumption(place, orphans, began) : null;
      if (random.chance(0.5)) await atRest(place);

      return { number, victim, how, moment, seen, resumedMs };
    },
  };
}

interface Approach {
  seen: string;
  dead(): Promise<void>;
  back(): Promise<void>;
}

function nameOf(place: Place, run: RunSeen): string {
  return `${run.integrationId === place.sis ? 'SIS' : 'Google'} ${run.phase ?? run.status}`;
}

/** Milliseconds until each of these runs was claimed anew or had ended. */
async function resumption(place: Place, orphans: readonly RunSeen[], began: number): Promise<number> {
  const resumed = await untilSeen(place, 60_000, (runs) => {
    const waits = orphans.some(({ id, claim }) =>
      runs.some((run) => run.id === id && run.status === 'RUNNING' && run.claim === claim),
    );
    return waits ? null : performance.now() - began;
  });
  if (resumed === null) throw new Error(`A run was not taken up again within a minute.\n${place.said()}`);

  return resumed;
}
