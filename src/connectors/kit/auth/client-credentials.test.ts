import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Http } from '../contract.ts';
import { SetupProblem, SignInNeeded, UnexpectedShape, Unwell } from '../errors.ts';
import { type ClientCredentials, clientCredentials } from './client-credentials.ts';

interface Asked {
  basic: string | undefined;
  form: Record<string, string>;
}

const scope = 'https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly';
const json = (value: unknown, status = 200) =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
const refuse = (error: string, status = 401) => json({ error, error_description: 'key 12345 of Zoë' }, status);

/** A token endpoint behind a door that counts; `answer` is what it says to each request. */
function desk(
  answer: (asked: Asked, number: number) => Response | Promise<Response>,
  options: Partial<ClientCredentials> = {},
) {
  const asked: Asked[] = [];
  const clock = { time: 0, now: () => new Date(clock.time) };
  const http: Http = {
    fetch: async (_, init) => {
      const request = new Request('https://sis.example/token', init);
      const basic = /^Basic (.*)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      const form = Object.fromEntries(new URLSearchParams(await request.text()));
      asked.push({ basic: basic && Buffer.from(basic, 'base64').toString(), form });
      return answer(asked.at(-1) ?? { basic, form }, asked.length);
    },
  };
  const tokens = clientCredentials({
    http,
    clock,
    tokenUrl: 'https://sis.example/token',
    clientId: 'school 1',
    clientSecret: 'p:%w+ü',
    scopes: [scope, ''],
    provider: 'sis',
    name: 'The SIS',
    ...options,
  });
  return { tokens, asked, clock };
}

const give = (life?: number | string) => (_: Asked, number: number) =>
  json({ access_token: `token-${number}`, token_type: 'Bearer', ...(life !== undefined && { expires_in: life }) });

describe('client credentials', () => {
  test('are sent in a Basic header, form-encoded, with the scope in the body', async () => {
    const { tokens, asked } = desk(give(3600));
    assert.equal(await tokens.token(), 'token-1');
    assert.deepEqual(asked, [
      { basic: 'school+1:p%3A%25w%2B%C3%BC', form: { grant_type: 'client_credentials', scope } },
    ]);
  });

  test('are tried as they are, then in the body, and the way that worked comes first from then on', async () => {
    const { tokens, asked } = desk(({ form }, number) =>
      form.client_id === undefined ? refuse('invalid_client') : give()({ form, basic: '' }, number),
    );
    assert.equal(await tokens.token(), 'token-3');
    assert.equal(asked[1]?.basic, 'school 1:p:%w+ü');
    assert.deepEqual(asked[2], {
      basic: undefined,
      form: { grant_type: 'client_credentials', client_id: 'school 1', client_secret: 'p:%w+ü', scope },
    });

    tokens.forget('token-3');
    assert.equal(await tokens.token(), 'token-4');
    assert.equal(asked.length, 4);
  });

  test('without a scope are tried only when the server refuses the scope', async () => {
    const { tokens, asked } = desk(({ form, basic }, number) =>
      form.scope === undefined ? give()({ form, basic }, number) : refuse('invalid_scope', 400),
    );
    assert.equal(await tokens.token(), 'token-2');
    assert.deepEqual(asked[1]?.form, { grant_type: 'client_credentials' });
  });

  test('are asked for again by a person when refused in every way', async () => {
    const { tokens } = desk(() => refuse('invalid_client'));
    await assert.rejects(tokens.token(), (error: SignInNeeded) => {
      assert.ok(error instanceof SignInNeeded);
      assert.deepEqual(
        [error.code, error.details],
        ['sis_credentials_refused', { status: 401, reason: 'invalid_client' }],
      );
      return true;
    });
  });

  test('with a scope that nobody may have need other settings', async () => {
    const { tokens, asked } = desk(() => refuse('invalid_scope', 400), { scopes: ['mine'] });
    await assert.rejects(
      tokens.token(),
      (error: SetupProblem) => error instanceof SetupProblem && error.code === 'sis_scope_refused',
    );
    assert.equal(asked.length, 1, 'who knows us refuses it however we ask');
  });

  test('are not taken elsewhere: a redirect is told with its address, without its query', async () => {
    const { tokens, asked } = desk(
      () => new Response(null, { status: 307, headers: { location: 'https://id.sis.example/token?key=secret' } }),
    );
    await assert.rejects(tokens.token(), (error: SetupProblem) => {
      assert.ok(error instanceof SetupProblem);
      assert.match(error.remedy, /https:\/\/id\.sis\.example\/token,/);
      assert.doesNotMatch(error.remedy, /secret/);
      return true;
    });
    assert.equal(asked.length, 1);
  });

  test('at a wrong address, with a web page as the answer or at a server in trouble are told apart', async () => {
    const page = () => new Response('<html>', { headers: { 'content-type': 'text/html' } });
    for (const [answer, kind] of [
      [() => new Response(null, { status: 404 }), SetupProblem],
      [page, UnexpectedShape],
      [() => json({ token: 'x' }), UnexpectedShape],
      [() => json({ access_token: 'a b\r\nx: y' }), UnexpectedShape],
      [() => new Response(null, { status: 503 }), Unwell],
    ] as const) {
      await assert.rejects(desk(answer).tokens.token(), (error) => error instanceof kind, kind.name);
    }
  });
});

describe('a token', () => {
  test('is used until a minute before its end, however its life is told', async () => {
    for (const [life, milliseconds] of [
      [3600, 3_540_000],
      ['3600', 3_540_000],
      [undefined, 540_000],
      ['soon', 540_000],
      [-1, 540_000],
      [60, 30_000],
    ] as const) {
      const { tokens, clock, asked } = desk(give(life));
      await tokens.token();
      clock.time = milliseconds - 1;
      await tokens.token();
      assert.equal(asked.length, 1, String(life));
      clock.time = milliseconds;
      await tokens.token();
      assert.equal(asked.length, 2, String(life));
    }
  });

  test('is fetched once for all who ask at the same time, and again after a failure', async () => {
    const { tokens, asked } = desk((request, number) =>
      number === 1 ? new Response(null, { status: 503 }) : give()(request, number),
    );
    const all = await Promise.allSettled([tokens.token(), tokens.token(), tokens.token()]);
    assert.deepEqual(
      all.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.deepEqual(await Promise.all([tokens.token(), tokens.token()]), ['token-2', 'token-2']);
    assert.equal(asked.length, 2);
  });

  test('that was refused is not used again, and a newer one is kept', async () => {
    const { tokens, asked } = desk(give());
    const first = await tokens.token();
    tokens.forget(first);
    const second = await tokens.token();
    assert.notEqual(second, first);
    tokens.forget(first);
    assert.equal(await tokens.token(), second);
    assert.equal(asked.length, 2);
  });
});
