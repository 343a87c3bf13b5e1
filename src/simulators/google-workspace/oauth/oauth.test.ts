import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { createGoogleSimulator, type GoogleSimulator } from '../simulator.ts';
import { actAs, refusal, scopes } from '../test-clients.ts';
import { makeServiceAccount, type ServiceAccountKey } from './service-account.ts';

const ADMIN = 'admin@school.example';
const COURSES = scopes('classroom.courses');
const CLIENT = { clientId: 'homeroom.apps.example', clientSecret: 'hush' };

describe('the token endpoint', () => {
  let simulator: GoogleSimulator;
  let key: ServiceAccountKey;

  before(async () => {
    simulator = await createGoogleSimulator({
      domains: [
        {
          name: 'school.example',
          admins: [ADMIN],
          users: [{ primaryEmail: 'ann@school.example', givenName: 'Ann', familyName: 'Bos' }],
        },
        { name: 'other.example', admins: ['admin@other.example'] },
      ],
      clients: [CLIENT],
    });
    key = await simulator.makeServiceAccount({
      scopes: scopes('classroom.courses', 'classroom.rosters'),
      domains: ['school.example'],
    });
  });
  afterEach(() => assert.deepEqual(simulator.problems, []));
  after(() => simulator.close());

  const now = () => Math.floor(simulator.clock.now().getTime() / 1_000);
  const assertion = (claims: object, privateKey = key.private_key) => {
    const content = {
      iss: key.client_email,
      sub: ADMIN,
      scope: COURSES[0],
      aud: 'https://oauth2.googleapis.com/token',
      iat: now(),
      exp: now() + 3_600,
      ...claims,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(content)}`;
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(simulator.origin + path, { method: 'POST', body: new URLSearchParams(form) });
    const answer = (await response.json()) as Record<string, unknown>;
    return { ...answer, status: response.status } as Record<string, unknown>;
  };
  const ask = (claims: object, privateKey?: string) =>
    post('/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: assertion(claims, privateKey),
    });
  const refresh = (refresh_token: string, client: Record<string, string> = {}) =>
    post('/token', {
      grant_type: 'refresh_token',
      refresh_token,
      client_id: CLIENT.clientId,
      client_secret: CLIENT.clientSecret,
      ...client,
    });
  const listCourses = async (token: unknown) =>
    (await fetch(`${simulator.origin}/v1/courses`, { headers: { authorization: `Bearer ${String(token)}` } })).status;

  it('gives a service account a token for the person it stands for', async () => {
    const answer = await ask({});
    assert.equal(answer.status, 200);
    assert.equal(answer.token_type, 'Bearer');
    assert.equal(await listCourses(answer.access_token), 200);
    assert.equal((await ask({ aud: `${simulator.origin}/token` })).status, 200);
  });

  it('is satisfied by Google’s own library', async () => {
    const { classroom, auth } = actAs(simulator, key, ADMIN, COURSES);
    assert.deepEqual((await classroom.courses.list()).data, {});
    const info = await post('/tokeninfo', { access_token: auth.credentials.access_token ?? '' });
    assert.equal(info.scope, COURSES[0]);
    assert.equal(info.email, ADMIN);
  });

  it('refuses an assertion that is wrong in any part', async () => {
    const why = async (claims: object, privateKey?: string) => {
      const { status, error, error_description: description } = await ask(claims, privateKey);
      return `${String(status)} ${String(error)}: ${String(description)}`;
    };
    const stranger = await makeServiceAccount({ name: 'stranger' });

    assert.match(await why({}, stranger.key.private_key), /400 invalid_grant: Invalid JWT Signature/);
    assert.match(await why({ iss: stranger.key.client_email }), /400 invalid_grant: .*account not found/);
    assert.match(await why({ sub: 'nobody@school.example' }), /400 invalid_grant: Invalid email or User ID/);
    assert.match(await why({ aud: 'https://elsewhere.example' }), /400 invalid_grant: .*audience/);
    assert.match(await why({ iat: now() - 7_200, exp: now() - 3_600 }), /400 invalid_grant: .*short-lived/);
    assert.match(await why({ exp: now() + 7_200 }), /400 invalid_grant: .*short-lived/);
    assert.match(await why({ scope: '' }), /400 invalid_scope/);
    assert.match(await why({ scope: scopes('admin.directory.user').join(' ') }), /401 unauthorized_client/);
    assert.match(
      await why({ scope: scopes('classroom.courses', 'admin.directory.user').join(' ') }),
      /401 unauthorized_client/,
      'one missing scope fails the whole request',
    );
    assert.match(
      await why({ sub: 'admin@other.example' }),
      /401 unauthorized_client/,
      'the domain has not authorised it',
    );
    assert.equal((await post('/token', { grant_type: 'password' })).error, 'unsupported_grant_type');
  });

  it('shows Google’s library a refused delegation as 401', async () => {
    const { classroom } = actAs(simulator, key, ADMIN, scopes('admin.directory.user'));
    await assert.rejects(classroom.courses.list(), /unauthorized_client/);
  });

  it('lets a service account that stands for nobody do nothing', async () => {
    const { classroom } = actAs(simulator, key, undefined, COURSES);
    assert.equal((await refusal(classroom.courses.list())).status, 403);
  });

  it('wants a token, and one with a fitting scope', async () => {
    const bare = await fetch(`${simulator.origin}/v1/courses`);
    assert.equal(bare.status, 401);
    assert.match(bare.headers.get('www-authenticate') ?? '', /Bearer/);

    const { classroom, directory } = actAs(simulator, key, ADMIN, scopes('classroom.rosters'));
    const courses = await refusal(classroom.courses.list());
    assert.deepEqual(
      [courses.status, courses.code, courses.reason],
      [403, 'PERMISSION_DENIED', 'insufficientPermissions'],
    );
    assert.equal((await refusal(directory.users.list({ customer: 'my_customer' }))).reason, 'insufficientPermissions');
  });

  it('renews an access token for a refresh token', async () => {
    const token = simulator.grantRefreshToken({ clientId: CLIENT.clientId, email: ADMIN, scopes: COURSES });
    const answer = await refresh(token);
    assert.equal(answer.status, 200);
    assert.equal(answer.refresh_token, undefined);
    assert.equal(answer.scope, COURSES[0]);
    assert.equal(await listCourses(answer.access_token), 200);

    assert.equal((await refresh(token, { client_secret: 'wrong' })).error, 'invalid_client');
    assert.equal((await refresh('1//nonsense')).error, 'invalid_grant');
  });

  it('forgets what is revoked, by the app or by the person', async () => {
    const grant = { clientId: CLIENT.clientId, email: 'ann@school.example', scopes: COURSES };
    const first = simulator.grantRefreshToken(grant);
    const { access_token: token } = await refresh(first);
    assert.equal((await post('/revoke', { token: String(token) })).status, 200);
    assert.equal(await listCourses(token), 401);
    assert.equal((await refresh(first)).error, 'invalid_grant');
    assert.equal((await post('/revoke', { token: first })).error, 'invalid_token');

    const second = simulator.grantRefreshToken(grant);
    const { access_token: other } = await refresh(second);
    simulator.revokeAccess('ann@school.example');
    assert.equal(await listCourses(other), 401);
    assert.equal((await refresh(second)).error, 'invalid_grant');
  });

  it('keeps no secret in the journal', () => {
    const journal = JSON.stringify(simulator.journal.entries());
    assert.doesNotMatch(journal, /eyJ|hush|ya29|1\/\/[\w-]{20}/);
    assert.equal(simulator.journal.writes({ route: 'oauth.token' }).length, 0);
  });

  it('lets a token end after an hour of the clock', async () => {
    const { access_token: token } = await ask({});
    simulator.clock.advance(3_598_000);
    assert.equal(await listCourses(token), 200);
    simulator.clock.advance(2_000);
    assert.equal(await listCourses(token), 401);
  });
});
