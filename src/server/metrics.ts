/** `/metrics`, for the operator's Prometheus: behind a key of its own, since the numbers are of all tenants. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BaseLogger } from 'pino';
import type { Exchange } from './graphql-http.ts';
import { sendJson } from './reply.ts';

export interface MetricsOptions {
  /** Sent as `Authorization: Bearer …`. */
  readonly key: string;
  readonly contentType: string;
  text(): Promise<string>;
}

export const metricsPath = '/metrics';

type MetricsDoor = (exchange: Pick<Exchange, 'request' | 'response'>) => Promise<void>;

export function createMetricsDoor({ key, contentType, text }: MetricsOptions): MetricsDoor {
  // Digests have one length, so that comparing them tells nothing of the key's.
  const digest = (value: string) => createHash('sha256').update(value).digest();
  const wanted = digest(`Bearer ${key}`);

  return async ({ request, response }) => {
    if (request.method !== 'GET') return sendJson(response, 405, { error: 'Use GET.' }, { allow: 'GET' });
    if (!timingSafeEqual(digest(request.headers.authorization ?? ''), wanted)) {
      return sendJson(
        response,
        401,
        { error: 'Send METRICS_KEY as a bearer token.' },
        { 'www-authenticate': 'Bearer' },
      );
    }
    const body = await text();
    response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A port for a process that has no other. @throws what listening throws. */
export async function startMetricsServer(
  options: MetricsOptions & { readonly host: string; readonly port: number; readonly log: Pick<BaseLogger, 'error'> },
): Promise<MetricsServer> {
  const door = createMetricsDoor(options);
  const http = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) => {
    if (request.url !== metricsPath) return sendJson(response, 404, { error: 'There is nothing at this address.' });
    door({ request, response }).catch((err: unknown) => {
      options.log.error({ err }, 'the metrics could not be told');
      response.destroy();
    });
  });
  http.listen(options.port, options.host);
  await once(http, 'listening');
  const { address, family, port } = http.address() as AddressInfo;

  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}
