/**
 * `npm run demo`: a made-up district, its SIS and its Google Workspace on this machine, Homeroom between them, live.
 * Everything goes through the public API, save for the tenant and its first key.
 */
import { syncDistrict } from './first-sync.ts';
import { liveOn } from './life.ts';
import { createLiveLog } from './live-log.ts';
import type { DemoOptions } from './options.ts';
import { DemoProblem } from './problem.ts';
import { report } from './report.ts';
import { recentRuns } from './runs.ts';
import { openScreen, type Screen } from './screen.ts';
import { connectSchools, setStage } from './stage.ts';
import { variablesFor } from './where.ts';

/** Runs the demo to its end; answers the exit code: 0, or 1 when something failed, which it has told. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const leaving = new AbortController();
  const screen = openScreen(options.out);
  const over = Promise.withResolvers<void>();
  const leave = async () => leaving.abort();
  // Told to stop while it is still being set up, the parts end under it; from then on it ends before them.
  options.onEnd('demo', leave);
  const onServing = () =>
    options.onEnd('demo', async () => {
      await leave();
      await over.promise;
    });
  try {
    return await tell(options, screen, { signal: leaving.signal, onServing });
  } catch (error) {
    if (leaving.signal.aborted) return 0;
    if (!(error instanceof DemoProblem)) throw error;
    screen.print('', `  ${screen.paint.red('✗')} ${error.message}`, '');
    return 1;
  } finally {
    screen.close();
    over.resolve();
  }
}

interface Ending {
  signal: AbortSignal;
  /** Called when gateway and worker have started. */
  onServing: () => void;
}

async function tell(options: DemoOptions, screen: Screen, { signal, onServing }: Ending): Promise<number> {
  const { now, clock, size, seed, once, life } = options;
  // At Google's quota the largest district would be under way for hours.
  const withClassroom = size !== 'large';
  const log = createLiveLog(now);

  screen.print(
    '',
    `  ${screen.paint.bold('Homeroom')} ${screen.paint.dim('· a school district, its SIS and Google Classroom, kept in step')}`,
    '',
  );
  const stage = await setStage(options, screen, { signal, onServing, withClassroom });
  const around = { api: stage.api, log, signal, now };
  screen.print('');
  const journeys = await syncDistrict(stage, around, screen);
  const arrivedAt = now();
  if (!withClassroom) await connectSchools(stage, 'google-workspace');

  const [first] = stage.schools;
  if (first) {
    const [latest = null] = (
      await recentRuns(stage.api, (withClassroom && first.classroomId) || first.sisId)
    ).reverse();
    Object.assign(stage.variables, variablesFor({ ...first, inStep: withClassroom }, latest));
  }
  const problems = await report({ stage, journeys, log, arrivedAt, withClassroom, once }, screen);
  const exitCode = problems.length > 0 ? 1 : 0;
  if (once) return exitCode;

  if (withClassroom) screen.print('  The district goes on living. Ctrl-C ends the demo.', '');
  else
    screen.print(
      '  At this size the district holds still: its first change would start the Classroom leg. Ctrl-C ends the demo.',
      '',
    );
  const { outside, schools, variables } = stage;
  if (withClassroom) {
    const quiet = { ...around, onMove: () => undefined };
    await liveOn({ ...life, schools, outside, around: quiet, screen, seed, clock, variables });
  }

  await stopped(signal);

  return exitCode;
}

/** Resolves when the demo is told to stop. */
function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
