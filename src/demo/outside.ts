/** The systems around Homeroom: a SIS and a Google Workspace on loopback, each in a process of its own. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { DistrictSize } from '../simulators/district/schools.ts';
import { startInOwnProcess } from '../simulators/kit/own-process.ts';
import { startOneRosterProcess } from '../simulators/oneroster/own-process.ts';
import type { SchoolSurvey, Survey } from './survey.ts';

export interface Form {
  settings: Record<string, unknown>;
  credentials: Record<string, unknown>;
}

export interface Outside {
  survey: Survey;
  /** `host:port` of both, which outbound calls may reach. */
  hosts: string[];
  sisUrl: string;
  googleUrl: string;
  /** What an administrator fills in to connect the school's SIS. */
  oneRoster(school: SchoolSurvey): Form;
  /** What an administrator fills in to connect the school's Google Workspace. */
  classroom(school: SchoolSurvey): Form;
  /** What somebody does in the SIS: an act of the simulator's control door. */
  inSis(act: string, input: object): Promise<unknown>;
  /** What somebody does in the Google domain. */
  inGoogle(act: string, input: object): Promise<unknown>;
  classroomHolds(): Promise<ClassroomCounts>;
  stop(): Promise<void>;
}

const classroomCounts = z.object({ courses: z.int(), teachers: z.int(), students: z.int(), invitations: z.int() });
export type ClassroomCounts = z.infer<typeof classroomCounts>;

/** What Homeroom asks a Workspace administrator to allow. */
const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'].map(
  (scope) => `https://www.googleapis.com/auth/${scope}`,
);

/** Starts both and fills them with the district of this seed, as it stands on `asOf`; `survey` is of the same. */
export async function startOutside(
  survey: Survey,
  district: { seed: string; size: DistrictSize; asOf: Date },
): Promise<Outside> {
  const { domain, schools } = survey;
  const secrets = new Map(schools.map(({ sourcedId }) => [sourcedId, randomUUID()]));
  const admins = new Map(schools.map(({ sourcedId }, index) => [sourcedId, `it-office-${index + 1}@${domain}`]));
  const [sis, google] = await Promise.all([
    startOneRosterProcess({
      district: { generate: district },
      // A key pair for each school, which sees that school: a SIS that serves a district gives them out so.
      clients: schools.map(({ sourcedId }) => ({
        id: `homeroom-${sourcedId}`,
        secret: secretOf(sourcedId),
        orgs: [sourcedId],
      })),
      versions: ['1.2'],
      lifeSeed: district.seed,
    }),
    startInOwnProcess(new URL('../simulators/google-workspace/run.ts', import.meta.url), {
      domains: [{ name: domain, admins: [...admins.values()], users: survey.accounts }],
    }),
  ]);
  // Google counts calls by project and account: a service account for each school gives each its own quota.
  const keys = new Map(
    await Promise.all(
      schools.map(async ({ sourcedId }, index) => {
        const about = { name: 'homeroom', project: `homeroom-school-${index + 1}`, scopes, domains: [domain] };
        return [sourcedId, JSON.stringify(await google.act('makeServiceAccount', about))] as const;
      }),
    ),
  );

  function secretOf(sourcedId: string): string {
    return secrets.get(sourcedId) ?? '';
  }

  return {
    survey,
    hosts: [new URL(sis.origin).host, new URL(google.origin).host],
    sisUrl: sis.baseUrls['1.2'] ?? sis.origin,
    googleUrl: google.origin,
    oneRoster: ({ sourcedId }) => ({
      settings: { baseUrl: sis.baseUrls['1.2'], version: '1.2', tokenUrl: sis.tokenUrl, schoolSourcedId: sourcedId },
      credentials: { clientId: `homeroom-${sourcedId}`, clientSecret: secretOf(sourcedId) },
    }),
    classroom: ({ sourcedId }) => ({
      settings: { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token` },
      credentials: { serviceAccountKey: keys.get(sourcedId), adminEmail: admins.get(sourcedId) },
    }),
    inSis: (act, input) => sis.act(act, input),
    inGoogle: (act, input) => google.act(act, { domain, ...input }),
    async classroomHolds() {
      const [held] = z.array(z.object({ counts: classroomCounts })).parse(await google.state({ domain }));
      return held?.counts ?? { courses: 0, teachers: 0, students: 0, invitations: 0 };
    },
    async stop() {
      await Promise.all([sis.stop(), google.stop()]);
    },
  };
}
