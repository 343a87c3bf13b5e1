import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { makeHttp } from '../../connectors/kit/http.ts';
import { newId } from '../../model/ids.ts';
import { createClock, type SimulatorClock } from '../../simulators/kit/clock.ts';
import { type OidcOptions, type OidcSimulator, startOidcSimulator } from '../../simulators/oidc/simulator.ts';
import { IssuerDown, NotAdmitted } from '../not-admitted.ts';
import { createTokens, type Tokens } from './tokens.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';

const [second, minute, hour] = [1_000, 60_000, 3_600_000] as const;
const tenantId = newId();

describe('an access token', () => {
  const closers: (() => Promise<void>)[] = [];
  let clock: SimulatorClock;
  let issuer: OidcSimulator;
  let logged: unknown[];

  beforeEach(async () => {
    clock = createClock(new Date('2026-11-26T08:00:00Z'));
    logged = [];
    issuer = await start();
  });
  afterEach(() => {
    const told = JSON.stringify(logged, (_key, value) =>
      value instanceof Error ? `${value.message} ${value.stack}` : value,
    );
    assert.doesNotMatch(told, /eyJ/, 'no part of a token is in the log');
  });
  after(async () => {
    for (const close of closers) await close();
  });

  async function start(options: OidcOptions = {}): Promise<OidcSimulator> {
    const simulator = await startOidcSimulator({ path: '/realms/district', clock, ...options });
    closers.push(simulator.close);

    return simulator;
  }

  function trust(more: Partial<TrustedIssuer> = {}): TrustedIssuer {
    return {
      issuer: issuer.issuer,
      audience: ['homeroom'],
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      tenant: { id: tenantId },
      claims: { subject: 'sub', email: 'email', name: 'name' },
      trustsEmail: false,
      clockToleranceSeconds: 60,
      ...more,
    };
  }

  function tokensOf(...trusted: TrustedIssuer[]): Tokens {
    const http = makeHttp({
      allowedHosts: trusted.map((each) => new URL(each.issuer).host),
      limits: [],
      quotaKeys: {},
      takeCalls: async (_name, want) => ({ granted: want, waitMs: 0 }),
      timeouts: { headers: 200 },
    });
    closers.push(http.close);
    const log = { warn: (...told: unknown[]) => void logged.push(told) };

    return createTokens({ trusted, fetch: http.fetch, clock, log });
  }

  /** Refused, with this problem, and without a word of the token in the log. */
  async function refused(tokens: Tokens, token: string, problem: RegExp): Promise<void> {
    await assert.rejects(tokens.verify(token), (error) => {
      assert.ok(error instanceof NotAdmitted, String(error));
      assert.match(error.problem ?? '', problem);
      assert.ok(error.message.startsWith(`${error.problem}. `) && error.message.endsWith('.'), 'the remedy follows');
      return true;
    });
  }

  const asked = (route = 'keys') => issuer.journal.count({ route });

  it('tells who holds it, of which tenant, and until when', async () => {
    const token = await issuer.token({
      sub: 'f4b1',
      name: 'Ada Byron',
      email: 'Ada@School.example',
      email_verified: true,
    });

    assert.deepEqual(await tokensOf(trust()).verify(token), {
      tenantId,
      issuer: issuer.issuer,
      subject: 'f4b1',
      email: 'ada@school.example',
      name: 'Ada Byron',
      until: new Date('2026-11-26T08:05:00Z'),
    });
  });

  it('may be signed with each algorithm that is set up, and the keys are asked for once', async () => {
    issuer = await start({ algorithms: ['RS256', 'ES256', 'EdDSA', 'PS256'] });
    const tokens = tokensOf(trust());
    for (const alg of ['RS256', 'ES256', 'EdDSA']) {
      assert.equal((await tokens.verify(await issuer.token({ sub: alg }, { alg }))).subject, alg);
    }
    await refused(tokens, await issuer.token({ sub: 'x' }, { alg: 'PS256' }), /signed in a way/);
    assert.deepEqual([asked('discovery'), asked()], [1, 1]);
  });

  it('takes a tenant from its claim where that is set up', async () => {
    const tokens = tokensOf(trust({ tenant: { claim: 'https://homeroom.example/tenant' } }));
    const holder = (claims: JWTPayload) =>
      issuer.token({ sub: 'f4b1', ...claims }).then((token) => tokens.verify(token));

    const other = newId();
    assert.equal((await holder({ 'https://homeroom.example/tenant': other.toUpperCase() })).tenantId, other);
    for (const claims of [{}, { 'https://homeroom.example/tenant': 'district' }]) {
      await refused(tokens, await issuer.token({ sub: 'f4b1', ...claims }), /claim/);
    }
  });

  it('is for one tenant by one audience and for another by another', async () => {
    const other = newId();
    const tokens = tokensOf(trust(), trust({ audience: ['elsewhere', 'also'], tenant: { id: other } }));
    const tenantOf = async (aud: string | string[]) =>
      (await tokens.verify(await issuer.token({ sub: 'f4b1', aud }))).tenantId;

    assert.equal(await tenantOf('homeroom'), tenantId);
    assert.equal(await tenantOf(['account', 'also']), other);
  });

  it('names an address only when its issuer vouches for it', async () => {
    const emailOf = async (claims: JWTPayload, more?: Partial<TrustedIssuer>) =>
      (await tokensOf(trust(more)).verify(await issuer.token({ sub: 'f4b1', ...claims }))).email;

    assert.equal(await emailOf({ email: 'ada@school.example' }), null);
    assert.equal(await emailOf({ email: 'ada@school.example', email_verified: 'true' }), null);
    assert.equal(await emailOf({ email: 'no address', email_verified: true }), null);
    assert.equal(await emailOf({ email: 'ada@school.example' }, { trustsEmail: true }), 'ada@school.example');
    const upn = { claims: { subject: 'oid', email: 'upn', name: 'name' }, trustsEmail: true };
    assert.equal(await emailOf({ oid: '7', upn: 'bob@school.example' }, upn), 'bob@school.example');
  });

  it('is refused for another audience, of another issuer, or signed by somebody else', async () => {
    const tokens = tokensOf(trust());
    const stranger = await start();
    await refused(tokens, await issuer.token({ sub: 'f4b1', aud: 'payroll' }), /another audience/);
    await refused(tokens, await issuer.token({ sub: 'f4b1', aud: undefined }), /another audience/);
    await refused(tokens, await stranger.token({ sub: 'f4b1' }), /issuer of the token is not trusted/);
    assert.equal(stranger.journal.count({}), 0, 'nobody asks who is not trusted');
    const { kid } = decodeProtectedHeader(await issuer.token({}));
    const forged = await stranger.token({ sub: 'f4b1', iss: issuer.issuer }, { header: { kid } });
    await refused(tokens, forged, /signature/);
    const [header, , signature] = (await issuer.token({ sub: 'f4b1' })).split('.');
    const [, payload] = (await issuer.token({ sub: 'admin' })).split('.');
    await refused(tokens, [header, payload, signature].join('.'), /signature/);
  });

  it('is refused without a signature, and when a public key was used as a secret', async () => {
    const tokens = tokensOf(trust());
    const [, payload] = (await issuer.token({ sub: 'f4b1' })).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    await refused(tokens, `${none}.${payload}.`, /no signed access token/);
    await refused(tokens, `${none}.${payload}.AA`, /signed in a way/);

    const [jwk] = issuer.publicKeys();
    const secret = Buffer.from(JSON.stringify(jwk));
    const confused = new SignJWT({ sub: 'f4b1', iss: issuer.issuer, aud: 'homeroom' })
      .setProtectedHeader({ alg: 'HS256', kid: jwk?.kid ?? '' })
      .setExpirationTime('5 minutes');
    await refused(tokens, await confused.sign(secret), /signed in a way/);
  });

  it('is checked with keys that are for signing, whatever else its issuer publishes', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const secret = Buffer.from('a secret that somebody published by mistake');
    issuer = await start({
      others: [
        { kty: 'oct', kid: 'secret', k: secret.toString('base64url') },
        { ...jwk, kid: 'encrypts', use: 'enc', alg: 'RSA-OAEP' },
        { kty: 'unheard of', kid: 'odd' },
      ],
    });
    const tokens = tokensOf(trust());
    assert.ok(await tokens.verify(await issuer.token({ sub: 'f4b1' })));

    const claims = { sub: 'f4b1', iss: issuer.issuer, aud: 'homeroom', exp: clock.now().getTime() / 1_000 + 60 };
    const signed = (alg: string, kid: string) => new SignJWT(claims).setProtectedHeader({ alg, kid });
    await refused(tokens, await signed('HS256', 'secret').sign(secret), /signed in a way/);
    await refused(tokens, await signed('RS256', 'encrypts').sign(privateKey), /does not publish/);
    await refused(tokens, await signed('RS256', 'odd').sign(privateKey), /does not publish/);
  });

  it('brings no keys along: what its header says of some is not even looked at', async () => {
    const elsewhere = await start();
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const token = await new SignJWT({
      sub: 'f4b1',
      iss: issuer.issuer,
      aud: 'homeroom',
      exp: clock.now().getTime() / 1_000 + 60,
    })
      .setProtectedHeader({
        alg: 'RS256',
        kid: 'mine',
        jwk: await exportJWK(publicKey),
        jku: `${elsewhere.issuer}/keys`,
      })
      .sign(privateKey);

    await refused(tokensOf(trust()), token, /does not publish/);
    assert.equal(elsewhere.journal.count({}), 0);
  });

  it('ends at its time and begins at its time, give or take what clocks may differ', async () => {
    const tokens = tokensOf(trust());
    const now = clock.now().getTime() / 1_000;
    const token = await issuer.token({ sub: 'f4b1' });
    assert.ok(await tokens.verify(token));
    clock.advance(5 * minute + 59 * second);
    assert.ok(await tokens.verify(token));
    clock.advance(second);
    await refused(tokens, token, /expired/);
    await refused(tokensOf(trust()), token, /expired/);

    const later = now + 600;
    const future = await issuer.token({ sub: 'f4b1', nbf: later, exp: later + 600 });
    await refused(tokens, future, /not valid yet/);
    clock.advance(3 * minute);
    assert.ok(await tokens.verify(future));
  });

  it('is refused without an end or a holder, and when it is another kind of token', async () => {
    const tokens = tokensOf(trust());
    await refused(tokens, await issuer.token({ sub: 'f4b1', exp: undefined }), /claim/);
    await refused(tokens, await issuer.token({}), /claim/);
    await refused(tokens, await issuer.token({ sub: '' }), /claim/);
    await refused(tokens, await issuer.token({ sub: 'x'.repeat(256) }), /claim/);
    await refused(tokens, await issuer.token({ sub: 'f4b1', typ: 'ID' }), /no access token/);
    await refused(tokens, await issuer.token({ sub: 'f4b1' }, { header: { typ: 'logout+jwt' } }), /no access token/);
    await refused(tokens, await issuer.token({ sub: 'f4b1', cnf: { jkt: 'x' } }), /bound/);
    assert.ok(await tokens.verify(await issuer.token({ sub: 'f4b1', typ: 'Bearer' }, { header: { typ: 'JWT' } })));
  });

  it('is refused when it is none or endless, before anybody is asked', async () => {
    const tokens = tokensOf(trust());
    const token = await issuer.token({ sub: 'f4b1' });
    const object = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const none of ['a.b', 'a.b.c', `${token}.`, `${token}.a.b`, `.${token}`, `${object({})}.${object([])}.AA`]) {
      await refused(tokens, none, /no signed access token/);
    }
    await refused(tokens, await issuer.token({ sub: 'f4b1', groups: 'x'.repeat(8_192) }), /too long/);
    await refused(tokens, `${object({ alg: 'RS256' })}.${object({ iss: 7 })}.AA`, /not trusted/);
    assert.equal(issuer.journal.count({}), 0);
  });

  it('may name a key that is new; made-up names cost the issuer one question in half a minute', async () => {
    const tokens = tokensOf(trust());
    const old = await issuer.token({ sub: 'f4b1' });
    await tokens.verify(old);
    clock.advance(30 * second);
    await issuer.rotate();
    assert.ok(await tokens.verify(await issuer.token({ sub: 'f4b1' })));
    assert.equal(asked(), 2);

    for (const kid of ['a', 'b', 'c']) {
      await refused(tokens, await issuer.token({ sub: 'f4b1' }, { header: { kid } }), /does not publish/);
    }
    assert.equal(asked(), 2);
    clock.advance(30 * second);
    await Promise.all(
      ['d', 'e'].map(async (kid) =>
        refused(tokens, await issuer.token({ sub: 'f4b1' }, { header: { kid } }), /does not publish/),
      ),
    );
    assert.equal(asked(), 3);
  });

  it('is refused once its key has been withdrawn', async () => {
    const tokens = tokensOf(trust());
    const [early, late] = [
      await issuer.token({ sub: 'early' }),
      await issuer.token({ sub: 'late', exp: clock.now().getTime() / 1_000 + 7_200 }),
    ];
    await tokens.verify(early);
    await issuer.rotate();
    clock.advance(11 * minute);
    // Those who hold a known key do not wait for the question.
    await tokens.verify(await issuer.token({ sub: 'new' }));
    await refused(tokens, late, /does not publish/);
  });

  it('cannot be checked while its issuer is down, which is not its holder’s fault', async () => {
    const tokens = tokensOf(trust());
    const token = await issuer.token({ sub: 'f4b1' });
    for (const fault of [
      { kind: 'reset' },
      { kind: 'status', status: 503 },
      { kind: 'html' },
      { kind: 'hang' },
      { kind: 'truncate', ends: 'quietly' },
    ] as const) {
      issuer.faults.clear();
      issuer.faults.add({ ...fault, times: 'always' });
      await assert.rejects(tokens.verify(token), (error) => {
        assert.ok(error instanceof IssuerDown, `${fault.kind}: ${String(error)}`);
        return error.retryAfter === 30;
      });
      const before = issuer.journal.count({});
      await assert.rejects(tokens.verify(token), IssuerDown);
      assert.equal(issuer.journal.count({}), before, 'it is left alone for half a minute');
      clock.advance(30 * second);
    }
    issuer.faults.clear();
    const again = await issuer.token({ sub: 'f4b1' });
    assert.ok(await tokens.verify(again));
    assert.equal(logged.length, 5);
  });

  it('goes on being checked with the keys that are known while its issuer is down, for a day', async () => {
    const tokens = tokensOf(trust());
    await tokens.verify(await issuer.token({ sub: 'f4b1' }));
    issuer.faults.add({ kind: 'status', status: 500, times: 'always' });
    clock.advance(23 * hour);
    assert.ok(await tokens.verify(await issuer.token({ sub: 'one' })));
    clock.advance(2 * hour);
    await assert.rejects(tokens.verify(await issuer.token({ sub: 'three' })), IssuerDown);
  });

  it('of an issuer that says to be another one is not taken', async () => {
    issuer = await start({ says: 'https://accounts.google.example' });
    const token = await issuer.token({ sub: 'f4b1' });
    await assert.rejects(tokensOf(trust()).verify(token), IssuerDown);
    assert.match(
      JSON.stringify(logged, (_key, value) => (value instanceof Error ? value.message : value)),
      /another issuer/,
    );
  });
});
