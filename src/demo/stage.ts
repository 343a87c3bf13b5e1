/** Before anything is synced: the systems outside, a tenant, Homeroom itself, and its integrations. */
import { type Api, openApi } from './api.ts';
import { count, duration, plural } from './columns.ts';
import { type Connected, connectAndTest, type Provider, providerIds, schoolIds } from './connect.ts';
import type { DemoOptions } from './options.ts';
import { type Outside, startOutside } from './outside.ts';
import { DemoProblem } from './problem.ts';
import type { Screen } from './screen.ts';
import type { SchoolSurvey } from './survey.ts';
import { makeTenant } from './tenant.ts';
import type { TabVariables } from './where.ts';

export interface Stage {
  outside: Outside;
  api: Api;
  url: string;
  key: string;
  schools: Connected[];
  /** Shared with GraphiQL: filled as ids become known. */
  variables: TabVariables;
}

/** Sets everything up and tells each step. With `withClassroom: false` the schools have no Google Workspace yet. */
export async function setStage(
  options: DemoOptions,
  screen: Screen,
  { signal, withClassroom }: { signal: AbortSignal; withClassroom: boolean },
): Promise<Stage> {
  const { paint } = screen;
  const step = (title: string, text: string) =>
    screen.print(`  ${paint.green('✓')} ${title.padEnd(13)}${text}  ${paint.dim(duration(options.now()))}`);

  const outside = await startOutside({ seed: options.seed, size: options.size, asOf: options.clock.now() });
  options.onEnd('simulators', () => outside.stop());
  const { survey } = outside;
  const sum = (pick: (school: SchoolSurvey) => number) =>
    count(survey.schools.reduce((all, one) => all + pick(one), 0));
  step(
    'District',
    `${survey.name}: ${plural(survey.schools.length, 'school')}, ${sum(({ people }) => people)} people, ` +
      `${sum(({ classes }) => classes)} classes, ${sum(({ enrollments }) => enrollments)} enrollments`,
  );
  step(
    'Outside',
    `a OneRoster SIS at ${new URL(outside.sisUrl).host}, a Google Workspace at ${new URL(outside.googleUrl).host}`,
  );

  const tenantId = await makeTenant(options.app, survey);
  const key = await options.createKey(tenantId);
  const variables: TabVariables = {};
  const graphiql = { authorization: `Bearer ${key}`, variables };
  const { url } = await options.serve({ allowedHosts: outside.hosts, graphiql });
  const api = openApi({ url, key, signal });
  options.onEnd('demo client', () => api.close());
  step('Homeroom', `gateway and worker at ${url}`);

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
  step(
    'Integrations',
    `OneRoster${withClassroom ? ' and Google Workspace' : ''} for each school, connected and tested through the API`,
  );

  return stage;
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
