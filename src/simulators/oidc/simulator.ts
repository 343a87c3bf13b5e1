/** An issuer of OpenID Connect on loopback: it describes itself, publishes its keys, changes them, and signs whatever claims it is given. */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { SimulatorClock } from '../kit/clock.ts';
import { type Simulator, startSimulator } from '../kit/server.ts';

export interface OidcOptions {
  /** Behind the origin: `/realms/district`. Default: none. */
  readonly path?: string;
  /** One key each; the first one signs unless told otherwise. Default `['RS256']`. */
  readonly algorithms?: readonly string[];
  /** Keys for other uses, published beside those that sign. */
  readonly others?: readonly JWK[];
  /** What it says to be. Default: what it is. */
  readonly says?: string;
  readonly clock?: SimulatorClock;
  readonly port?: number;
}

export interface Signing {
  readonly alg?: string;
  /** What the header says beside `alg` and `kid`. */
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface OidcSimulator extends Simulator {
  readonly issuer: string;
  /** The public keys it has at present. */
  publicKeys(): readonly JWK[];
  /** Of five minutes, for the audience `homeroom`, unless the claims say otherwise; `undefined` leaves one out. */
  token(claims: JWTPayload, signing?: Signing): Promise<string>;
  /** Withdraws its keys and publishes others. */
  rotate(): Promise<void>;
}

interface Pair {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

const lifeSeconds = 300;

export async function startOidcSimulator(options: OidcOptions = {}): Promise<OidcSimulator> {
  const { path = '', algorithms = ['RS256'] } = options;
  let pairs = await Promise.all(algorithms.map(newPair));
  const publicKeys = () => [...(options.others ?? []), ...pairs.map(({ jwk }) => jwk)];
  const simulator: Simulator = await startSimulator({
    name: 'OIDC issuer',
    routes: [
      {
        name: 'discovery',
        method: 'GET',
        path: `${path}/.well-known/openid-configuration`,
        handler: ({ origin }) => ({
          status: 200,
          json: {
            issuer: options.says ?? `${origin}${path}`,
            authorization_endpoint: `${origin}${path}/authorize`,
            token_endpoint: `${origin}${path}/token`,
            jwks_uri: `${origin}${path}/keys`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: algorithms,
          },
        }),
      },
      {
        name: 'keys',
        method: 'GET',
        path: `${path}/keys`,
        handler: () => ({ status: 200, json: { keys: publicKeys() } }),
      },
    ],
    ...(options.clock && { clock: options.clock }),
    ...(options.port !== undefined && { port: options.port }),
  });
  const issuer = `${simulator.origin}${path}`;

  return {
    ...simulator,
    issuer,
    publicKeys,
    async token(claims, { alg = algorithms[0], header = {} } = {}) {
      const pair = pairs.find((each) => each.alg === alg);
      if (pair === undefined) throw new RangeError(`The issuer has no key for ${alg}.`);
      const now = Math.floor(simulator.clock.now().getTime() / 1_000);
      const usual = { iss: issuer, aud: 'homeroom', iat: now, exp: now + lifeSeconds };

      return new SignJWT({ ...usual, ...claims })
        .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ: 'at+jwt', ...header })
        .sign(pair.privateKey);
    },
    async rotate() {
      pairs = await Promise.all(algorithms.map(newPair));
    },
  };
}

async function newPair(alg: string): Promise<Pair> {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const kid = randomUUID();

  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}
