/** The schools' integrations, made and tested as an administrator would: through the public API. */
import { answers } from './answers.ts';
import type { Api } from './api.ts';
import { documents } from './documents.ts';
import type { Form } from './outside.ts';
import { DemoProblem } from './problem.ts';
import type { SchoolSurvey } from './survey.ts';

export interface Connected {
  /** Its global id in the API. */
  id: string;
  name: string;
  survey: SchoolSurvey;
  /** The OneRoster integration. */
  sisId: string;
  /** The Google Workspace integration; null while there is none. */
  classroomId: string | null;
}

export type Provider = 'oneroster' | 'google-workspace';

/** Ids of the schools in the API, by their id in the SIS. */
export async function schoolIds(api: Api): Promise<Map<string, string>> {
  const { schools } = await api.ask(documents.schools, {}, answers.schools);

  return new Map(schools.nodes.map(({ id, sourcedId }) => [sourcedId ?? '', id]));
}

/** Ids of the providers in the API, by slug. */
export async function providerIds(api: Api): Promise<Map<string, string>> {
  const { providers } = await api.ask(documents.providers, {}, answers.providers);

  return new Map(providers.map(({ id, slug }) => [slug, id]));
}

/** Makes the integration, then has its connection tested. Throws a DemoProblem with what the tests found wrong. */
export async function connectAndTest(api: Api, schoolId: string, providerId: string, form: Form): Promise<string> {
  const input = { schoolId, providerId, ...form };
  const { integration } = await api.act(documents.connectIntegration, input, answers.connected);
  const { ok, checks } = await api.act(documents.testConnection, { integrationId: integration.id }, answers.tested);
  if (ok) return integration.id;

  const wrong = checks.filter((check) => !check.ok).map(({ message, remedy }) => `${message} ${remedy ?? ''}`.trim());
  throw new DemoProblem(`A connection does not work. ${wrong.join(' ')}`);
}
