/** What a OneRoster simulator can be told to be. */

import type { District } from '../district/records.ts';
import type { SimulatorClock } from '../kit/clock.ts';
import type { ErrorShape } from './errors.ts';
import type { Quirk } from './quirks.ts';
import type { ScopeName } from './scopes.ts';

export type Version = '1.1' | '1.2';

/** Who may ask. What it may see is narrowed to the schools of its orgs, and a district's schools are its own. */
export interface OneRosterClient {
  id: string;
  secret: string;
  /** How it signs in. Default `oauth2`. */
  kind?: 'oauth2' | 'oauth1';
  /** sourcedIds of the orgs it may see; without them, everything. */
  orgs?: readonly string[] | undefined;
  /** Default: all rostering reads, without demographics. */
  scopes?: readonly ScopeName[];
}

/** How the token endpoint behaves; the defaults are those of RFC 6749. */
export interface TokenOptions {
  /** Path under the prefix. Default `/oauth2/token`. */
  path?: string;
  /** Seconds, by the simulator's clock. Default 3600. */
  lifetime?: number;
  /** How the lifetime is told. Default `number`. */
  expiresIn?: 'number' | 'string' | 'absent';
  /** Default true. */
  tellsScope?: boolean;
  /** Where client id and secret may stand. Default `both`. */
  credentialsIn?: 'basic' | 'body' | 'both';
  /** Whether id and secret in a Basic header are read form-encoded, as RFC 6749 says, as they are, or either way. Default `form`. */
  basicEncoding?: 'form' | 'raw' | 'both';
  /** What a scope that nobody knows or the client may not have does. Default `ignored`. */
  unknownScope?: 'ignored' | 'refused';
  /** What a request without scope gets. Default `all` that the client may have. */
  emptyScope?: 'all' | 'refused';
}

/** `full`: every field. A list: these fields only, others are refused. */
export type FilterSupport = 'full' | 'ignored' | 'refused' | readonly string[];

export interface OneRosterOptions {
  district: District;
  clients: readonly OneRosterClient[];
  /** Default both. */
  versions?: readonly Version[];
  /** What stands before `/ims`, such as `/campus`. Default nothing. */
  prefix?: string;
  /** The most records in a page, however many are asked for. Default: as many as asked for. */
  pageCap?: number;
  /** Default `full`. */
  filtering?: FilterSupport;
  /** Default `full`. */
  sorting?: 'full' | 'ignored' | 'refused';
  /** Whether collections below others (`/schools/{id}/classes`) exist. Default true. */
  nested?: boolean;
  /** Default `standard`, which is different in 1.1 and 1.2. */
  errors?: ErrorShape;
  token?: TokenOptions;
  quirks?: readonly Quirk[];
  clock?: SimulatorClock;
  /** Default: a free one. */
  port?: number;
  /** Seed of what happens by the control door's `life`. */
  lifeSeed?: string | number;
}
