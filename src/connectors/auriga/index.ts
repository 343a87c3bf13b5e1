/** Auriga: a school's planning, read from saved queries behind a Keycloak. It is a source: nothing is written there. */
import { type Connector, connector } from '../kit/contract.ts';
import { type AurigaClient, connect } from './client.ts';
import { groups } from './groups-stream.ts';
import { meetings } from './meetings-stream.ts';
import { people } from './people-stream.ts';
import { probe } from './probe.ts';
import { type AurigaCredentials, type AurigaSettings, credentials, settings } from './settings.ts';

/** Edusign's installation guide for its own connector, which names what a school's network has to let through. */
const guide = 'Edusign help centre, article 12523850, https://help.edusign.com';

export const auriga: Connector = connector<AurigaClient, AurigaSettings, AurigaCredentials>({
  id: 'auriga',
  name: 'Auriga',
  description: 'Reads sessions with their rooms, learners, instructors and groups from the planning of an Auriga.',
  docs: 'https://help.edusign.com/fr/articles/12523850',
  settings,
  credentials,
  auth: ['password', 'clientCredentials'],
  limits: [
    {
      name: 'Calls of an Auriga',
      calls: 120,
      seconds: 60,
      per: 'server',
      source:
        'Auriga publishes no number; this one is ours. A sync makes a call for each 500 rows of its favourites, described at https://help.edusign.com/fr/articles/12523850, and a sign-in.',
    },
  ],
  allowLists: [
    {
      why: 'In the firewall in front of Auriga and its Keycloak, for Homeroom to read. Those who run Homeroom know the address.',
      entries: ['the public address of this Homeroom'],
      source: guide,
    },
    {
      why: 'The connector of Edusign itself. It is needed there only as long as that one reads Auriga too. Where the sessions go on to Edusign, its own page has the mail domains.',
      entries: ['52.47.74.210'],
      source: guide,
    },
  ],
  quotaKeys: ({ url }) => ({ server: url }),
  // Nothing is written, and pages are read one after the other.
  concurrency: 1,
  connect: async (context) => connect(context),
  probe,
  streams: { people, groups, meetings },
});
