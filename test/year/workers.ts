/** Who does the work of a window: a worker in this process or one of its own, that may die in the middle of it. */
import type { Random } from '../../src/simulators/district/random.ts';
import { Dead, mortal } from './crash.ts';
import type { Stage } from './stage.ts';

export interface Workers {
  /** Does all that is due now, by as many workers as it takes. */
  window(dies: boolean): Promise<void>;
  deaths(): number;
  end(): Promise<void>;
}

/** Milliseconds by which the plan is read before what is made of it is written. */
export const lead = 10 * 60_000;

/** No window has fewer steps for each of its two runs. */
const mostSteps = 30;

/** Workers in this process. One that dies stops in its tracks; another one takes its run over. */
export function workersHere({ homeroom, ids, scheduler, clock }: Stage, random: Random): Workers {
  let deaths = 0;
  const carryOut = async (integrationId: string, dies: boolean) => {
    try {
      const by = dies ? mortal(homeroom.engine, 1 + random.int(mostSteps)) : homeroom.engine;
      await homeroom.runWaiting(integrationId, by);
    } catch (error) {
      if (!(error instanceof Dead)) throw error;
      deaths += 1;
      await homeroom.runWaiting(integrationId);
    }
  };

  return {
    window: async (dies) => {
      const first = dies && random.chance(0.5);
      await scheduler.tick();
      await carryOut(ids.source, first);
      clock.advance(lead);
      await carryOut(ids.there, dies && !first);
    },
    deaths: () => deaths,
    end: async () => undefined,
  };
}
