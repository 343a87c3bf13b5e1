/** OneRoster 1.1 and 1.2 over REST: a school's roster, read from whatever SIS offers it that way. */
import { type Connector, connector } from '../kit/contract.ts';
import { academicSessions } from './academic-sessions.ts';
import { baseAddress } from './address.ts';
import { classes } from './classes.ts';
import { connect, type OneRosterClient } from './client.ts';
import { courses } from './courses.ts';
import { enrollments } from './enrollments.ts';
import { guardianLinks } from './guardian-links.ts';
import { orgs } from './orgs.ts';
import { probe } from './probe.ts';
import { credentials, type OneRosterCredentials, type OneRosterSettings, settings, usualCalls } from './settings.ts';
import { users } from './users.ts';

const serverLimit = 'Calls of a OneRoster server';

export const oneroster: Connector = connector<OneRosterClient, OneRosterSettings, OneRosterCredentials>({
  id: 'oneroster',
  name: 'OneRoster',
  description: 'Reads terms, courses, classes, people and enrollments from any SIS that offers OneRoster 1.1 or 1.2.',
  docs: 'https://www.imsglobal.org/activity/onerosterlis',
  settings,
  credentials,
  auth: ['clientCredentials', 'oauth1'],
  limits: [
    {
      name: serverLimit,
      calls: usualCalls,
      seconds: 60,
      per: 'server',
      source:
        'OneRoster 1.2 REST, status codes, https://www.imsglobal.org/spec/oneroster/v1p2 names no number, only 429 for too many: this one is ours, well above what one reader page by page needs; servers with a lower one say when to go on, and are obeyed.',
    },
  ],
  granted: ({ callsPerMinute: calls }): Record<string, number> => (calls === undefined ? {} : { [serverLimit]: calls }),
  quotaKeys: ({ baseUrl, version }) => ({ server: baseAddress(baseUrl, version) ?? baseUrl }),
  // Nothing is written, and pages are read one after the other: Infinite Campus asks for that at school hours.
  concurrency: 1,
  connect: async (context) => connect(context),
  probe,
  streams: { orgs, academicSessions, courses, users, guardianLinks, classes, enrollments },
});
