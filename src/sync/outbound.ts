/** The outbound door of a process: every run's calls go through it, under quotas that all processes share. */
import { makeHttp } from '../connectors/kit/http.ts';
import { asTenant, type Sql } from '../db/client.ts';
import { takeCalls } from '../db/queries/token-bucket.ts';
import type { Engine } from './engine.ts';

/** `db`: connections of a role that may write the tenant's buckets. `allowedHosts`: see HOMEROOM_ALLOWED_HOSTS. */
export function outbound(db: Sql, allowedHosts: readonly string[]): Engine['http'] {
  return ({ connector, limits, quotaKeys, tenantId, signal, permit }) => {
    const identity = { tenantId, schoolIds: null, actor: 'quota' };
    const http = makeHttp({
      provider: connector.id,
      allowedHosts,
      limits,
      quotaKeys,
      signal,
      permit,
      takeCalls: (name, want, bucket) =>
        asTenant(db, identity, (tx) => takeCalls(tx, tenantId, `${connector.id} ${name}`, want, bucket)),
    });
    signal.addEventListener('abort', () => void http.close().catch(() => undefined), { once: true });

    return http;
  };
}
