/** A school with an Auriga and an Edusign, both simulated, and Homeroom between them, on a clock that is put forward by hand. */
import { auriga } from '../../src/connectors/auriga/index.ts';
import { edusign } from '../../src/connectors/edusign/index.ts';
import type { Schedule } from '../../src/model/schedule.ts';
import {
  type AurigaSimulator,
  demoClient,
  demoUser,
  startAurigaSimulator,
} from '../../src/simulators/auriga/simulator.ts';
import { createEdusignSimulator, type EdusignSimulator } from '../../src/simulators/edusign/simulator.ts';
import type { SimulatorClock } from '../../src/simulators/kit/clock.ts';
import { createScheduler, type Scheduler } from '../../src/sync/schedules.ts';
import { type TestEngine, testEngine } from '../harness/engine.ts';
import { type Day, darkDays } from './calendar.ts';
import type { School } from './school.ts';

/** The two windows that the school's contract promises, in its own time. */
const schedule: Schedule = {
  kind: 'windows',
  windows: [
    { from: '11:00', until: '13:00' },
    { from: '18:00', until: '21:00' },
  ],
  timeZone: 'Europe/Paris',
};

/** Thousands of rows are read and answered by one process: nobody is hanging. */
const patient = { headers: 60_000, idle: 60_000 };

export interface Stage {
  readonly homeroom: TestEngine;
  readonly source: AurigaSimulator;
  readonly there: EdusignSimulator;
  readonly scheduler: Scheduler;
  readonly ids: { readonly source: string; readonly there: string };
  readonly clock: SimulatorClock & { set(now: Date): void };
  close(): Promise<void>;
}

export async function setStage(
  school: School,
  start: Date,
  options: { groupSync: boolean; from: Day; until: Day },
): Promise<Stage> {
  let now = start;
  const clock = {
    now: () => now,
    advance: (ms: number) => void (now = new Date(now.getTime() + ms)),
    set: (next: Date) => void (now = next),
  };
  const source = await startAurigaSimulator({ world: school.world, clock });
  const there = await createEdusignSimulator({ apiKeys: ['key'], pace: 'off' }, clock);
  const settings = { previewFirst: false, blackouts: darkDays(options.from, options.until) };
  const homeroom = await testEngine([auriga, edusign], settings, { clock, timeouts: patient });
  await homeroom.write((tx) => tx`update school set time_zone = 'Europe/Paris'`);
  const form = {
    url: source.origin,
    keycloakUrl: source.keycloak.origin,
    realm: 'your-company',
    interventionsDetailFavoriteQueryId: source.favorites.interventions,
    ...(options.groupSync && { GroupesDetailFavoriteQueryId: source.favorites.groups }),
  };
  const credentials = { clientId: demoClient.id, clientSecret: demoClient.secret, ...demoUser };
  const ids = {
    source: await homeroom.connect('auriga', form, credentials),
    there: await homeroom.connect(
      'edusign',
      { apiRootUrl: there.origin, groupSync: options.groupSync },
      { edusignToken: 'key' },
    ),
  };
  const act = { tenantId: homeroom.school.tenant.id, by: 'a person', now: start };
  for (const integrationId of Object.values(ids)) {
    await homeroom.write((tx) => homeroom.api.updateIntegration(tx, { ...act, integrationId, schedule }));
  }

  return {
    homeroom,
    source,
    there,
    scheduler: createScheduler(homeroom.engine, homeroom.database.system),
    ids,
    clock,
    close: async () => {
      await homeroom.database.drop();
      await there.close();
      await source.close();
    },
  };
}

/** When the next schedule is due. */
export async function nextDue({ homeroom }: Stage): Promise<Date> {
  const [row] = await homeroom.write(
    (tx) => tx<{ at: Date }[]>`select min(next_sync_at) as at from integration where next_sync_at is not null`,
  );
  if (row === undefined) throw new Error('No schedule comes any more.');

  return row.at;
}
