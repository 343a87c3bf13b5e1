/** The only reader of the environment. `.env.example` explains each variable to the person who sets it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type IssuerConfig, issuers } from './config/issuers.ts';

export interface Config {
  readonly mode: 'development' | 'test' | 'production';
  readonly database: {
    /** Null: the embedded server. */
    readonly url: string | null;
    /** A login of its own for a role; null: the address above. */
    readonly appUrl: string | null;
    readonly workerUrl: string | null;
    readonly systemUrl: string | null;
  };
  /** Absolute. What is not in a database of yours: the embedded one, the generated master key. */
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** How others reach us, without a slash at its end; null: the address we listen on. */
  readonly publicUrl: string | null;
  readonly logLevel: (typeof logLevels)[number];
  /** 32 bytes; null: the one in `dataDir` (see `loadMasterKey`). */
  readonly masterKey: Buffer | null;
  /** Origins, such as `https://school.example`, whose pages may call us. */
  readonly corsOrigins: readonly string[];
  /** `host:port` pairs that outbound calls may reach although they are private. */
  readonly allowedHosts: readonly string[];
  readonly workerConcurrency: number;
  readonly graphiql: boolean;
  /** What `/metrics` is opened with; null: it is not there. `port`: of a process that only works; 0: any free one; null: none. */
  readonly metrics: { readonly key: string; readonly port: number | null } | null;
  /** Points a second that come back to each caller of the API, and to all of a tenant's together; ten seconds of them may be saved up. */
  readonly points: { readonly perCaller: number; readonly perTenant: number };
  /** Live connections that one gateway holds for each key, for each person, and for all of a tenant's together. */
  readonly connections: { readonly perCaller: number; readonly perPerson: number; readonly perTenant: number };
  /** Documents that clients may name instead of sending them. Absolute, or null: none. `only`: no others are run. */
  readonly trustedDocuments: { readonly path: string | null; readonly only: boolean };
  /** Whose access tokens open the API (OpenID Connect). */
  readonly issuers: readonly IssuerConfig[];
}

/** Something in the environment is wrong. The message lists all of it, each with what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'config';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`Homeroom cannot start with these settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const masterKeyBytes = 32;
/** Of METRICS_KEY: it guards numbers of all tenants. */
const shortestKey = 24;
const databaseRemedy = 'give an address like postgres://user:password@host:5432/database';

/** Each variable's form, and what to tell a person who wrote something else. Values are not repeated: some are secret. */
const variables = {
  NODE_ENV: [
    z.enum(['development', 'test', 'production']).default('development'),
    'use development, test or production',
  ],
  DATABASE_URL: [databaseUrl(), databaseRemedy],
  APP_DATABASE_URL: [databaseUrl(), databaseRemedy],
  WORKER_DATABASE_URL: [databaseUrl(), databaseRemedy],
  SYSTEM_DATABASE_URL: [databaseUrl(), databaseRemedy],
  HOMEROOM_DATA_DIR: [z.string().default('.homeroom'), 'give the path of a directory'],
  HOMEROOM_MASTER_KEY: [masterKey(), 'give 32 random bytes in base64, as "openssl rand -base64 32" prints them'],
  HOMEROOM_ALLOWED_HOSTS: [
    list(/^(?:[^\s:/@[\]]+|\[[\da-f:.]+\]):\d{1,5}$/i),
    'give host:port pairs, separated by commas, such as localhost:8080',
  ],
  HOST: [z.string().default('127.0.0.1'), 'give an address to listen on: 127.0.0.1 for this machine, 0.0.0.0 for all'],
  PORT: [wholeNumber(0, 65_535).default(4000), 'give a number from 0 (any free port) to 65535'],
  PUBLIC_URL: [httpUrl(), 'give the address others reach Homeroom at, such as https://homeroom.example'],
  CORS_ORIGINS: [
    list(/^https?:\/\/[^/\s*]+$/),
    'give origins, separated by commas, such as https://portal.example: scheme and host, no path, no *',
  ],
  GRAPHIQL: [onOrOff().optional(), 'use on or off'],
  POINTS_PER_CALLER: [wholeNumber(1, 1_000_000).default(100), 'give a number from 1 to 1000000'],
  POINTS_PER_TENANT: [wholeNumber(1, 1_000_000).default(500), 'give a number from 1 to 1000000'],
  CONNECTIONS_PER_CALLER: [wholeNumber(1, 1_000_000).default(50), 'give a number from 1 to 1000000'],
  CONNECTIONS_PER_PERSON: [wholeNumber(1, 1_000_000).default(5), 'give a number from 1 to 1000000'],
  CONNECTIONS_PER_TENANT: [wholeNumber(1, 1_000_000).default(500), 'give a number from 1 to 1000000'],
  TRUSTED_DOCUMENTS: [z.string().optional(), 'give the path of a file or a directory'],
  TRUSTED_DOCUMENTS_ONLY: [onOrOff().default(false), 'use on or off'],
  OIDC_ISSUERS: [
    issuers(),
    'give a list in JSON, such as [{"issuer":"https://login.example","audience":"homeroom","tenantId":"…"}]; .env.example lists the rest',
  ],
  METRICS_KEY: [
    z.string().min(shortestKey).optional(),
    `give at least ${shortestKey} characters, such as "openssl rand -hex 24" prints`,
  ],
  METRICS_PORT: [wholeNumber(0, 65_535).optional(), 'give a number from 0 (any free port) to 65535'],
  LOG_LEVEL: [z.enum(logLevels).default('info'), `use one of ${logLevels.join(', ')}`],
  WORKER_CONCURRENCY: [wholeNumber(1, 64).default(4), 'give a number from 1 to 64'],
} as const satisfies Record<string, readonly [z.ZodType, string]>;

type Variable = keyof typeof variables;
type Values = { readonly [Name in Variable]: z.output<(typeof variables)[Name][0]> };

export const variableNames = Object.keys(variables) as readonly Variable[];

/**
 * Reads and judges all variables at once. An empty one counts as not set.
 *
 * @param directory what a relative HOMEROOM_DATA_DIR is relative to.
 * @throws ConfigError with every problem.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, directory = process.cwd()): Config {
  const given = Object.fromEntries(variableNames.map((name) => [name, env[name]?.trim() || undefined]));
  const read = variableNames.map((name) => [name, variables[name][0].safeParse(given[name])] as const);
  const misread = read.flatMap(([name, { error }]) =>
    error === undefined ? [] : [`${name}: ${variables[name][1]}${placesIn(error)}.`],
  );
  const values = Object.fromEntries(read.map(([name, { data }]) => [name, data])) as Values;
  const problems = [...misread, ...contradictions(given, values.OIDC_ISSUERS ?? [])];
  if (problems.length > 0) throw new ConfigError(problems);

  return deepFreeze({
    mode: values.NODE_ENV,
    database: {
      url: values.DATABASE_URL ?? null,
      appUrl: values.APP_DATABASE_URL ?? null,
      workerUrl: values.WORKER_DATABASE_URL ?? null,
      systemUrl: values.SYSTEM_DATABASE_URL ?? null,
    },
    dataDir: resolve(directory, values.HOMEROOM_DATA_DIR),
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    logLevel: values.LOG_LEVEL,
    masterKey: values.HOMEROOM_MASTER_KEY ?? null,
    corsOrigins: values.CORS_ORIGINS,
    allowedHosts: values.HOMEROOM_ALLOWED_HOSTS,
    workerConcurrency: values.WORKER_CONCURRENCY,
    metrics: values.METRICS_KEY === undefined ? null : { key: values.METRICS_KEY, port: values.METRICS_PORT ?? null },
    graphiql: values.GRAPHIQL ?? values.NODE_ENV !== 'production',
    points: { perCaller: values.POINTS_PER_CALLER, perTenant: values.POINTS_PER_TENANT },
    connections: {
      perCaller: values.CONNECTIONS_PER_CALLER,
      perPerson: values.CONNECTIONS_PER_PERSON,
      perTenant: values.CONNECTIONS_PER_TENANT,
    },
    trustedDocuments: {
      path: values.TRUSTED_DOCUMENTS === undefined ? null : resolve(directory, values.TRUSTED_DOCUMENTS),
      only: values.TRUSTED_DOCUMENTS_ONLY,
    },
    issuers: values.OIDC_ISSUERS,
  });
}

/** Where in a variable that has parts something is wrong. */
function placesIn({ issues }: z.ZodError): string {
  const places = issues.flatMap(({ path }) => (path.length > 1 ? [path.join('.')] : []));
  return places.length > 0 ? ` (wrong at ${places.join(', ')})` : '';
}

/** What no variable can be blamed for alone. */
function contradictions(
  given: Readonly<Record<string, string | undefined>>,
  issuers: readonly IssuerConfig[],
): string[] {
  const problems: string[] = [];
  for (const name of ['APP_DATABASE_URL', 'WORKER_DATABASE_URL', 'SYSTEM_DATABASE_URL']) {
    if (given[name] && !given.DATABASE_URL) {
      problems.push(
        `${name}: set DATABASE_URL too, with the login that migrates; or remove it to use the embedded database.`,
      );
    }
  }
  if (given.TRUSTED_DOCUMENTS_ONLY === 'on' && !given.TRUSTED_DOCUMENTS) {
    problems.push('TRUSTED_DOCUMENTS_ONLY: set TRUSTED_DOCUMENTS too, or nothing could be asked.');
  }
  if (given.METRICS_PORT && !given.METRICS_KEY) {
    problems.push('METRICS_PORT: set METRICS_KEY too, which the metrics are opened with; or remove it.');
  }
  if (given.NODE_ENV !== 'production') return problems;
  if (!given.HOMEROOM_MASTER_KEY) {
    problems.push(
      'HOMEROOM_MASTER_KEY: required in production. Make one with "openssl rand -base64 32" and keep it safe: ' +
        'without it the stored credentials cannot be read.',
    );
  }
  if (issuers.some(({ issuer }) => issuer.startsWith('http:'))) {
    problems.push('OIDC_ISSUERS: give https:// addresses only in production, or anybody on the way could sign tokens.');
  }
  if (given.HOMEROOM_ALLOWED_HOSTS) {
    problems.push('HOMEROOM_ALLOWED_HOSTS: remove it in production, where outbound calls reach public addresses only.');
  }
  return problems;
}

/**
 * The key that stored credentials are encrypted with: the configured one, else one that is made once, for this data
 * directory, in a file only its owner can read.
 */
export async function loadMasterKey(config: Pick<Config, 'masterKey' | 'dataDir'>): Promise<Buffer> {
  if (config.masterKey !== null) return config.masterKey;
  const path = join(config.dataDir, 'master.key');
  const found = await readKey(path);
  if (found !== null) return found;

  await mkdir(config.dataDir, { recursive: true });
  // Written whole under another name and then linked: of two processes that start together the first one's key stands.
  const part = `${path}.${randomUUID()}`;
  await writeFile(part, `${randomBytes(masterKeyBytes).toString('base64')}\n`, { mode: 0o600, flush: true });
  await link(part, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(part);
  return loadMasterKey(config);
}

async function readKey(path: string): Promise<Buffer | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const { data } = masterKey().safeParse(text.trim());
  if (data) return data;
  throw new ConfigError([`${path} does not hold a key: put the file back from a backup. Credentials need it.`]);
}

function databaseUrl() {
  return z.url({ protocol: /^postgres(?:ql)?$/ }).optional();
}

function httpUrl() {
  return z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional();
}

function masterKey() {
  return (
    z
      .base64()
      .transform((text) => Buffer.from(text, 'base64'))
      // One byte repeated is a placeholder, not a key.
      .refine((key) => key.length === masterKeyBytes && new Set(key).size > 1)
      .optional()
  );
}

function onOrOff() {
  return z.stringbool({ truthy: ['on'], falsy: ['off'] });
}

function wholeNumber(least: number, most: number) {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(least).max(most));
}

function list(item: RegExp) {
  return z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((part) => part.trim() || []))
    .pipe(z.array(z.string().regex(item)));
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    // Bytes cannot be frozen.
    if (typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner)) deepFreeze(inner);
  }
  return Object.freeze(value);
}
