/** An Auriga on loopback with the Keycloak in front of it: two favourites, read page by page with a bearer token. */

import { type KeycloakOptions, type KeycloakSimulator, startKeycloakSimulator } from '../keycloak/simulator.ts';
import type { SimulatorClock } from '../kit/clock.ts';
import { createClock } from '../kit/clock.ts';
import type { Answer, SimulatorRequest } from '../kit/exchange.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';
import { content, type GridStyle, groupsGrid, headings, interventionsGrid } from './grid.ts';
import type { AurigaWorld } from './world.ts';

export interface AurigaOptions {
  world: AurigaWorld;
  keycloak?: Partial<Omit<KeycloakOptions, 'clock'>>;
  /** Ids of the two favourites. */
  favorites?: { interventions: string; groups: string };
  style?: Partial<GridStyle>;
  /** The most rows of a page, whatever is asked for. */
  pageCap?: number;
  clock?: SimulatorClock;
}

export interface AurigaSimulator extends Simulator {
  keycloak: KeycloakSimulator;
  world: AurigaWorld;
  style: GridStyle;
  favorites: { interventions: string; groups: string };
  switches: Switches;
}

/** What a planner's or an administrator's hand does to a favourite. */
export interface Switches {
  /** The favourite lists nothing, whatever is planned. */
  empty: boolean;
  /** So many more pages after a first one come with a total that has grown by one. */
  totalsToChange: number;
  /** Favourites this user may not read. */
  forbidden: Set<string>;
}

export const demoClient = { id: 'edusign', secret: 'client-s3cret' };
export const demoUser = { username: 'svc-homeroom', password: 'pa:ss %wörd' };

export async function startAurigaSimulator(options: AurigaOptions): Promise<AurigaSimulator> {
  const { world, pageCap = 500, favorites = { interventions: '4711', groups: '4712' } } = options;
  const clock = options.clock ?? createClock();
  const style: GridStyle = { labels: 'object', rows: 'positional', headings: {}, ...options.style };
  const switches: Switches = { empty: false, totalsToChange: 0, forbidden: new Set() };
  const keycloak = await startKeycloakSimulator({
    realm: 'your-company',
    clients: [demoClient],
    users: [demoUser],
    ...options.keycloak,
    clock,
  });

  const gridOf = (favorite: string | undefined) => {
    const { groups, sessions } = world;
    if (favorite === favorites.groups) return { names: headings.groups, count: groups.size, rowsOf: groupsGrid };
    if (favorite !== favorites.interventions) return null;
    return { names: headings.interventions, count: switches.empty ? 0 : sessions.size, rowsOf: interventionsGrid };
  };

  const search = ({ headers, params, query, body }: SimulatorRequest): Answer => {
    const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
    if (token === undefined || !keycloak.admits(token)) return { status: 401, json: { error: 'Unauthorized' } };
    if (body.kind !== 'json') return { status: 400, json: { error: 'Bad Request' } };
    const grid = gridOf(params.favorite);
    if (grid === null) return { status: 404, json: { error: 'Not Found' } };
    if (switches.forbidden.has(params.favorite ?? '')) return { status: 403, json: { error: 'Forbidden' } };

    const page = Number(query.get('page') ?? '1');
    const size = Math.min(Number(query.get('size') ?? '100'), pageCap);
    if (!(page >= 1 && size >= 1)) return { status: 400, json: { error: 'Bad Request' } };
    const shown = [(page - 1) * size, page * size] as const;
    let totalElements = grid.count;
    if (page > 1 && switches.totalsToChange > 0) {
      switches.totalsToChange -= 1;
      totalElements += 1;
    }

    return {
      status: 200,
      json: {
        totalElements,
        totalPages: Math.ceil(grid.count / size),
        page,
        size,
        content: content(grid.names, grid.count === 0 ? [] : grid.rowsOf(world, style, shown), style),
      },
    };
  };

  const simulator = await startSimulator({
    name: 'Auriga',
    clock,
    routes: [
      {
        name: 'searchResult',
        method: 'POST',
        path: '/api/favoriteQueries/{favorite}/searchResult',
        handler: search,
        writes: false,
      },
    ],
    unknownRoute: () => ({ status: 404, json: { error: 'Not Found' } }),
    statusAnswer: (status) => ({ status, json: { error: 'Error' } }),
  });

  return {
    ...simulator,
    keycloak,
    world,
    style,
    favorites,
    switches,
    close: async () => {
      await simulator.close();
      await keycloak.close();
    },
  };
}
