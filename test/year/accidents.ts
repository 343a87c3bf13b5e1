/** Days on which the favourite is not to be believed, or is and nobody would think so: whatever is gone must wait for a person. */
import type { AurigaSimulator } from '../../src/simulators/auriga/simulator.ts';
import { instantOf } from './calendar.ts';
import type { School } from './school.ts';
import type { Stage } from './stage.ts';

/** `empty`: it lists nothing. `vanished`: a tenth is left. `strike`: a third of the sessions ahead is really called off. */
export type Accident = 'empty' | 'vanished' | 'strike';

/**
 * Lets it happen. What comes back ends the window: it sees that the run waits, puts the plan back or lets a person approve
 * what is really gone, and answers how many runs waited.
 */
export function hold(
  accident: Accident,
  source: AurigaSimulator,
  school: School,
  now: Date,
): (stage: Stage) => Promise<number> {
  const { random, world, mends } = school;
  // A row without an id could be any session: beside one, none is taken for gone.
  for (const mend of mends.splice(0)) mend();
  const before = new Map(world.sessions);
  if (accident === 'empty') source.switches.empty = true;
  else {
    const share = accident === 'vanished' ? 0.9 : 0.35;
    for (const [key, { start }] of before) {
      if (instantOf(start) > now.getTime() && random.chance(share)) world.sessions.delete(key);
    }
  }

  return async (stage) => {
    const seen = await waiting(stage, stage.ids.source);
    if (seen === null) {
      const latest = await latestRun(stage, stage.ids.source);
      throw new Error(`The favourite was ${accident}, and nothing waits for a person: ${latest}.`);
    }
    source.switches.empty = false;
    if (accident === 'strike') return 1 + (await approveAll(stage));
    world.sessions.clear();
    for (const [key, session] of before) world.sessions.set(key, session);

    return 1;
  };
}

interface Waiting {
  id: string;
  planHash: string;
}

async function waiting({ homeroom }: Stage, integrationId: string): Promise<Waiting | null> {
  const [run] = await homeroom.write(
    (tx) => tx<Waiting[]>`
      select id, plan_hash as "planHash" from sync_run where integration_id = ${integrationId} and status = 'HELD'
      order by id desc limit 1`,
  );

  return run ?? null;
}

/** What became of it, in words. */
async function latestRun({ homeroom }: Stage, integrationId: string): Promise<string> {
  const [run] = await homeroom.write(
    (tx) => tx<{ words: string }[]>`
      select concat_ws(', ', status, held_reason, error, 'removed ' || deleted, 'unchanged ' || unchanged) as words
      from sync_run where integration_id = ${integrationId} order by id desc limit 1`,
  );

  return run?.words ?? 'there was no run';
}

/** A person says yes, at Auriga and then at Edusign, whose guard asks once more. Answers how often they were asked. */
export async function approveAll(stage: Stage): Promise<number> {
  const { homeroom, clock, ids } = stage;
  let asked = 0;
  for (const integrationId of [ids.source, ids.there]) {
    const run = await waiting(stage, integrationId);
    if (run === null) continue;
    asked += 1;
    const act = { tenantId: homeroom.school.tenant.id, by: 'a person', now: clock.now() };
    await homeroom.write((tx) => homeroom.api.approveRun(tx, { ...act, runId: run.id, planHash: run.planHash }));
    await homeroom.runWaiting(ids.source);
    await homeroom.runWaiting(ids.there);
  }

  return asked;
}
