/** Edusign: a school's sessions as attendance sheets, with the people who sign them. */
import { createHash } from 'node:crypto';
import { type Connector, connector } from '../kit/contract.ts';
import { connect, type EdusignClient } from './client.ts';
import { groups } from './groups.ts';
import { instructors, learners } from './people.ts';
import { probe } from './probe.ts';
import { credentials, type EdusignCredentials, type EdusignSettings, settings } from './settings.ts';
import { sheets } from './sheets.ts';
import { edusignWebhook } from './webhook.ts';

const limits = 'Edusign developers: API reference, https://developers.edusign.com/docs/api-reference';

const helpCentre = 'Edusign help centre, article 12523850, https://help.edusign.com';

export const edusign: Connector = connector<EdusignClient, EdusignSettings, EdusignCredentials>({
  id: 'edusign',
  name: 'Edusign',
  description: 'Keeps Edusign in step with the plan: attendance sheets, their instructors, learners and groups.',
  docs: 'https://developers.edusign.com',
  settings,
  credentials,
  auth: ['apiKey'],
  // Beyond these Edusign refuses nothing, but answers more and more slowly.
  limits: [
    { name: 'Edusign API, calls of a school', calls: 480, seconds: 60, per: 'key', source: limits },
    {
      name: 'Edusign API, heavy calls of a school',
      calls: 24,
      seconds: 60,
      per: 'key',
      // Which calls are heavy is not public: those that gather much at once are taken for heavy.
      paths: ['/v1/student/by-ids', '/v1/justified-absence'],
      source: limits,
    },
  ],
  // Edusign counts by key, which is a secret: a hash of it names the same school.
  quotaKeys: (_, { edusignToken }) => ({
    key: createHash('sha256').update(edusignToken).digest('base64url').slice(0, 22),
  }),
  allowLists: [
    {
      why: 'Mail from Edusign: invitations to sign, passwords, and what it tells about attendance must not end up in spam.',
      entries: [
        'edusign.fr',
        '*.edusign.fr',
        '*.*.edusign.fr',
        'edusign.app',
        '*.edusign.app',
        'edusign.com',
        '*.edusign.com',
        '*.*.edusign.com',
      ],
      source: helpCentre,
    },
    {
      why: 'The address that Edusign calls from, for a filter in front of Homeroom’s webhooks beside their signature. Homeroom itself calls from the address of the machine it runs on.',
      entries: ['52.47.74.210'],
      source: helpCentre,
    },
  ],
  concurrency: 4,
  connect,
  probe,
  streams: { groups, learners, instructors, sheets },
  webhook: edusignWebhook,
});
