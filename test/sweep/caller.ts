/** Somebody with a key, who asks over HTTP and gets whole answers as text; of a subscription, its beginning. */
import type { World } from './world.ts';

export interface Question {
  readonly document: string;
  readonly variables: Record<string, unknown>;
}

export interface Caller {
  readonly world: World;
  /** Whose ids it tries. */
  readonly others: readonly World[];
  /** Words that only others have. */
  readonly secrets: ReadonlySet<string>;
  /** A place in its tenant's stream of events. */
  readonly liveCursor: string;
  /** Status and body, as they came. */
  ask(question: Question): Promise<string>;
}

/** @param url of the server. */
export async function askOver(url: string, key: string, { document: query, variables }: Question): Promise<string> {
  const streams = query.startsWith('subscription');
  const left = new AbortController();
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: streams ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify({ query, variables }),
    signal: left.signal,
  });
  if (!streams || response.body === null) return `${response.status} ${await response.text()}`;
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/^event: (?:next|complete)\ndata:.*\n\n/m.test(text)) break;
  }
  left.abort();

  return `${response.status} ${text}`;
}
