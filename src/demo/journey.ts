/** A school's journey: its SIS sync is asked for, its Classroom follows by itself, and both are watched live. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from './api.ts';
import type { Connected } from './connect.ts';
import { type Leg, moveLeg, noCounts } from './leg.ts';
import type { LiveLog } from './live-log.ts';
import { followRun, liveCursor, recentRuns, triggerSync } from './runs.ts';

export type LegName = 'sis' | 'classroom';

export interface Journey {
  school: Connected;
  /** Runs of its Classroom integration that are told already. */
  told: Set<string>;
  legs: Record<LegName, Leg>;
}

export interface Surroundings {
  api: Api;
  log: LiveLog;
  signal: AbortSignal;
  /** Milliseconds since the process started. */
  now: () => number;
  onMove(journey: Journey, leg: LegName): void;
}

/** Milliseconds between two looks for a run that a data change set off. */
const lookEvery = 250;

/** Syncs the SIS and sees the Classroom side to its rest. A school without a Classroom integration yet has one leg. */
export async function travel(journey: Journey, around: Surroundings): Promise<void> {
  const after = await liveCursor(around.api);
  let sisIsDone = false;
  const sis = (async () => {
    const runId = await triggerSync(around.api, journey.school.sisId);
    await followLeg(journey, 'sis', runId, after, around);
    sisIsDone = true;
  })();
  await Promise.all([sis, followClassroom(journey, after, around, () => sisIsDone)]);
}

/**
 * Follows every run of the Classroom integration that comes. A change asks for it in the transaction that writes it, so once
 * the SIS run has ended and all that is listed has been told, nothing more is to come.
 */
async function followClassroom(journey: Journey, after: string, around: Surroundings, sisIsDone: () => boolean) {
  const { classroomId } = journey.school;
  if (classroomId === null) return;
  for (;;) {
    const mayBeLast = sisIsDone();
    const runs = await recentRuns(around.api, classroomId);
    const next = runs.find((id) => !journey.told.has(id));
    if (next !== undefined) await followLeg(journey, 'classroom', next, after, around);
    else if (mayBeLast) return;
    else await pause(lookEvery, undefined, { signal: around.signal });
  }
}

/** Follows one run and moves the leg with it. */
export async function followLeg(
  journey: Journey,
  name: LegName,
  runId: string,
  after: string,
  { api, log, now, onMove }: Surroundings,
): Promise<void> {
  journey.told.add(runId);
  const earlier = journey.legs[name].beganAt === null ? noCounts : journey.legs[name].counts;
  await followRun(api, runId, after, {
    onUpdate: (run) => {
      journey.legs[name] = moveLeg(journey.legs[name], run, earlier, now());
      onMove(journey, name);
    },
    onLog: (entries) => log.add(journey.school.name, entries),
  });
}
