/** The next page travels while the one before it is taken in: one request at a time all the same. */
import type { OneRosterClient } from './client.ts';

export interface Ahead {
  client: OneRosterClient;
  /** Asks for an address that will be wanted next. What goes wrong is told to who wants it; who does not hears nothing. */
  ask(url: string, doing: string, signal: AbortSignal): void;
}

/** A client that answers what has been asked ahead from that, and anything else as ever. */
export function readAhead(client: OneRosterClient): Ahead {
  let asked: { url: string; response: Promise<Response> } | null = null;

  return {
    client: {
      ...client,
      async get(url, doing, signal, attempts) {
        const before = asked;
        asked = null;
        if (before?.url === url) return before.response;
        // A server is asked one thing at a time: what nobody wants any more comes to its end first.
        await before?.response.catch(() => undefined);
        return client.get(url, doing, signal, attempts);
      },
    },
    ask(url, doing, signal) {
      const response = client.get(url, doing, signal);
      response.catch(() => undefined);
      asked = { url, response };
    },
  };
}
