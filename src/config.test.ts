import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError, loadMasterKey, readConfig, variableNames } from './config.ts';

const dir = await mkdtemp(join(tmpdir(), 'homeroom-config-'));
after(() => rm(dir, { recursive: true, force: true }));

const key = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');

/** The problems of an environment that must have some. */
function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    for (const problem of error.problems) assert.ok(error.message.includes(problem));
    return error.problems;
  }
  return assert.fail('the environment was accepted');
}

test('without any setting Homeroom runs on this machine with an embedded database', () => {
  const config = readConfig({}, '/srv/homeroom');
  assert.deepEqual(
    { ...config },
    {
      mode: 'development',
      database: { url: null, appUrl: null, workerUrl: null, systemUrl: null },
      dataDir: '/srv/homeroom/.homeroom',
      host: '127.0.0.1',
      port: 4000,
      publicUrl: null,
      logLevel: 'info',
      masterKey: null,
      corsOrigins: [],
      allowedHosts: [],
      workerConcurrency: 4,
      metrics: null,
      graphiql: true,
      points: { perCaller: 100, perTenant: 500 },
      connections: { perCaller: 50, perPerson: 5, perTenant: 500 },
      trustedDocuments: { path: null, only: false },
      issuers: [],
    },
  );
});

test('every setting is read', () => {
  const config = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: 'postgres://homeroom:pass@db:5432/homeroom',
    APP_DATABASE_URL: 'postgresql://app@localhost/homeroom?host=/run/postgresql',
    WORKER_DATABASE_URL: 'postgres://worker@db/homeroom',
    SYSTEM_DATABASE_URL: 'postgres://system@db/homeroom',
    HOMEROOM_DATA_DIR: '/var/lib/homeroom',
    HOMEROOM_MASTER_KEY: key,
    HOMEROOM_ALLOWED_HOSTS: 'localhost:8080, 10.0.0.5:443,[::1]:9000',
    HOST: '0.0.0.0',
    PORT: '0',
    PUBLIC_URL: 'https://homeroom.example/',
    CORS_ORIGINS: 'https://portal.example,http://localhost:3000',
    GRAPHIQL: 'off',
    LOG_LEVEL: 'debug',
    WORKER_CONCURRENCY: '16',
    POINTS_PER_CALLER: '50',
    POINTS_PER_TENANT: '2000',
    CONNECTIONS_PER_CALLER: '20',
    CONNECTIONS_PER_PERSON: '8',
    CONNECTIONS_PER_TENANT: '10000',
    TRUSTED_DOCUMENTS: '/srv/portal/persisted-documents.json',
    TRUSTED_DOCUMENTS_ONLY: 'on',
  });
  assert.equal(config.database.appUrl, 'postgresql://app@localhost/homeroom?host=/run/postgresql');
  assert.equal(config.masterKey?.length, 32);
  assert.deepEqual(config.allowedHosts, ['localhost:8080', '10.0.0.5:443', '[::1]:9000']);
  assert.deepEqual(config.corsOrigins, ['https://portal.example', 'http://localhost:3000']);
  assert.equal(config.publicUrl, 'https://homeroom.example');
  assert.equal(config.port, 0);
  assert.equal(config.graphiql, false);
  assert.equal(config.workerConcurrency, 16);
  assert.deepEqual(config.trustedDocuments, { path: '/srv/portal/persisted-documents.json', only: true });
  assert.deepEqual(config.points, { perCaller: 50, perTenant: 2000 });
  assert.deepEqual(config.connections, { perCaller: 20, perPerson: 8, perTenant: 10_000 });
});

test('an issuer is as most are, unless told otherwise', () => {
  const tenantId = '0190f3c2-0000-7000-8000-000000000001';
  const { issuers } = readConfig({
    OIDC_ISSUERS: JSON.stringify([
      { issuer: 'https://login.example/realms/district/', audience: 'homeroom', tenantId: tenantId.toUpperCase() },
      {
        issuer: 'http://localhost:8080',
        audience: ['one', 'two'],
        tenantClaim: 'https://homeroom.example/tenant',
        algorithms: ['PS256'],
        subjectClaim: 'oid',
        emailClaim: 'upn',
        nameClaim: 'display',
        trustsEmail: true,
        clockToleranceSeconds: 0,
      },
    ]),
  });
  assert.deepEqual(issuers, [
    {
      issuer: 'https://login.example/realms/district/',
      audience: ['homeroom'],
      algorithms: ['RS256', 'ES256', 'EdDSA'],
      tenant: { id: tenantId },
      claims: { subject: 'sub', email: 'email', name: 'name' },
      trustsEmail: false,
      clockToleranceSeconds: 60,
    },
    {
      issuer: 'http://localhost:8080',
      audience: ['one', 'two'],
      algorithms: ['PS256'],
      tenant: { claim: 'https://homeroom.example/tenant' },
      claims: { subject: 'oid', email: 'upn', name: 'display' },
      trustsEmail: true,
      clockToleranceSeconds: 0,
    },
  ]);
});

test('what is wrong with an issuer is named by its place', () => {
  const right = {
    issuer: 'https://login.example',
    audience: 'homeroom',
    tenantId: '0190f3c2-0000-7000-8000-000000000001',
  };
  for (const [wrong, place] of [
    [{ ...right, issuer: 'login.example' }, '1.issuer'],
    [{ ...right, issuer: 'https://login.example?x' }, '1.issuer'],
    [{ ...right, audience: [] }, '1.audience'],
    [{ ...right, algorithms: ['HS256'] }, '1.algorithms.0'],
    [{ ...right, algorithms: ['none'] }, '1.algorithms.0'],
    [{ ...right, tenantId: 'district' }, '1.tenantId'],
    [{ ...right, tenantId: undefined }, '1.tenantId'],
    [{ ...right, tenantClaim: 'tenant' }, '1.tenantId'],
    [{ ...right, clockToleranceSeconds: 301 }, '1.clockToleranceSeconds'],
  ] as const) {
    const [told, ...more] = problemsOf({ OIDC_ISSUERS: JSON.stringify([right, wrong]) });
    assert.ok(told?.startsWith('OIDC_ISSUERS: give') && told.includes(`(wrong at ${place})`), told);
    assert.deepEqual(more, []);
  }
});

test('the settings cannot be changed afterwards', () => {
  const config = readConfig({});
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.database) && Object.isFrozen(config.corsOrigins));
});

test('an empty variable counts as not set', () => {
  assert.deepEqual(readConfig(Object.fromEntries(variableNames.map((name) => [name, ' ']))), readConfig({}));
});

test('all wrong settings are told at once, each with a remedy', () => {
  const wrong: Record<string, string> = Object.fromEntries(variableNames.map((name) => [name, '*wrong*']));
  // Any text is a path and an address to try to listen on.
  delete wrong.HOMEROOM_DATA_DIR;
  delete wrong.TRUSTED_DOCUMENTS;
  delete wrong.HOST;
  const told = problemsOf(wrong);
  assert.deepEqual(told.map((problem) => problem.split(':')[0] ?? '').sort(), Object.keys(wrong).sort());
  for (const problem of told) assert.match(problem, /: (give|use) .+\.$/);
});

test('a wrong secret is not repeated in the message', () => {
  const told = problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db', HOMEROOM_MASTER_KEY: 'hunter2' });
  assert.equal(told.length, 2);
  assert.doesNotMatch(told.join(), /hunter2/);
});

const refused: [title: string, env: Record<string, string>, about: RegExp][] = [
  ['a port beyond the last', { PORT: '65536' }, /^PORT/],
  ['a number with a tail', { WORKER_CONCURRENCY: '4x' }, /^WORKER_CONCURRENCY/],
  ['a master key that is too short', { HOMEROOM_MASTER_KEY: 'c2hvcnQ=' }, /^HOMEROOM_MASTER_KEY/],
  ['a master key that is a placeholder', { HOMEROOM_MASTER_KEY: Buffer.alloc(32).toString('base64') }, /^HOMEROOM_MAS/],
  ['every origin', { CORS_ORIGINS: '*' }, /^CORS_ORIGINS/],
  ['an origin with a path', { CORS_ORIGINS: 'https://portal.example/app' }, /^CORS_ORIGINS/],
  ['an allowed host without its port', { HOMEROOM_ALLOWED_HOSTS: 'localhost' }, /^HOMEROOM_ALLOWED_HOSTS/],
  ['a login for requests without one that migrates', { APP_DATABASE_URL: 'postgres://a@b/c' }, /set DATABASE_URL too/],
  ['production without a master key', { NODE_ENV: 'production' }, /^HOMEROOM_MASTER_KEY: required in production/],
  ['trusted documents only, and none', { TRUSTED_DOCUMENTS_ONLY: 'on' }, /^TRUSTED_DOCUMENTS_ONLY: set TRUSTED_DOC/],
  ['issuers that are no JSON', { OIDC_ISSUERS: 'https://login.example' }, /^OIDC_ISSUERS: give a list in JSON/],
  ['an issuer with a word nobody knows', { OIDC_ISSUERS: '[{"isuer":"https://login.example"}]' }, /^OIDC_ISSUERS/],
  [
    'an issuer that anybody on the way could speak for, in production',
    {
      NODE_ENV: 'production',
      HOMEROOM_MASTER_KEY: key,
      OIDC_ISSUERS: '[{"issuer":"http://login.example","audience":"a","tenantClaim":"t"}]',
    },
    /^OIDC_ISSUERS: give https:\/\/ addresses only/,
  ],
  [
    'private hosts in production',
    { NODE_ENV: 'production', HOMEROOM_MASTER_KEY: key, HOMEROOM_ALLOWED_HOSTS: 'localhost:1' },
    /^HOMEROOM_ALLOWED_HOSTS: remove it in production/,
  ],
];
for (const [title, env, about] of refused) {
  test(`${title} is refused`, () => {
    const told = problemsOf(env);
    assert.equal(told.length, 1);
    assert.match(told.join(), about);
  });
}

test('the page for people is off in production unless asked for', () => {
  const production = { NODE_ENV: 'production', HOMEROOM_MASTER_KEY: key };
  assert.equal(readConfig(production).graphiql, false);
  assert.equal(readConfig({ ...production, GRAPHIQL: 'on' }).graphiql, true);
});

test('metrics are opened with a key of their own, and a port is of no use without it', () => {
  const key = 'the-key-of-the-operators-prometheus';
  assert.deepEqual(readConfig({ METRICS_KEY: key }).metrics, { key, port: null });
  assert.deepEqual(readConfig({ METRICS_KEY: key, METRICS_PORT: '9464' }).metrics, { key, port: 9464 });
  assert.throws(() => readConfig({ METRICS_PORT: '9464' }), /METRICS_PORT: set METRICS_KEY too/);
  assert.throws(() => readConfig({ METRICS_KEY: 'short' }), /METRICS_KEY: give at least 24/);
});

test('.env.example names every setting with its default, and no other', async () => {
  const text = await readFile(new URL('../.env.example', import.meta.url), 'utf8');
  const lines = [...text.matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const);
  assert.deepEqual(lines.map(([name]) => name).sort(), [...variableNames].sort());
  // What it says is the default is the default.
  assert.deepEqual(readConfig(Object.fromEntries(lines)), readConfig({}));
  // And everything else in it is a comment: copied as it is, it changes nothing.
  assert.deepEqual(
    text.split('\n').filter((line) => line !== '' && !line.startsWith('#')),
    [],
  );
});

test('without a configured master key one is made once, for its owner only', async () => {
  const options = { masterKey: null, dataDir: join(dir, 'new', 'data') };
  const keys = await Promise.all(Array.from({ length: 4 }, () => loadMasterKey(options)));
  for (const made of keys) assert.deepEqual(made, keys[0]);
  assert.equal(keys[0]?.length, 32);
  assert.equal((await stat(join(options.dataDir, 'master.key'))).mode & 0o777, 0o600);
  assert.deepEqual(await loadMasterKey(options), keys[0]);
});

test('a configured master key is used and no file is made', async () => {
  const dataDir = join(dir, 'none');
  const { masterKey } = readConfig({ HOMEROOM_MASTER_KEY: key });
  assert.deepEqual(await loadMasterKey({ masterKey, dataDir }), Buffer.from(key, 'base64'));
  await assert.rejects(stat(dataDir), { code: 'ENOENT' });
});

test('a damaged key file stops the start instead of being replaced', async () => {
  await writeFile(join(dir, 'master.key'), 'not a key\n');
  await assert.rejects(loadMasterKey({ masterKey: null, dataDir: dir }), ConfigError);
});
