/** A simulated Auriga with its Keycloak, and this connector connected to it; for tests. */
import {
  type AurigaOptions,
  type AurigaSimulator,
  demoClient,
  demoUser,
  startAurigaSimulator,
} from '../../simulators/auriga/simulator.ts';
import { makeAurigaWorld } from '../../simulators/auriga/world.ts';
import type { Page } from '../kit/contract.ts';
import { makeHttp } from '../kit/http.ts';
import { type AurigaClient, type AurigaContext, connect } from './client.ts';
import { auriga } from './index.ts';
import { credentials, settings } from './settings.ts';

export interface TestAuriga {
  simulator: AurigaSimulator;
  client: AurigaClient;
  context: AurigaContext;
  forms: { settings: Record<string, unknown>; credentials: Record<string, unknown> };
  /** All pages of a stream, read by a client of their own, as a run has one. */
  pages(stream: string): Promise<Page[]>;
  close(): Promise<void>;
}

export interface TestAurigaOptions extends Partial<AurigaOptions> {
  settings?: Record<string, unknown>;
  credentials?: Record<string, unknown>;
}

/** Ten learners in two groups, two days of sessions. */
export function smallWorld() {
  return makeAurigaWorld({ from: '2026-10-19', days: 2, learners: 10, groupSize: 5 });
}

export async function startTestAuriga(options: TestAurigaOptions = {}): Promise<TestAuriga> {
  const { settings: more, credentials: others, ...rest } = options;
  const simulator = await startAurigaSimulator({ world: smallWorld(), ...rest });
  const { keycloak, favorites } = simulator;
  const forms = {
    settings: {
      url: `${simulator.origin}/`,
      keycloakUrl: keycloak.bases[0] ?? '',
      realm: 'your-company',
      interventionsDetailFavoriteQueryId: favorites.interventions,
      GroupesDetailFavoriteQueryId: favorites.groups,
      ...more,
    },
    credentials: { clientId: demoClient.id, clientSecret: demoClient.secret, ...demoUser, ...others },
  };
  const signal = new AbortController().signal;
  const http = makeHttp({
    allowedHosts: [new URL(simulator.origin).host, new URL(keycloak.origin).host],
    limits: [],
    quotaKeys: {},
    takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
  });
  const context: AurigaContext = {
    settings: settings.parse(forms.settings),
    credentials: credentials.parse(forms.credentials),
    http,
    clock: simulator.clock,
    signal,
    sleep: async () => undefined,
  };

  return {
    simulator,
    client: connect(context),
    context,
    forms,
    pages: (stream) =>
      Array.fromAsync(
        auriga.streams[stream]?.pull.all?.({
          client: connect(context),
          settings: { ...context.settings },
          signal,
          clock: simulator.clock,
          checkpoint: null,
          keys: async function* () {},
        }) ?? [],
      ),
    close: async () => {
      await http.close();
      await simulator.close();
    },
  };
}
