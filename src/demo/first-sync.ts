/** The first sync of the whole district, watched on the board. */
import { drawBoard } from './board.ts';
import { callsTake } from './estimate.ts';
import { type Journey, type LegName, type Surroundings, travel } from './journey.ts';
import { type Leg, startLeg } from './leg.ts';
import { milestone } from './milestones.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';

/** Syncs all schools at the same time; resolves when every run has ended. */
export async function syncDistrict(
  stage: Stage,
  around: Omit<Surroundings, 'onMove'>,
  screen: Screen,
): Promise<Journey[]> {
  const withClassroom = stage.schools.some(({ classroomId }) => classroomId !== null);
  const journeys = stage.schools.map(
    (school): Journey => ({
      school,
      told: new Set(),
      legs: { sis: startLeg(school.survey.reads), classroom: startLeg(null) },
    }),
  );
  const onMove = screen.live ? () => undefined : tellMilestones(screen, around.now);
  screen.show((size) =>
    drawBoard(
      {
        schools: journeys.map(({ school: { name }, legs }) => ({ name, legs })),
        withClassroom,
        log: around.log.lines,
        received: around.log.received,
        now: around.now(),
        callsTake,
      },
      size,
      screen.paint,
    ),
  );
  try {
    await Promise.all(journeys.map((journey) => travel(journey, { ...around, onMove })));
  } finally {
    screen.settle();
  }

  return journeys;
}

/** For output that cannot be redrawn. */
function tellMilestones(screen: Screen, now: () => number): Surroundings['onMove'] {
  const last = new Map<string, Leg>();

  return ({ school, legs }, name: LegName) => {
    const place = `${school.id} ${name}`;
    const before = last.get(place) ?? startLeg(null);
    const line = milestone(school.name, name, { before, after: legs[name], now: now() });
    last.set(place, legs[name]);
    if (line !== null) screen.print(`  ${line}`);
  };
}
