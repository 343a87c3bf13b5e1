/** The page in which people try operations out: served whole by us, nothing in it comes from elsewhere. */
import { readdir, readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { getOperationAST, Kind, parse } from 'graphql';

export interface GraphiqlOptions {
  /** A folder whose `.graphql` files become tabs: first those that run as they are, then by name. */
  readonly operationsDir?: string;
  /** Variables of a tab, by the name of its file without the ending. */
  readonly variables?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /**
   * Put into the page as the header and as the parameter of its WebSocket: whoever can open the page can act with it.
   * For a demo on one machine, not for a server others reach.
   */
  readonly authorization?: string;
}

export interface Graphiql {
  send(response: ServerResponse): Promise<void>;
}

/** All of it is in the page; only our own endpoint may be asked. Its editor makes workers and styles as it runs. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  'worker-src blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Opens nothing yet: the page is nine megabytes and is made when the first browser asks for it. */
export function createGraphiql(options: GraphiqlOptions): Graphiql {
  let page: Promise<Buffer> | undefined;

  return {
    async send(response) {
      page ??= render(options);
      const bytes = await page;
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-encoding': 'gzip',
        'content-length': bytes.length,
        'content-security-policy': policy,
      });
      response.end(bytes);
    },
  };
}

async function render({ operationsDir, variables, authorization }: GraphiqlOptions): Promise<Buffer> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const tabs = operationsDir === undefined ? [] : await readTabs(operationsDir, variables ?? {});
  const settings = {
    title: 'Homeroom',
    defaultTabs: tabs,
    // With a key in the page it is not kept in the browser, where it would outlive the key.
    shouldPersistHeaders: authorization === undefined,
    ...(authorization === undefined
      ? // The key a person types in is a header; a WebSocket of the page would not learn it.
        { subscriptionsProtocol: 'SSE' as const }
      : {
          subscriptionsProtocol: 'WS' as const,
          headers: JSON.stringify({ authorization }, null, 2),
          connectionParams: { authorization },
        }),
  };
  const text = JSON.stringify(settings);
  // As part of a script in the page, where `<` could end it.
  const html = renderGraphiQL(settings).replace(text, () => text.replaceAll('<', String.raw`\u003c`));
  return promisify(gzip)(html);
}

interface Tab {
  readonly query: string;
  readonly variables?: string;
}

async function readTabs(dir: string, variables: NonNullable<GraphiqlOptions['variables']>): Promise<Tab[]> {
  const files = (await readdir(dir)).filter((name) => name.endsWith(ending)).sort();
  const tabs = await Promise.all(
    files.map(async (file) => {
      const given = variables[file.slice(0, -ending.length)];
      const query = await readFile(join(dir, file), 'utf8');
      return { query, ...(given && { variables: JSON.stringify(given, null, 2) }) };
    }),
  );
  return tabs.sort((left, right) => rankOf(left) - rankOf(right));
}

const ending = '.graphql';

/** What can be run as it is comes first, and before everything what only reads. */
function rankOf({ query, variables }: Tab): number {
  const operation = getOperationAST(parse(query));
  const asks = operation?.variableDefinitions?.some(
    ({ type, defaultValue }) => type.kind === Kind.NON_NULL_TYPE && !defaultValue,
  );
  const kinds = ['query', 'subscription', 'mutation'];
  return kinds.indexOf(operation?.operation ?? 'mutation') + (asks && !variables ? kinds.length : 0);
}
