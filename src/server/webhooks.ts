/** The door at which providers ring: what is refused before it is read, and answers that tell a stranger nothing. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BaseLogger } from 'pino';
import type { Delivery } from '../connectors/kit/webhook.ts';
import type { Bell, Webhooks } from '../sync/webhooks.ts';
import { readBody, TooLarge } from './body.ts';
import type { Door, Exchange } from './graphql-http.ts';
import type { Limits } from './limits.ts';
import { createRate } from './rate.ts';
import { sendJson } from './reply.ts';

/** Where webhooks arrive, up to the provider. */
export const webhooksPath = '/webhooks/';

export interface WebhookDoorDeps {
  readonly webhooks: Webhooks;
  readonly limits: Limits;
  readonly log: Pick<BaseLogger, 'warn' | 'error'>;
}

const address = /^\/webhooks\/([a-z0-9-]{1,64})\/([A-Za-z0-9_-]{32})$/;

/** Addresses whose rate is known; of more than these the one that was quiet longest is forgotten. */
const mostRates = 10_000;

/** A handshake's answer is an echo: no longer than a token can be. */
const longestAnswer = 4096;

/** It took too long to arrive. */
class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

export function createWebhookDoor({ webhooks, limits, log }: WebhookDoorDeps): Door {
  const tooOften = createRates(limits.webhooksPerSecond);

  async function take(bell: Bell, { request, response }: Exchange): Promise<void> {
    const body = await inTime(readBody(request, limits.webhookBytes), limits.webhookMs);
    const taken = await webhooks.take(bell, deliveryOf(request, body));
    const { provider, integrationId } = bell;
    switch (taken.kind) {
      case 'asked':
        if (taken.answer.length > longestAnswer) return refuse(response, 400, 'This cannot be read.');
        return void response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(taken.answer);
      case 'taken':
        return sendJson(response, 202, { status: 'accepted' });
      case 'unreadable':
        log.warn({ provider, integrationId }, 'a webhook could not be read');
        return refuse(response, 400, 'This cannot be read.');
      case 'refused':
        log.warn(
          { provider, integrationId },
          'a webhook was refused: it is not signed with a secret of its integration',
        );
        return refuse(response, 401, 'This is not authentic.');
    }
  }

  return async (exchange) => {
    const { request, response } = exchange;
    const { method, headers } = request;
    if (method !== 'POST') return refuse(response, 405, 'Use POST.', { allow: 'POST' });
    if (Number(headers['content-length'] ?? 0) > limits.webhookBytes) return tooLarge(response);
    if (!isPlain(request)) return refuse(response, 415, 'Send plain application/json.');

    try {
      const [, provider = '', endpoint = ''] = address.exec((request.url ?? '').split('?', 1)[0] ?? '') ?? [];
      const bell = endpoint === '' ? null : await webhooks.find(provider, endpoint);
      if (bell === null) return refuse(response, 404, 'There is nothing at this address.');
      if (tooOften(endpoint)) return refuse(response, 429, 'This is too often.', { 'retry-after': '1' });
      await take(bell, exchange);
    } catch (error) {
      if (response.destroyed || request.socket.destroyed) return;
      if (error instanceof TooLarge) return tooLarge(response);
      if (error instanceof TooSlow)
        return refuse(response, 408, 'This took too long to arrive.', { connection: 'close' });
      log.error({ err: error }, 'a webhook could not be taken');
      refuse(response, 503, 'This could not be taken now.', { 'retry-after': '60' });
    }
  };
}

function refuse(response: ServerResponse, status: number, error: string, headers: Record<string, string> = {}): void {
  sendJson(response, status, { error }, headers);
}

function tooLarge(response: ServerResponse): void {
  refuse(response, 413, 'This is too large.');
}

/** JSON that is not compressed, for compressed bytes could become more than were counted; or nothing at all. */
function isPlain({ headers }: IncomingMessage): boolean {
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') return false;
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

  return isEmpty || /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

function deliveryOf(request: IncomingMessage, body: Buffer): Delivery {
  const named = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  const { searchParams } = new URL(request.url ?? '', 'http://homeroom');

  return { headers: Object.fromEntries(named), query: searchParams, body };
}

function createRates(perSecond: number): (endpoint: string) => boolean {
  const rates = new Map<string, () => boolean>();

  return (endpoint) => {
    const rate = rates.get(endpoint) ?? createRate(perSecond);
    rates.delete(endpoint);
    rates.set(endpoint, rate);
    const [quietest] = rates.keys();
    if (rates.size > mostRates && quietest !== undefined) rates.delete(quietest);

    return rate();
  };
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new TooSlow()), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
