/** What the demo is told and given by the process it runs in. */
import type { Sql } from '../db/client.ts';
import type { Clock } from '../model/clock.ts';
import type { DistrictSize } from '../simulators/district/schools.ts';
import type { LifeOptions } from './life.ts';
import type { Output } from './screen.ts';
import type { TabVariables } from './where.ts';

export interface ServeOptions {
  /** `host:port` pairs that outbound calls may reach besides those of the configuration. */
  readonly allowedHosts: readonly string[];
  /** For GraphiQL; `variables` is still being filled when it is given, and read when a browser first asks for the page. */
  readonly graphiql: { readonly authorization: string; readonly variables: TabVariables };
}

export interface DemoOptions {
  readonly size: DistrictSize;
  /** The same seed makes the same district. */
  readonly seed: string;
  /** Ends after the summary. */
  readonly once: boolean;
  readonly out: Output;
  readonly clock: Clock;
  /** Milliseconds since the process started. */
  readonly now: () => number;
  /** Connections of the role that serves requests: the tenant is made on them, nothing else. */
  readonly app: Sql;
  /** Makes an API key with all scopes for this tenant and answers it. */
  createKey(tenantId: string): Promise<string>;
  /** Starts gateway and worker in this process; answers the gateway's address, such as `http://127.0.0.1:4000`. */
  serve(options: ServeOptions): Promise<{ url: string }>;
  /** How fast the district lives after the summary; left out, as a person can follow. */
  readonly life?: Pick<LifeOptions, 'pace' | 'stories'>;
  /** What must be closed when the process ends; the last given is closed first. */
  onEnd(name: string, close: () => Promise<void>): void;
}
