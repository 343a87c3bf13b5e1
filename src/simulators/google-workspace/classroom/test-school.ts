// A simulated school and clients that act in it; for the tests of this folder.
import assert from 'node:assert/strict';
import { createGoogleSimulator, type GoogleSimulator } from '../simulator.ts';
import { actAs, type Clients, SCOPES, scopes } from '../test-clients.ts';

export const ADMIN = 'admin@school.example';
export const ANN = 'ann@school.example';
export const BEN = 'ben@school.example';
export const ZOE = 'zoe@school.example';
export const EVERY_STATE = ['ACTIVE', 'ARCHIVED', 'PROVISIONED', 'DECLINED', 'SUSPENDED'];

export interface TestSchool {
  readonly simulator: GoogleSimulator;
  /** As the admin. */
  readonly google: Clients['classroom'];
  /** As Ann, a teacher. */
  readonly asAnn: Clients['classroom'];
  /** As the admin, with no more than the scope to read rosters. */
  readonly asBare: Clients['classroom'];
  /** Makes an active course of Ann's and gives its id. */
  readonly create: (more?: object) => Promise<string>;
  /** Empties the school between two tests and makes sure that the simulator made no mistake. */
  readonly clear: () => void;
}

/** Starts the school. */
export async function startSchool(): Promise<TestSchool> {
  const simulator = await createGoogleSimulator({
    domains: [
      {
        name: 'school.example',
        admins: [ADMIN],
        users: [
          { primaryEmail: ANN, givenName: 'Ann', familyName: 'Årud' },
          { primaryEmail: BEN, givenName: 'Ben', familyName: 'Bos' },
          { primaryEmail: ZOE, givenName: 'Zoë', familyName: 'Zand' },
        ],
      },
      { name: 'other.example', admins: ['admin@other.example'] },
    ],
    rules: { calendarDelayMs: 60_000, membersOfACourse: 4 },
    quota: 'off',
  });
  const key = await simulator.makeServiceAccount({ scopes: [...SCOPES, ...scopes('classroom.rosters.readonly')] });
  const google = actAs(simulator, key, ADMIN).classroom;

  return {
    simulator,
    google,
    asAnn: actAs(simulator, key, ANN).classroom,
    asBare: actAs(simulator, key, ADMIN, scopes('classroom.rosters.readonly')).classroom,
    create: async (more = {}) => {
      const requestBody = { name: 'Maths', ownerId: ANN, courseState: 'ACTIVE', ...more };
      return (await google.courses.create({ requestBody })).data.id ?? '';
    },
    clear: () => {
      const hand = simulator.domain('school.example');
      for (const { id } of hand.courses()) hand.deleteCourse(id);
      assert.deepEqual(simulator.problems, []);
    },
  };
}
