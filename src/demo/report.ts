/** The summary after the first sync, and whether all is as it should be. */
import { count, duration } from './columns.ts';
import { callsAMinute, callsTake, classroomCalls } from './estimate.ts';
import type { Journey } from './journey.ts';
import type { LiveLog } from './live-log.ts';
import type { Screen } from './screen.ts';
import type { Stage } from './stage.ts';
import { countsTable, facts, tallyTable, troubleLines } from './summary.ts';
import { homeroomHolds, problemsOf, tallies } from './verdict.ts';
import { curlLines, whereToLook } from './where.ts';

export interface ReportOptions {
  stage: Stage;
  journeys: readonly Journey[];
  log: LiveLog;
  /** Milliseconds from the start of the process to the end of the last run. */
  arrivedAt: number;
  withClassroom: boolean;
  /** Whether the process ends after it. */
  once: boolean;
}

/** Prints it all; answers what is wrong, a sentence each. */
export async function report(options: ReportOptions, screen: Screen): Promise<readonly string[]> {
  const { stage, journeys, log, arrivedAt, withClassroom, once } = options;
  const { paint } = screen;
  const columns = screen.columns();
  const homeroom = await homeroomHolds(stage.api, stage.schools);
  const classroom = withClassroom ? await stage.outside.classroomHolds() : null;
  const counted = tallies(stage.outside.survey, homeroom, classroom);
  const problems = await problemsOf(stage.api, journeys, counted, classroom);

  screen.print('', ...heading('What was done', paint), ...countsTable(journeys, columns, paint));
  if (log.troubles.length > 0) screen.print('', ...troubleLines(log.troubles, columns, paint));
  screen.print('', ...heading('What each system holds now', paint), ...tallyTable(counted, paint));
  screen.print(
    '',
    ...heading('How long it took, from the start of the process', paint),
    ...facts(times(log, arrivedAt, withClassroom), columns, paint),
  );
  if (!withClassroom) screen.print('', ...classroomEstimate(stage, screen));
  screen.print(
    '',
    ...heading(once ? 'Look around, without --once: this gateway ends now' : 'Look around', paint),
    ...facts(whereToLook(stage.url, stage.key), columns, paint),
  );
  screen.print('', ...curlLines(stage.url, stage.key).map((line) => `  ${line}`), '');
  for (const problem of problems) screen.print(`  ${paint.red('✗')} ${problem}`);

  return problems;
}

function heading(text: string, { bold }: Screen['paint']): string[] {
  return [`  ${bold(text)}`];
}

function times({ firstAt }: LiveLog, arrivedAt: number, withClassroom: boolean): [string, string][] {
  return [
    ['first live event', firstAt === null ? 'none came' : duration(firstAt)],
    [withClassroom ? 'all of it in Classroom' : 'all of it in Homeroom', duration(arrivedAt)],
  ];
}

/** For a district whose Classroom leg takes hours. */
function classroomEstimate({ outside }: Stage, { paint, columns }: Screen): string[] {
  const each = outside.survey.schools.map((school) => ({ school, calls: classroomCalls(school) }));
  const longest = Math.max(...each.map(({ calls }) => callsTake(calls)));
  return [
    ...heading('Classroom: not started at this size', paint),
    ...facts(
      [
        ...each.map(({ school, calls }): [string, string] => [
          school.name,
          `${count(calls)} calls, about ${duration(callsTake(calls))}`,
        ]),
        [
          'Together',
          `${duration(longest)}: each school’s account has its own quota at Google, ${count(callsAMinute())} calls a minute in the long run`,
        ],
        ['To start it', 'TriggerSync in GraphiQL: its variables name the first school’s integration'],
      ],
      columns(),
      paint,
    ),
  ];
}
