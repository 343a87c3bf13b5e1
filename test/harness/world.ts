/** The outside of one school: a SIS and a Google domain with accounts for everybody, each in a process of its own. */
import type { District } from '../../src/simulators/district/records.ts';
import { type OwnProcess, startInOwnProcess } from '../../src/simulators/kit/own-process.ts';
import { type OneRosterProcess, startOneRosterProcess } from '../../src/simulators/oneroster/own-process.ts';

export interface World {
  sis: OneRosterProcess;
  google: OwnProcess;
  domain: string;
  /** What HOMEROOM_ALLOWED_HOSTS must name. */
  hosts: string[];
  oneRoster(school?: string): { settings: Record<string, unknown>; credentials: Record<string, unknown> };
  classroom(): { settings: Record<string, unknown>; credentials: Record<string, unknown> };
  stop(): Promise<void>;
}

const scopes = ['classroom.courses', 'classroom.rosters', 'classroom.profile.emails', 'admin.directory.user'];

/** Starts both; everybody of the district with an address in its most common mail domain has an account. */
export async function startWorld(district: District): Promise<World> {
  const addresses = district.users.flatMap((user) => (user.email ? [user.email.toLowerCase()] : []));
  const domain = commonest(addresses.map((address) => address.split('@')[1] ?? ''));
  const admin = `it-office@${domain}`;
  const users = district.users.flatMap((user) =>
    user.email?.toLowerCase().endsWith(`@${domain}`)
      ? [{ primaryEmail: user.email.toLowerCase(), givenName: user.givenName, familyName: user.familyName }]
      : [],
  );
  const [sis, google] = await Promise.all([
    startOneRosterProcess({ district: { records: district }, clients: [{ id: 'homeroom', secret: 'sis-secret' }] }),
    startInOwnProcess(new URL('../../src/simulators/google-workspace/run.ts', import.meta.url), {
      domains: [{ name: domain, admins: [admin], users }],
      quota: 'off',
    }),
  ]);
  const key = await google.act('makeServiceAccount', {
    name: 'homeroom',
    scopes: scopes.map((scope) => `https://www.googleapis.com/auth/${scope}`),
  });

  return {
    sis,
    google,
    domain,
    hosts: [new URL(sis.origin).host, new URL(google.origin).host],
    oneRoster: (school) => ({
      settings: {
        baseUrl: sis.baseUrls['1.1'] ?? sis.origin,
        version: '1.1',
        tokenUrl: sis.tokenUrl,
        ...(school && { schoolSourcedId: school }),
      },
      credentials: { clientId: 'homeroom', clientSecret: 'sis-secret' },
    }),
    classroom: () => ({
      // A school of a test has a quota it does not wait for.
      settings: { domain, apiRootUrl: google.origin, tokenUrl: `${google.origin}/token`, callsPerMinute: 600_000 },
      credentials: { serviceAccountKey: JSON.stringify(key), adminEmail: admin },
    }),
    async stop() {
      await Promise.all([sis.stop(), google.stop()]);
    },
  };
}

function commonest(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);

  return [...counts].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 'school.example';
}
