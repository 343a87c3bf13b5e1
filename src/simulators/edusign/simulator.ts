// The simulated Edusign: learners, instructors, groups, sheets, absence reasons and webhooks on one origin.
import { createClock, type SimulatorClock } from '../kit/clock.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';
import { actsOf } from './acts.ts';
import { asRoute, type Gate, type Method, pageOf } from './call.ts';
import { plainText, providerFaults } from './envelope.ts';
import { groupMethods } from './groups.ts';
import { createHand, type EdusignHand } from './hand.ts';
import { type EdusignOptions, edusignOptions } from './options.ts';
import { createPace, type Pace } from './pace.ts';
import { peopleMethods } from './people.ts';
import { sheetMethods } from './sheets.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import { createWorld } from './world.ts';

export interface EdusignSimulator extends Simulator {
  readonly hand: EdusignHand;
  readonly pace: Pace;
  readonly webhooks: Webhooks;
  /** Switches the maintenance that Edusign has on Saturdays on and off. */
  maintain(underWay: boolean): void;
}

/** Starts it. Rejects with a ZodError for options that are none. */
export async function createEdusignSimulator(
  given: EdusignOptions,
  clock: SimulatorClock = createClock(),
): Promise<EdusignSimulator> {
  const options = edusignOptions.parse(given);
  const { schoolName, absenceReasons, classrooms } = options;
  const { sheets = 40, others = 100 } = options.pageSizes;
  const webhooks = createWebhooks(options.webhook);
  const world = createWorld(clock, (event, sheet, studentId) => webhooks.send(event, sheet, studentId));
  const gate: Gate = { keys: new Set(options.apiKeys), pace: createPace(clock, options.pace), maintenance: false };
  const hand = createHand(world);
  const maintain = (underWay: boolean) => {
    gate.maintenance = underWay;
  };

  const methods: Method[] = [
    {
      name: 'school.get',
      method: 'GET',
      path: '/v1/school',
      handler: () => ({ NAME: schoolName, TIMEZONE: 'Europe/Paris', LANGUAGE: 'fr', WEBHOOKS: [] }),
    },
    {
      name: 'absenceReasons.list',
      method: 'GET',
      path: '/v1/justified-absence/absence-reason',
      handler: () => absenceReasons,
    },
    {
      name: 'classrooms.list',
      method: 'GET',
      path: '/v1/classrooms',
      handler: (request) =>
        pageOf(
          classrooms.map((name, place) => ({ ID: `room-${place}`, NAME: name })),
          request,
          others,
        ),
    },
    ...peopleMethods(world, 'student', others),
    ...peopleMethods(world, 'professor', others),
    ...groupMethods(world, others),
    ...sheetMethods(world, sheets),
  ];

  const simulator = await startSimulator({
    name: 'Edusign',
    clock,
    ...(options.port !== undefined && { port: options.port }),
    ...(options.journalLimit !== undefined && { journalLimit: options.journalLimit }),
    routes: methods.map((method) => asRoute(method, gate)),
    unknownRoute: () => plainText(404),
    statusAnswer: (status) => plainText(status),
    providerAnswers: providerFaults,
    state: () => ({
      students: hand.people('student'),
      professors: hand.people('professor'),
      groups: hand.groups(),
      sheets: hand.sheets(),
      harmed: hand.harmed(),
    }),
    acts: actsOf(hand, maintain),
  });

  return { ...simulator, hand, pace: gate.pace, webhooks, maintain };
}
