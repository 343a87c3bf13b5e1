/** Before anything is synced: the systems outside, a tenant, Homeroom itself, and its integrations. */
import { type Api, openApi } from './api.ts';
import { count, duration, left, plural, wrap } from './columns.ts';
import { type Connected, connectAndTest, type Provider, providerIds, schoolIds } from './connect.ts';
import type { DemoOptions } from './options.ts';
import { type Outside, startOutside } from './outside.ts';
import { DemoProblem } from './problem.ts';
import type { Screen } from './screen.ts';
import type { SchoolSurvey, Survey } from './survey.ts';
import { surveyAside } from './survey-aside.ts';
import { makeTenant } from './tenant.ts';
import type { TabVariables } from './where.ts';

const titleWidth = 12;
/** Columns before a step's text. */
const indent = titleWidth + 6;
/** Columns for the time after it. */
const timeWidth = 8;

export interface Stage {
  outside: Outside;
  api: Api;
  url: string;
  key: string;
  schools: Connected[];
  /** Shared with GraphiQL: filled as ids become known. */
  variables: TabVariables;
}

export interface StageOptions {
  signal: AbortSignal;
  /** Called when gateway and worker have started. */
  onServing(): void;
  /** False: the schools get no Google Workspace yet. */
  withClassroom: boolean;
}

/** Sets everything up and tells each step. */
export async function setStage(
  options: DemoOptions,
  screen: Screen,
  { signal, onServing, withClassroom }: StageOptions,
): Promise<Stage> {
  const step = tellSteps(options, screen);
  const district = { seed: options.seed, size: options.size, asOf: options.clock.now() };

  step.begin('making up a district');
  const survey = await surveyAside(district);
  step.done('District', sizeOf(survey));

  signal.throwIfAborted();
  step.begin('starting its SIS and its Google Workspace');
  const outside = await startOutside(survey, district);
  options.onEnd('simulators', () => outside.stop());
  const [sis, google] = [outside.sisUrl, outside.googleUrl].map((url) => new URL(url).host);
  step.done('Outside', `a OneRoster SIS at ${sis}, a Google Workspace at ${google}`);

  signal.throwIfAborted();
  step.begin('starting Homeroom');
  const tenantId = await makeTenant(options.app, survey);
  const key = await options.createKey(tenantId);
  const variables: TabVariables = {};
  const graphiql = { authorization: `Bearer ${key}`, variables };
  const { url } = await options.serve({ allowedHosts: outside.hosts, graphiql });
  const api = openApi({ url, key, signal });
  options.onEnd('demo client', () => api.close());
  onServing();
  step.done('Homeroom', `gateway and worker at ${url}`);

  step.begin('connecting the schools');

  const ids = await schoolIds(api);
  const schools = survey.schools.map(
    (school): Connected => ({
      id: ids.get(school.sourcedId) ?? '',
      name: school.name,
      survey: school,
      sisId: '',
      classroomId: null,
    }),
  );
  const stage: Stage = { outside, api, url, key, schools, variables };
  await connectSchools(stage, 'oneroster');
  if (withClassroom) await connectSchools(stage, 'google-workspace');
  const providers = withClassroom ? 'OneRoster and Google Workspace' : 'OneRoster';
  step.done('Integrations', `${providers} for each school, connected and tested through the API`);

  return stage;
}

interface Steps {
  begin(doing: string): void;
  done(title: string, text: string): void;
}

/** What is under way is shown until it is done; a line with the time since the start stays. */
function tellSteps({ now }: DemoOptions, screen: Screen): Steps {
  const { paint } = screen;

  return {
    begin: (doing) => screen.show(() => [paint.dim(`  ${doing} … ${duration(now())}`)], { fleeting: true }),
    done(title, text) {
      screen.settle();
      const [first = '', ...more] = wrap(text, screen.columns() - indent - timeWidth);
      const time = paint.dim(duration(now()));
      const lines = [
        `  ${paint.green('✓')} ${left(title, titleWidth)}  ${first}`,
        ...more.map((line) => ' '.repeat(indent) + line),
      ];
      const last = `${lines.pop() ?? ''}  ${time}`;
      screen.print(...lines, last);
    },
  };
}

function sizeOf({ name, schools }: Survey): string {
  const sum = (pick: (school: SchoolSurvey) => number) => schools.reduce((all, one) => all + pick(one), 0);
  const people = count(sum((school) => school.people));
  const classes = count(sum((school) => school.classes));
  const enrollments = count(sum((school) => school.enrollments));

  return `${name}: ${plural(schools.length, 'school')}, ${people} people, ${classes} classes, ${enrollments} enrollments`;
}

/** Gives every school an integration with this provider. */
export async function connectSchools({ outside, api, schools }: Stage, provider: Provider): Promise<void> {
  const providerId = (await providerIds(api)).get(provider);
  if (providerId === undefined) throw new DemoProblem(`Homeroom does not offer ${provider}.`);
  await Promise.all(
    schools.map(async (school) => {
      const form = provider === 'oneroster' ? outside.oneRoster(school.survey) : outside.classroom(school.survey);
      const id = await connectAndTest(api, school.id, providerId, form);
      if (provider === 'oneroster') school.sisId = id;
      else school.classroomId = id;
    }),
  );
}
