// Edusign's calls to us when something happens: signed, tried once, never repeated.
import { createHmac } from 'node:crypto';
import type { EdusignOptions } from './options.ts';
import type { Sheet, SheetEvent } from './world.ts';

export interface Delivery {
  readonly event: SheetEvent;
  readonly body: string;
  /** The status of the answer; null when nobody answered. */
  readonly status: number | null;
}

export interface Webhooks {
  send(event: SheetEvent, sheet: Sheet, studentId?: string): void;
  set(webhook: EdusignOptions['webhook']): void;
  /** Ends when everything that was to be sent has been; what came of it, in order. */
  sent(): Promise<readonly Delivery[]>;
}

/** Edusign waits so many milliseconds for an answer. */
const patience = 15_000;

/** Sends to where the options say; nowhere without. */
export function createWebhooks(initial: EdusignOptions['webhook']): Webhooks {
  let webhook = initial;
  const underWay: Promise<Delivery>[] = [];

  return {
    send: (event, sheet, studentId) => {
      if (webhook === undefined) return;
      const student = studentId === undefined ? {} : { student: { ID: studentId } };
      const body = JSON.stringify({ type: event, course: { ID: sheet.ID, NAME: sheet.NAME }, ...student });
      underWay.push(deliver(webhook, event, body));
    },
    set: (next) => {
      webhook = next;
    },
    sent: () => Promise.all(underWay),
  };
}

async function deliver(webhook: { url: string; secret: string }, event: SheetEvent, body: string): Promise<Delivery> {
  const headers = {
    'content-type': 'application/json',
    'x-edusign-webhook-type': event,
    'x-edusign-hmac': createHmac('sha256', webhook.secret).update(body).digest('hex'),
    'x-edusign-version': '1',
  };
  try {
    const signal = AbortSignal.timeout(patience);
    const { status } = await fetch(webhook.url, { method: 'POST', headers, body, signal });
    return { event, body, status };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    return { event, body, status: null };
  }
}
