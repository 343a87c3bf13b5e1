import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { createClock } from '../kit/clock.ts';
import type { OneRosterOptions } from './options.ts';
import { type OneRosterSimulator, startOneRosterSimulator } from './simulator.ts';
import { answered, askToken, asOf, district, startTestClient } from './test-client.ts';

const scope = (version: string, name: string) => `https://purl.imsglobal.org/spec/or/${version}/scope/${name}`;

async function withSimulator(
  options: Partial<OneRosterOptions>,
  test: (simulator: OneRosterSimulator) => Promise<void>,
): Promise<void> {
  const clients = [{ id: 'demo', secret: 'secret' }];
  const simulator = await startOneRosterSimulator({ district, clients, clock: createClock(asOf), ...options });
  try {
    await test(simulator);
    assert.deepEqual(simulator.problems, []);
  } finally {
    await simulator.close();
  }
}

const read = async (simulator: OneRosterSimulator, token: unknown, path = '/orgs', version: '1.1' | '1.2' = '1.1') =>
  answered(
    await fetch(`${simulator.baseUrls[version]}${path}`, { headers: { authorization: `Bearer ${String(token)}` } }),
  );

describe('OAuth 2', () => {
  it('lets a client with the right secret in, until the token expires or is revoked', () =>
    withSimulator({}, async (simulator) => {
      const { status, body } = await askToken(simulator);
      assert.equal(status, 200);
      assert.equal(body.token_type, 'bearer');
      assert.equal(body.expires_in, 3600);
      assert.equal((await read(simulator, body.access_token)).status, 200);

      simulator.clock.advance(3_600_000);
      assert.equal((await read(simulator, body.access_token)).status, 401);
      const renewed = await askToken(simulator);
      assert.equal((await read(simulator, renewed.body.access_token)).status, 200);
      simulator.revokeTokens();
      assert.equal((await read(simulator, renewed.body.access_token)).status, 401);
    }));

  it('refuses a wrong secret, an unknown client, another grant and no token at all', () =>
    withSimulator({}, async (simulator) => {
      assert.equal((await askToken(simulator, { secret: 'guess' })).status, 401);
      assert.deepEqual((await askToken(simulator, { id: 'nobody' })).body, { error: 'invalid_client' });
      const other = await fetch(simulator.tokenUrl, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'password', client_id: 'demo', client_secret: 'secret' }),
      });
      assert.deepEqual((await answered(other)).body, { error: 'unsupported_grant_type' });
      const bare = await answered(await fetch(`${simulator.baseUrls['1.2']}/orgs`));
      assert.equal(bare.status, 401);
      assert.match(JSON.stringify(bare.body), /imsx_CodeMinor.*unauthorisedrequest/u);
    }));

  it('takes the secret from the body as well, unless it is told otherwise', async () => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'demo', client_secret: 'secret' });
    await withSimulator({}, async ({ tokenUrl }) =>
      assert.equal((await fetch(tokenUrl, { method: 'POST', body })).status, 200),
    );
    await withSimulator({ token: { credentialsIn: 'basic' } }, async ({ tokenUrl }) =>
      assert.equal((await fetch(tokenUrl, { method: 'POST', body })).status, 401),
    );
    await withSimulator({ token: { credentialsIn: 'body' } }, async (simulator) => {
      assert.equal((await askToken(simulator)).status, 401);
      assert.equal((await fetch(simulator.tokenUrl, { method: 'POST', body })).status, 200);
    });
  });

  it('reads reserved characters of a secret form-encoded, as they are, or either way', async () => {
    const clients = [{ id: 'demo', secret: 'a:b%20c+d' }];
    const ask = async (basicEncoding: 'form' | 'raw' | 'both', written: string) => {
      let status = 0;
      await withSimulator({ clients, token: { basicEncoding } }, async ({ tokenUrl }) => {
        const authorization = `Basic ${btoa(`demo:${written}`)}`;
        const body = new URLSearchParams({ grant_type: 'client_credentials' });
        status = (await fetch(tokenUrl, { method: 'POST', headers: { authorization }, body })).status;
      });
      return status;
    };
    const encoded = encodeURIComponent('a:b%20c+d');
    assert.equal(await ask('form', encoded), 200);
    assert.equal(await ask('form', 'a:b%20c+d'), 401);
    assert.equal(await ask('raw', 'a:b%20c+d'), 200);
    assert.equal(await ask('raw', encoded), 401);
    assert.equal(await ask('both', encoded), 200);
    assert.equal(await ask('both', 'a:b%20c+d'), 200);
  });

  it('tells the lifetime as a text or not at all, and keeps the scope to itself, where it is such a server', async () => {
    await withSimulator({ token: { expiresIn: 'string', lifetime: 60, tellsScope: false } }, async (simulator) => {
      const { body } = await askToken(simulator);
      assert.equal(body.expires_in, '60');
      assert.ok(!('scope' in body));
    });
    await withSimulator({ token: { expiresIn: 'absent' } }, async (simulator) =>
      assert.ok(!('expires_in' in (await askToken(simulator)).body)),
    );
  });

  it('may refuse unknown scopes or none', () =>
    withSimulator({ token: { unknownScope: 'refused', emptyScope: 'refused' } }, async (simulator) => {
      assert.deepEqual((await askToken(simulator)).body, { error: 'invalid_scope' });
      const known = scope('v1p1', 'roster.readonly');
      assert.equal((await askToken(simulator, { scope: known })).status, 200);
      assert.equal((await askToken(simulator, { scope: `${known} everything` })).status, 400);
    }));

  it('answers the token request by a redirect to another host, where it has that quirk', () =>
    withSimulator({ quirks: ['token-redirect'] }, async ({ tokenUrl }) => {
      const response = await fetch(tokenUrl, { method: 'POST', redirect: 'manual' });
      assert.equal(response.status, 307);
      assert.match(response.headers.get('location') ?? '', /^http:\/\/localhost:\d+\/oauth2\/token-moved$/u);
    }));
});

describe('scopes', () => {
  const clients = [
    {
      id: 'demo',
      secret: 'secret',
      scopes: ['roster.readonly', 'roster-core.readonly', 'roster-demographics.readonly'] as const,
    },
    { id: 'plain', secret: 'secret' },
  ];
  const statuses = async (simulator: OneRosterSimulator, token: unknown, version: '1.1' | '1.2' = '1.1') => {
    const paths = ['/orgs', '/classes/x/students', '/demographics'];
    return Promise.all(paths.map(async (path) => (await read(simulator, token, path, version)).status));
  };

  it('decide what a token opens: plain collections, those below others, demographics', () =>
    withSimulator({ clients }, async (simulator) => {
      const opened = async (name: string) =>
        statuses(simulator, (await askToken(simulator, { scope: scope('v1p1', name) })).body.access_token);
      assert.deepEqual(await opened('roster-core.readonly'), [200, 403, 403]);
      assert.deepEqual(await opened('roster.readonly'), [200, 200, 403]);
      assert.deepEqual(await opened('roster-demographics.readonly'), [403, 403, 200]);
    }));

  it('are of one version only', () =>
    withSimulator({ clients }, async (simulator) => {
      const { body } = await askToken(simulator, { scope: scope('v1p2', 'roster.readonly') });
      assert.deepEqual(await statuses(simulator, body.access_token), [403, 403, 403]);
      assert.deepEqual(await statuses(simulator, body.access_token, '1.2'), [200, 200, 403]);
    }));

  it('are all that the client may have when none is asked for, and demographics are not among them by default', () =>
    withSimulator({ clients }, async (simulator) => {
      const plain = await askToken(simulator, { id: 'plain' });
      assert.deepEqual(await statuses(simulator, plain.body.access_token), [200, 200, 403]);
      const rich = await askToken(simulator);
      assert.deepEqual(await statuses(simulator, rich.body.access_token), [200, 200, 200]);
    }));
});

describe('a client of one school', () => {
  it('sees that school, its people and what they are in, and nothing of the others', async () => {
    const [school, other] = district.orgs.filter(({ type }) => type === 'school');
    assert.ok(school && other);
    const { simulator, list } = await startTestClient({
      clients: [{ id: 'demo', secret: 'secret', orgs: [school.sourcedId] }],
    });

    const orgs = await list('/orgs');
    assert.deepEqual(orgs.map(({ type }) => String(type)).sort(), ['district', 'school']);
    const classes = await list('/classes?limit=5000');
    assert.equal(classes.length, district.classes.filter((one) => one.schoolSourcedId === school.sourcedId).length);
    const enrollments = await list('/enrollments?limit=5000');
    assert.equal(
      enrollments.length,
      district.enrollments.filter((one) => one.schoolSourcedId === school.sourcedId).length,
    );

    const users = await list('/users?limit=5000');
    const visible = new Set(users.map(({ sourcedId }) => sourcedId));
    for (const user of users) {
      assert.deepEqual(
        (user.orgs as { sourcedId: string }[]).map(({ sourcedId }) => sourcedId),
        [school.sourcedId],
      );
      for (const agent of (user.agents ?? []) as { sourcedId: string }[]) assert.ok(visible.has(agent.sourcedId));
    }
    for (const one of enrollments) assert.ok(visible.has((one.user as { sourcedId: string }).sourcedId));

    const { status } = await read(simulator, (await askToken(simulator)).body.access_token, `/orgs/${other.sourcedId}`);
    assert.equal(status, 404);
    await simulator.close();
  });

  it('sees all schools of a district when the district is its org', async () => {
    const org = district.orgs.find(({ type }) => type === 'district');
    const { simulator, get } = await startTestClient({
      clients: [{ id: 'demo', secret: 'secret', orgs: [org?.sourcedId ?? ''] }],
    });
    assert.equal((await get('/users?limit=1')).headers.get('x-total-count'), String(district.users.length));
    await simulator.close();
  });
});

describe('OAuth 1.0a', () => {
  const clients = [{ id: 'key', secret: 'shared/secret', kind: 'oauth1' as const }];
  const enc = (text: string) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  let nonces = 0;

  /** Signs by hand, as RFC 5849 writes it down. */
  const sign = (url: string, changes: Record<string, string> = {}, secret = 'shared/secret', encode = enc): string => {
    const { origin, pathname, searchParams } = new URL(url);
    nonces += 1;
    const oauth: Record<string, string> = {
      oauth_consumer_key: 'key',
      oauth_signature_method: 'HMAC-SHA256',
      oauth_timestamp: String(asOf.getTime() / 1000),
      oauth_nonce: `nonce ${nonces}`,
      oauth_version: '1.0',
      ...changes,
    };
    const parameters = [...Object.entries(oauth), ...searchParams]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&');
    const base = `GET&${encode(origin + pathname)}&${encode(parameters)}`;
    const hash = oauth.oauth_signature_method === 'HMAC-SHA1' ? 'sha1' : 'sha256';
    const signature = createHmac(hash, `${encode(secret)}&`)
      .update(base)
      .digest('base64');
    const pairs = Object.entries({ ...oauth, oauth_signature: signature });
    return `OAuth ${pairs.map(([name, value]) => `${name}="${enc(value)}"`).join(', ')}`;
  };
  const send = async (url: string, authorization: string) => (await fetch(url, { headers: { authorization } })).status;

  it('accepts a signature over the query too, by either hash', () =>
    withSimulator({ clients }, async ({ baseUrls }) => {
      const url = `${baseUrls['1.1']}/users?limit=5&filter=${encodeURIComponent("familyName='O’Brien' AND status='active'")}`;
      assert.equal(await send(url, sign(url)), 200);
      assert.equal(await send(url, sign(url, { oauth_signature_method: 'HMAC-SHA1' })), 200);
      assert.equal(await send(`${url}&offset=1`, sign(url)), 401);
    }));

  it('tolerates slashes left as they are, as samples in the wild do', () =>
    withSimulator({ clients }, async ({ baseUrls }) => {
      const url = `${baseUrls['1.1']}/orgs`;
      assert.equal(
        await send(
          url,
          sign(url, {}, 'shared/secret', (text) => enc(text).replaceAll('%2F', '/')),
        ),
        200,
      );
    }));

  it('refuses a wrong secret, an unknown key, a used nonce and a clock that is five minutes off', () =>
    withSimulator({ clients }, async ({ baseUrls, clock }) => {
      const url = `${baseUrls['1.1']}/orgs`;
      const once = sign(url);
      assert.equal(await send(url, once), 200);
      assert.equal(await send(url, once), 401);
      assert.equal(await send(url, sign(url, {}, 'guess')), 401);
      assert.equal(await send(url, sign(url, { oauth_consumer_key: 'nobody' })), 401);
      assert.equal(await send(url, sign(url, { oauth_signature_method: 'PLAINTEXT' })), 401);
      clock.advance(299_000);
      assert.equal(await send(url, sign(url)), 200);
      clock.advance(2_000);
      assert.equal(await send(url, sign(url)), 401);
    }));

  it('is not for 1.2, nor for clients of OAuth 2', () =>
    withSimulator({ clients: [...clients, { id: 'demo', secret: 'secret' }] }, async (simulator) => {
      const url = `${simulator.baseUrls['1.2']}/orgs`;
      assert.equal(await send(url, sign(url)), 401);
      const old = `${simulator.baseUrls['1.1']}/orgs`;
      assert.equal(await send(old, sign(old, { oauth_consumer_key: 'demo' }, 'secret')), 401);
      assert.equal((await askToken(simulator, { id: 'key', secret: 'shared/secret' })).status, 401);
    }));
});
