/** A small provider and its connector, for testing the examination itself: once as it should be, and once with each flaw. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe } from 'node:test';
import { z } from 'zod';
import { classify } from '../classify.ts';
import { type Connector, connector, type Http, type Pages, stream } from '../contract.ts';
import { Unwell } from '../errors.ts';
import { examine, type Failure, type Stage } from '../examination.ts';
import { readJson } from '../read-json.ts';
import { isSigned, webhook } from '../webhook.ts';

export const flaws = [
  'a field without a description',
  'a secret that can be read',
  'a limit without a source',
  'keys that are not unique',
  'a choke on unknown fields',
  'a value of another kind',
  'a deaf pull',
  'a checkpoint that skips',
  'a create that is repeated',
  'a write that is not read back',
  'a key that changes',
  'a removal that fails the second time',
  'a wrong class of error',
  'a probe that throws',
  'a message with a secret',
  'a message with a name',
  'a webhook that believes anybody',
  'a webhook that signs only where it begins',
] as const;
export type Flaw = (typeof flaws)[number];

const key = 'hush-hush-key';
const person = 'Ørsted';

interface Group {
  id: string;
  name: string;
  note?: string;
}

interface Client {
  url: string;
  ask: (path: string, signal: AbortSignal, init?: RequestInit) => Promise<Response>;
}

const group = z.object({ id: z.string(), name: z.string() });
const page = z.object({ groups: z.array(z.unknown()), next: z.number().nullable() });
const asked = { provider: 'sample', name: 'the sample', doing: 'work with groups' };

function sample(flaw: string): Connector {
  const has = (name: Flaw) => flaw === name;

  const read = async <T>(
    client: Client,
    schema: z.ZodType<T>,
    path: string,
    signal: AbortSignal,
    init?: RequestInit,
  ) => {
    const response = await client.ask(path, has('a deaf pull') && !init ? new AbortController().signal : signal, init);
    if (response.ok) {
      if (!has('a message with a name')) return readJson(response, schema, asked);
      const text = await response.text();
      const parsed = schema.safeParse(JSON.parse(text.startsWith('{') && text.endsWith('}') ? text : 'null'));
      if (parsed.success) return parsed.data;
      throw new Unwell({ code: 'odd', message: `The sample sent ${text}.`, remedy: 'Wait.' });
    }
    if (has('a message with a secret'))
      throw new Unwell({ code: 'odd', message: `${key} is refused.`, remedy: 'Wait.' });
    if (has('a wrong class of error')) throw new Unwell({ code: 'odd', message: 'It is unwell.', remedy: 'Wait.' });
    throw classify(response, { ...asked, clock: { now: () => new Date() } });
  };

  async function* all({
    client,
    signal,
    checkpoint,
  }: {
    client: Client;
    signal: AbortSignal;
    checkpoint: string | null;
  }): Pages {
    let place: number | null =
      Number(checkpoint ?? 0) + (has('a checkpoint that skips') && checkpoint !== null ? 1 : 0);
    while (place !== null) {
      const { groups, next }: z.output<typeof page> = await read(client, page, `?page=${place}`, signal);
      yield { records: groups, next: next === null ? null : String(next) };
      place = next;
    }
  }

  const description = has('a field without a description') ? {} : { description: 'The key of the sample.' };
  return connector<Client, { url: string }, { key: string }>({
    id: 'sample',
    name: 'Sample',
    description: 'Holds groups.',
    docs: 'https://sample.example',
    settings: z.object({ url: z.string().meta({ title: 'Address', description: 'Where the sample is.' }) }),
    credentials: z.object({
      key: z.string().meta({ title: 'Key', ...description, writeOnly: !has('a secret that can be read') }),
    }),
    auth: ['apiKey'],
    limits: [
      {
        name: 'calls',
        calls: 9_000,
        seconds: 1,
        per: 'key',
        source: has('a limit without a source') ? 'hearsay' : 'https://sample.example/limits',
      },
    ],
    quotaKeys: () => ({ key: 'us' }),
    concurrency: 1,
    connect: async ({ settings, credentials, http }) => ({
      url: settings.url,
      ask: asker(http, settings.url, credentials.key),
    }),
    probe: async (client, { signal }) => {
      const look = read(client, page, '', signal);
      if (has('a probe that throws')) await look;
      return look.then(
        () => [{ name: 'groups', ok: true, message: 'All is well.', remedy: null }],
        () => [{ name: 'groups', ok: false, message: 'Not well.', remedy: 'Look at it.' }],
      );
    },
    webhook: webhook<unknown, { id: string }>({
      setup: 'Enter the address at the sample.',
      secretOf: () => undefined,
      verify: ({ headers, body }, { secrets }) => {
        const signed = has('a webhook that signs only where it begins') ? body.subarray(0, 4) : body;
        const believed = has('a webhook that believes anybody') || isSigned(signed, headers['x-signature'], secrets);
        return believed ? [{ id: 'g0' }] : [];
      },
      message: z.object({ id: z.string() }),
      hints: { groups: ({ id }) => [id] },
    }),
    streams: {
      groups: stream<Client, 'class', z.output<typeof group>>({
        entity: 'class',
        born: 'here',
        action: 'sample.group',
        wire: has('a choke on unknown fields') ? group.strict() : group,
        key: ({ id }) => (has('keys that are not unique') ? 'group' : id),
        fields: {
          title: {
            read: ({ name }) => (has('a value of another kind') ? ([name] as unknown as string) : name),
            write: (title) => ({ name: has('a write that is not read back') ? (title?.slice(1) ?? null) : title }),
            owner: 'homeroom',
          },
        },
        selects: { describe: 'All classes', leaving: 'park' },
        pull: { all },
        push: {
          create: async (client, { patch, signal, idempotencyKey, uncertain }) => {
            const once = has('a create that is repeated') && uncertain ? {} : { once: idempotencyKey };
            return {
              wire: await read(client, group, '', signal, {
                method: 'POST',
                body: JSON.stringify({ ...patch, ...once }),
              }),
            };
          },
          update: async (client, id, { patch, signal }) => {
            const wire = await read(client, group, `/${id}`, signal, { method: 'PATCH', body: JSON.stringify(patch) });
            return { wire: has('a key that changes') ? { ...wire, id: `${id}b` } : wire };
          },
          remove: async (client, id, { signal }) => {
            const response = await client.ask(`/${id}`, signal, { method: 'DELETE' });
            if (response.status === 404 && !has('a removal that fails the second time')) return;
            if (!response.ok) throw classify(response, { ...asked, clock: { now: () => new Date() } });
          },
        },
      }),
    },
  });
}

function asker(http: Http, url: string, secret: string): Client['ask'] {
  return (path, signal, init) =>
    http.fetch(`${url}/groups${path}`, { ...init, signal, headers: { authorization: `Bearer ${secret}` } });
}

/** Five groups, two on a page. */
async function start(flaw: string): Promise<Stage> {
  const groups: Group[] = ['A', 'B', 'C', 'D', person].map((name, place) => ({ id: `g${place}`, name, note: 'more' }));
  const made = new Map<string, Group>();
  let requests = 0;
  let failure: Failure | undefined;
  let losesNext = false;

  const answer = (request: IncomingMessage, body: string): [status: number, body?: unknown] => {
    const url = new URL(request.url ?? '/', 'http://sample');
    const id = url.pathname.split('/')[2];
    const place = Number(url.searchParams.get('page') ?? 0);
    const known = groups.find((one) => one.id === id);
    const given = (body === '' ? {} : JSON.parse(body)) as { name?: string; once?: string };
    switch (request.method) {
      case 'GET':
        return [
          200,
          { groups: groups.slice(place * 2, place * 2 + 2), next: place * 2 + 2 < groups.length ? place + 1 : null },
        ];
      case 'POST': {
        const before = given.once === undefined ? undefined : made.get(given.once);
        if (before) return [200, before];
        const fresh = { id: `g${groups.length}`, name: given.name ?? '' };
        groups.push(fresh);
        made.set(given.once ?? '', fresh);
        return [200, fresh];
      }
      case 'PATCH':
        if (known) known.name = given.name ?? known.name;
        return known ? [200, known] : [404];
      default:
        if (known) groups.splice(groups.indexOf(known), 1);
        return known ? [204] : [404];
    }
  };

  const serve = (request: IncomingMessage, body: string, response: ServerResponse) => {
    requests += 1;
    const statuses = { unauthorised: 401, forbidden: 403, tooMany: 429, unwell: 503, brokenBody: 200, html: 200 };
    if (failure !== undefined) {
      const text = failure === 'brokenBody' ? `{"groups":[{"name":"${person}"` : '<html>';
      return void response
        .writeHead(statuses[failure], { 'content-type': failure === 'html' ? 'text/html' : 'application/json' })
        .end(text);
    }
    const [status, value] = answer(request, body);
    if (losesNext && request.method === 'POST') {
      losesNext = false;
      return void request.socket.destroy();
    }
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(value === undefined ? '' : JSON.stringify(value));
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => serve(request, body, response));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    settings: { url: `http://${host}` },
    credentials: { key },
    allowedHosts: [host],
    secrets: [key],
    personal: [person],
    requests: () => requests,
    fail: (how) => void (failure = how),
    writings: { groups: { row: { title: 'Maths' }, change: { title: 'Algebra' } } },
    loseNextCreate: () => void (losesNext = true),
    count: () => groups.length,
    ring: async () => {
      const body = Buffer.from('{"id":"g0"}');
      const signed = flaw === 'a webhook that signs only where it begins' ? body.subarray(0, 4) : body;
      const headers = { 'x-signature': createHmac('sha256', key).update(signed).digest('hex') };
      return { delivery: { headers, body, query: new URLSearchParams() }, secret: key };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (import.meta.main) {
  for (const flaw of ['no flaw', ...flaws]) {
    void describe(flaw, () => examine(sample(flaw), { folder: '/connectors/sample', start: () => start(flaw) }));
  }
}
