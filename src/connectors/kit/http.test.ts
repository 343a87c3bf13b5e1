import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { SetupProblem, UnexpectedShape, Unwell } from './errors.ts';
import { bodyOf, type HttpOptions, makeHttp } from './http.ts';

/** A server on loopback and the door to it; both are gone when the test ends. */
async function open(listener: RequestListener, options: Partial<HttpOptions> = {}) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const http = makeHttp({
    allowedHosts: [host],
    limits: [],
    quotaKeys: {},
    takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    ...options,
  });
  const close = async () => {
    server.closeAllConnections();
    await http.close();
    await new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://${host}`, host, http, seen, [Symbol.asyncDispose]: close };
}

const problem = (kind: new (...args: never[]) => Error, code: string) => (error: unknown) => {
  assert.ok(error instanceof kind, String(error));
  assert.equal((error as { code?: string }).code, code);
  return true;
};

describe('the door to the outside', () => {
  test('carries method, headers and body out and status, headers and body back', async () => {
    await using place = await open((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        response.writeHead(201, {
          'content-type': 'text/plain',
          'x-method': request.method,
          'x-type': request.headers['content-type'],
        });
        response.end(body);
      });
    });
    const answer = await place.http.fetch(`${place.origin}/made`, {
      method: 'PUT',
      body: new URLSearchParams({ a: 'é b' }),
    });

    assert.deepEqual([answer.status, answer.statusText, answer.url], [201, 'Created', `${place.origin}/made`]);
    assert.equal(answer.headers.get('x-method'), 'PUT');
    assert.match(answer.headers.get('x-type') ?? '', /urlencoded/);
    assert.equal(Buffer.from(bodyOf(answer) ?? []).toString(), 'a=%C3%A9+b');
    assert.equal(await answer.text(), 'a=%C3%A9+b');
  });

  test('never throws for a status, and gives an empty body where there is none', async () => {
    await using place = await open((request, response) => {
      response.writeHead(Number(request.url?.slice(1))).end();
    });
    for (const status of [204, 304, 400, 401, 404, 429, 500, 503]) {
      const answer = await place.http.fetch(`${place.origin}/${status}`);
      assert.deepEqual([answer.status, await answer.text()], [status, '']);
    }
  });

  test('unpacks packed bodies and tells nothing of the package', async () => {
    const text = JSON.stringify(['Zoë', 'x'.repeat(10_000)]);
    await using place = await open((request, response) => {
      const packed = request.url === '/br' ? brotliCompressSync(text) : gzipSync(text);
      response.writeHead(200, { 'content-encoding': request.url?.slice(1) ?? '' }).end(packed);
    });
    for (const packing of ['gzip', 'br']) {
      const answer = await place.http.fetch(`${place.origin}/${packing}`);
      assert.equal(await answer.text(), text);
      assert.equal(answer.headers.get('content-encoding'), null);
    }
    await assert.rejects(place.http.fetch(`${place.origin}/zip`), problem(UnexpectedShape, 'answer_packed'));
  });

  test('stops reading a body beyond its bound, packed or not', async () => {
    await using place = await open(
      (request, response) => {
        const big = Buffer.alloc(3_000_000, 'a');
        if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(big));
        else response.end(big);
      },
      { largestBody: 2_000_000 },
    );
    await assert.rejects(place.http.fetch(`${place.origin}/packed`), problem(UnexpectedShape, 'answer_too_large'));
    await assert.rejects(place.http.fetch(`${place.origin}/plain`), problem(UnexpectedShape, 'answer_too_large'));
  });

  test('takes a body that is more than a hundred times its package for a bomb', async () => {
    await using place = await open((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000)));
    });
    await assert.rejects(place.http.fetch(place.origin), problem(UnexpectedShape, 'answer_too_large'));
  });

  test('finds the provider unwell when a body breaks off, a connection is reset or refused', async () => {
    await using place = await open((request, response) => {
      if (request.url === '/reset') return void request.socket.resetAndDestroy();
      if (request.url === '/gzip')
        return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('some text').subarray(0, 20));
      response.writeHead(200, { 'content-length': 100 });
      response.write('half', () => request.socket.destroy());
    });
    await assert.rejects(place.http.fetch(`${place.origin}/half`), problem(Unwell, 'provider_unreachable'));
    await assert.rejects(place.http.fetch(`${place.origin}/reset`), problem(Unwell, 'provider_unreachable'));
    await assert.rejects(place.http.fetch(`${place.origin}/gzip`), problem(Unwell, 'answer_damaged'));

    const closed = await open(() => undefined);
    await closed[Symbol.asyncDispose]();
    const http = makeHttp({
      allowedHosts: [closed.host],
      limits: [],
      quotaKeys: {},
      takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
    });
    await assert.rejects(http.fetch(closed.origin), problem(Unwell, 'provider_unreachable'));
  });

  test('does not wait for ever: for headers, for the next piece of a body, for the whole', async () => {
    const silent: RequestListener = (request, response) => {
      if (request.url === '/headers') return;
      response.write('a');
      if (request.url === '/idle') return;
      const drip = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(drip));
    };
    for (const [path, timeouts] of [
      ['headers', { headers: 100 }],
      ['idle', { idle: 100 }],
      ['drip', { total: 300 }],
    ] as const) {
      await using place = await open(silent, { timeouts });
      await assert.rejects(place.http.fetch(`${place.origin}/${path}`), problem(Unwell, 'provider_timed_out'), path);
    }
  });

  test('ends a call with the reason of whichever signal aborts', async () => {
    for (const whose of ['door', 'call'] as const) {
      const stop = new AbortController();
      const reason = new Error('Enough.');
      await using place = await open(() => stop.abort(reason), whose === 'door' ? { signal: stop.signal } : {});
      const init = whose === 'call' ? { signal: stop.signal } : {};
      await assert.rejects(place.http.fetch(place.origin, init), (error) => error === reason);
      await assert.rejects(place.http.fetch(place.origin, init), (error) => error === reason);
      assert.equal(place.seen.length, 1);
    }
  });

  test('follows redirects of reads within their origin, three times at most', async () => {
    await using place = await open((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return void response.end('here');
      response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    const answer = await place.http.fetch(`${place.origin}/3`);
    assert.deepEqual([await answer.text(), answer.url], ['here', `${place.origin}/0`]);
    await assert.rejects(place.http.fetch(`${place.origin}/4`), problem(SetupProblem, 'redirected_elsewhere'));
  });

  test('never follows to another origin, and leaves redirects of writes to the caller', async () => {
    await using place = await open((request, response) => {
      const { port } = new URL(`http://${request.headers.host}`);
      response.writeHead(307, { location: `http://localhost:${port}/else?token=secret` }).end();
    });
    const { http, origin } = place;
    await assert.rejects(http.fetch(origin), (error: SetupProblem) => {
      assert.match(error.remedy, /\/else/);
      assert.doesNotMatch(error.remedy, /secret/);
      return problem(SetupProblem, 'redirected_elsewhere')(error);
    });
    assert.equal((await http.fetch(origin, { method: 'POST', body: 'x' })).status, 307);
    assert.equal((await http.fetch(origin, { redirect: 'manual' })).status, 307);
  });

  test('refuses hosts that resolve to a private address, also when only one of them is', async () => {
    for (const addresses of [['127.0.0.1'], ['93.184.216.34', '10.0.0.1'], ['::1'], []]) {
      const http = makeHttp({
        allowedHosts: [],
        limits: [],
        quotaKeys: {},
        takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
        resolve: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      });
      await assert.rejects(http.fetch('https://sis.example/'), problem(SetupProblem, 'address_refused'));
    }
  });

  test('says when there is no such host', async () => {
    const http = makeHttp({
      allowedHosts: [],
      limits: [],
      quotaKeys: {},
      takeCalls: async (_, granted) => ({ granted, waitMs: 0 }),
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    });
    await assert.rejects(http.fetch('https://sis.example/'), problem(SetupProblem, 'address_unknown_host'));
  });

  test('takes a call of every quota that counts the path before it sends', async () => {
    const taken: string[] = [];
    await using place = await open((_, response) => void response.end(), {
      limits: [
        { name: 'all', calls: 100, seconds: 1, per: 'user', source: '' },
        { name: 'some', calls: 100, seconds: 1, per: 'user', paths: ['/v1/'], source: '' },
      ],
      quotaKeys: { user: 'ann' },
      takeCalls: async (name) => {
        taken.push(name);
        return { granted: 1, waitMs: 0 };
      },
    });
    await place.http.fetch(`${place.origin}/v1/classes`);
    await place.http.fetch(`${place.origin}/v2/classes`);
    assert.deepEqual(taken, ['all/ann', 'some/ann', 'all/ann']);
  });

  test('asks for its permit after the wait for a quota, and sends nothing without it', async () => {
    const told: string[] = [];
    const lost = new Error('Another worker has taken this run.');
    await using place = await open((_, response) => void response.end(), {
      limits: [{ name: 'all', calls: 100, seconds: 1, per: 'user', source: '' }],
      quotaKeys: { user: 'ann' },
      takeCalls: async () => {
        told.push('quota');
        return { granted: 1, waitMs: 0 };
      },
      permit: async () => {
        told.push('permit');
        if (told.length > 2) throw lost;
      },
    });
    await place.http.fetch(`${place.origin}/1`, { method: 'POST' });
    await assert.rejects(place.http.fetch(`${place.origin}/2`, { method: 'POST' }), (error) => error === lost);
    assert.deepEqual(told, ['quota', 'permit', 'quota', 'permit']);
    assert.deepEqual(place.seen, ['POST /1']);
  });

  test('does not take trouble with the quotas for trouble of the provider', async () => {
    const trouble = Object.assign(new Error('The database is away.'), { code: 'ECONNREFUSED' });
    await using place = await open((_, response) => void response.end(), {
      limits: [{ name: 'all', calls: 100, seconds: 1, per: 'user', source: '' }],
      quotaKeys: { user: 'ann' },
      takeCalls: () => Promise.reject(trouble),
    });
    await assert.rejects(place.http.fetch(place.origin), (error) => error === trouble);
    assert.deepEqual(place.seen, []);
  });
});
