/** Requests that nobody sends in good faith. */
import type { GraphQLSchema } from 'graphql';
import type { Dice } from './dice.ts';
import { graphqlRequest, type Request } from './exchange.ts';
import { evil, evilArguments, hostileDocument, wrongVariables } from './hostile-documents.ts';
import { validQuery } from './valid.ts';
import type { Pool } from './values.ts';

export interface Attack {
  readonly kind: string;
  readonly request: Request;
}

export interface Ground {
  readonly schema: GraphQLSchema;
  readonly pool: Pool;
  readonly key: string;
  readonly dice: Dice;
}

const kinds: Readonly<Record<string, (ground: Ground) => Request>> = {
  document: ({ key, dice }) => graphqlRequest(key, hostileDocument(dice)),
  variables: ({ key, dice, ...from }) =>
    graphqlRequest(key, wrongVariables(validQuery(from.schema, from.pool, dice), dice)),
  arguments: ({ key, dice, schema, pool }) => graphqlRequest(key, evilArguments(schema, pool, dice)),
  mutated: ({ key, dice, schema, pool }) =>
    graphqlRequest(key, mutated(JSON.stringify(validQuery(schema, pool, dice)), dice)),
  json: ({ key, dice }) => graphqlRequest(key, brokenJson(dice)),
  batch: ({ key, dice }) =>
    graphqlRequest(key, JSON.stringify(Array.from({ length: dice.below(50) }, () => ({ query: '{ viewer { id } }' })))),
  headers: ({ key, dice }) => withOddHeaders(graphqlRequest(key, { query: '{ viewer { id } }' }), dice),
  method: ({ key, dice }) => oddMethod(graphqlRequest(key, { query: '{ viewer { id } }' }), dice),
  link: ({ key, dice, pool }) => spoiledLink(key, pool.links, dice),
  address: ({ key, dice }) => oddAddress(key, dice),
};

/** Documents and arguments more often than the rest: there is more to them. */
const drawn = [
  'document',
  'document',
  'document',
  'arguments',
  'arguments',
  'arguments',
  'variables',
  'variables',
  'mutated',
  'mutated',
  'json',
  'batch',
  'headers',
  'method',
  'address',
  'link',
];

export function attack(ground: Ground): Attack {
  const kind = ground.dice.of(drawn);

  return { kind, request: kinds[kind]?.(ground) as Request };
}

/** Some bytes changed, doubled or taken out. */
function mutated(text: string, dice: Dice): Buffer {
  let bytes = Buffer.from(text);
  for (let count = 1 + dice.below(6); count > 0; count -= 1) {
    const [from, length] = [dice.below(bytes.length), 1 + dice.below(12)];
    const [before, part, after] = [
      bytes.subarray(0, from),
      bytes.subarray(from, from + length),
      bytes.subarray(from + length),
    ];
    const other = dice.of([
      Buffer.from([dice.below(256)]),
      Buffer.concat([part, part]),
      Buffer.alloc(0),
      Buffer.from('\\u0000'),
      Buffer.from('}'),
    ]);
    bytes = Buffer.concat([before, other, after]);
  }

  return bytes;
}

function brokenJson(dice: Dice): Buffer | string {
  return dice.of<() => Buffer | string>([
    () => '',
    () => '{',
    () => 'null',
    () => '42',
    () => '"{ viewer { id } }"',
    () => '[]',
    () => '{}',
    () => '{"query":null}',
    () => '{"query":{"a":1}}',
    () => '{"query":["{ viewer { id } }"]}',
    () => '{"query":"{ viewer { id } }","variables":"x"}',
    () => '{"query":"{ viewer { id } }","variables":[1]}',
    () => '{"query":"{ viewer { id } }","operationName":{"a":1}}',
    () => '{"query":"{ viewer { id } }","extensions":"x"}',
    () => '{"query":"{ viewer { id } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}',
    () => '{"extensions":{"persistedQuery":{"version":{},"sha256Hash":[]}}}',
    () => '{"documentId":"sha256:x"}',
    () => '{"query":"{ viewer { id } }","__proto__":{"query":"{ x }"},"constructor":{"prototype":{}}}',
    () => `{"query":"{ viewer { id } }","variables":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
    () => `{"query":"{ viewer { id } }","variables":{"n":1e${'9'.repeat(300)}}}`,
    () => '{"query":"{ viewer { id } }"}{"query":"{ viewer { id } }"}',
    () => Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
    () =>
      Buffer.concat([
        Buffer.from('{"query":"{ viewer { id } }","x":"'),
        Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]),
        Buffer.from('"}'),
      ]),
    () => 'x'.repeat(300_000),
    () => `{"query":"{ viewer { id } } #${' '.repeat(255_000)}"}`,
    () =>
      JSON.stringify({ query: evil(dice), variables: evil(dice), operationName: evil(dice), extensions: evil(dice) }),
  ])();
}

function withOddHeaders(request: Request, dice: Dice): Request {
  const [name, value] = dice.of<readonly [string, string]>([
    ['content-type', 'text/plain'],
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-type', 'multipart/form-data; boundary=x'],
    ['content-type', 'application/json; charset=utf-16'],
    ['content-type', 'application/graphql'],
    ['content-type', 'application/json, text/html'],
    ['content-type', ';'],
    ['content-encoding', 'gzip'],
    ['content-encoding', 'br'],
    ['accept', 'image/png'],
    ['accept', 'text/event-stream'],
    ['accept', 'application/graphql-response+json;q=0, */*;q=0'],
    ['accept', ','.repeat(500)],
    ['accept', 'multipart/mixed'],
    ['authorization', 'Bearer'],
    ['authorization', 'Bearer hr_live_00000000_nothing'],
    ['authorization', `Bearer hr_${'x'.repeat(5_000)}`],
    ['authorization', 'Bearer a.b.c'],
    [
      'authorization',
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{}').toString('base64url')}.`,
    ],
    ['authorization', 'Basic eDp4'],
    ['origin', 'https://evil.example'],
    ['traceparent', '00-00000000000000000000000000000000-0000000000000000-ff'],
    ['traceparent', 'x'.repeat(2_000)],
    ['x-forwarded-for', '127.0.0.1'],
    ['cookie', 'a=b; __proto__=c'],
  ]);

  return { ...request, headers: { ...request.headers, [name]: value } };
}

function oddMethod(request: Request, dice: Dice): Request {
  const method = dice.of(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'QUERY']);

  return { ...request, method, body: ['GET', 'HEAD'].includes(method) ? null : request.body };
}

/** Of a report or an export that is there, and then a little wrong. */
function spoiledLink(key: string, links: readonly string[], dice: Dice): Request {
  const link = links.length > 0 ? dice.of(links) : '/reports/nothing';
  const at = 9 + dice.below(link.length - 9);
  const token = dice.chance(0.5)
    ? link
    : `${link.slice(0, at)}${dice.of(['A', '%00', '', '/', '..', '%ff'])}${link.slice(at + 1)}`;
  const after = dice.chance(0.5)
    ? `?after=${encodeURIComponent(JSON.stringify(evil(dice)).slice(0, 2_000).toWellFormed())}`
    : '';
  const method = dice.of(['GET', 'GET', 'GET', 'HEAD', 'POST']);

  return { ...graphqlRequest(key, ''), method, path: `${token}${after}`, body: null };
}

function oddAddress(key: string, dice: Dice): Request {
  const queries = [
    '?query={viewer{id}}',
    '?query=mutation{__typename}',
    '?query=%00',
    '?query=%ff',
    '?query={',
    '?query[]=x&query=y',
    '?',
    '?variables={',
    `?query=${'a'.repeat(8_000)}`,
    '?query=subscription{schoolActivity{__typename}}',
  ];
  const others = [
    '/',
    '/graphql/',
    '/graphql//x',
    '/GRAPHQL',
    '/%2e%2e/graphql',
    '/reports/x',
    '/reports/%00',
    '/reports/',
    '/exports/x?after=y',
    '/exports/%00',
    '/webhooks/edusign/x',
    '/webhooks/%ff/%00',
    '/metrics',
    '/health',
    '/ready',
    '/__proto__',
    '/constructor',
    `/${'a/'.repeat(2_000)}`,
  ];
  const request = graphqlRequest(key, '');
  const path = dice.chance(0.5) ? `/graphql${dice.of(queries)}` : dice.of(others);

  return dice.chance(0.7)
    ? { ...request, method: 'GET', path, body: null }
    : { ...request, path, body: dice.of(['', '{}', 'x']) };
}
