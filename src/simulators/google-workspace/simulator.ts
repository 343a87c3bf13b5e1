// The simulated Google Workspace: Classroom, the users of Directory and the token endpoint on one origin.
import { createClock, type SimulatorClock } from '../kit/clock.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';
import { actsOf } from './acts.ts';
import { asRoute } from './api.ts';
import { NOT_FOUND, newShape, statusAnswer } from './errors.ts';
import { createGoogleHand, type GoogleHand } from './google-hand.ts';
import { googleMethods } from './methods.ts';
import { oauthRoutes } from './oauth/routes.ts';
import { createTokens } from './oauth/tokens.ts';
import { type GoogleOptions, googleOptions } from './options.ts';
import { apiOf, providerFaults } from './provider-faults.ts';
import { createQuota, GOOGLE_QUOTA } from './quota.ts';
import { GOOGLE_RULES } from './rules.ts';
import { createWorld } from './world.ts';

export interface GoogleSimulator extends Simulator, GoogleHand {}

/** Starts it. Rejects with a ZodError for options that are none. */
export async function createGoogleSimulator(
  given: GoogleOptions,
  clock: SimulatorClock = createClock(),
): Promise<GoogleSimulator> {
  const options = googleOptions.parse(given);
  const rules = { ...GOOGLE_RULES, ...options.rules };
  const world = createWorld(clock);
  const tokens = createTokens(clock);
  const quota = createQuota(clock, options.quota ?? GOOGLE_QUOTA);
  const accounts = new Map(options.serviceAccounts.map((account) => [account.clientEmail, account]));
  const clients = new Map(options.clients.map((client) => [client.clientId, client]));

  let tokenUri = '';
  const hand = createGoogleHand({ world, tokens, quota, accounts, clients, tokenUri: () => tokenUri });
  for (const domain of options.domains) hand.addDomain(domain);

  const simulator = await startSimulator({
    name: 'Google Workspace',
    clock,
    ...(options.port !== undefined && { port: options.port }),
    ...(options.journalLimit !== undefined && { journalLimit: options.journalLimit }),
    routes: [
      ...oauthRoutes({ world, tokens, accounts, clients }),
      ...googleMethods(world, rules).map((method) => asRoute(method, { tokens, quota })),
    ],
    unknownRoute: () => newShape('NOT_FOUND', NOT_FOUND),
    statusAnswer: (status, { path }) => statusAnswer(apiOf(path), status),
    providerAnswers: providerFaults,
    acts: actsOf(hand),
    state: (query) => {
      const name = query.get('domain');
      const seen = name === null ? hand.domains() : [hand.domain(name)];
      return seen.map((domain) => ({
        name: domain.name,
        counts: domain.counts(),
        courses: domain.courses(),
        users: domain.users(),
      }));
    },
  });
  tokenUri = `${simulator.origin}/token`;

  return { ...simulator, ...hand };
}
