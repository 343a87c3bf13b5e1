/** Google Workspace for Education: a school's classes and rosters, mirrored in Google Classroom. */
import { type Connector, connector } from '../kit/contract.ts';
import { accounts } from './accounts.ts';
import { connect, type GoogleClient } from './client.ts';
import { courses } from './courses.ts';
import { probe } from './probe.ts';
import { students, teachers } from './rosters.ts';
import { credentials, type GoogleCredentials, type GoogleSettings, readMeans, settings } from './settings.ts';

const classroomLimits =
  'Classroom API: Usage limits, https://developers.google.com/workspace/classroom/reference/limits';
const directoryLimits =
  'Directory API: Limits and Quotas, https://developers.google.com/workspace/admin/directory/v1/limits';

const accountLimit = 'Classroom API, calls of an account';
const projectLimit = 'Classroom API, calls of a project';

export const googleWorkspace: Connector = connector<GoogleClient, GoogleSettings, GoogleCredentials>({
  id: 'google-workspace',
  name: 'Google Workspace',
  description: 'Keeps Google Classroom in step with the school: courses, their teachers and their students.',
  docs: 'https://developers.google.com/workspace/classroom',
  settings,
  credentials,
  // Both a service account and a refresh token are entered as credentials: nobody is sent to Google to consent.
  auth: ['serviceAccount'],
  limits: [
    {
      name: accountLimit,
      calls: 1_200,
      seconds: 60,
      per: 'user',
      paths: ['/v1/'],
      source: classroomLimits,
    },
    {
      name: projectLimit,
      calls: 3_000,
      seconds: 60,
      per: 'project',
      paths: ['/v1/'],
      source: classroomLimits,
    },
    {
      name: 'Classroom API, calls of a project in a day',
      calls: 4_000_000,
      seconds: 86_400,
      per: 'project',
      paths: ['/v1/'],
      source: classroomLimits,
    },
    {
      name: 'Directory API, calls of an account',
      calls: 2_400,
      seconds: 60,
      per: 'user',
      paths: ['/admin/directory/'],
      source: directoryLimits,
    },
  ],
  granted: ({ callsPerMinute: calls }): Record<string, number> =>
    // A project's quota is never less than one account's.
    calls === undefined ? {} : { [accountLimit]: calls, [projectLimit]: Math.max(calls, 3_000) },
  quotaKeys: ({ domain, customer }, given) => {
    const means = readMeans(given);
    const project = means.kind === 'token' ? means.clientId : (means.key.project_id ?? means.key.client_email);
    // Google counts an account within a project. Whose a refresh token is we do not know: one account a domain, then.
    const user = means.kind === 'token' ? domain : means.adminEmail;
    return { user: `${project}/${customer}/${user}`, project };
  },
  concurrency: 6,
  connect: (context) => connect(context),
  probe,
  streams: { accounts, courses, teachers, students },
});
