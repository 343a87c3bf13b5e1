// Service accounts: the key file a person downloads, and what Google keeps of it.
import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { digitsOf } from '../world.ts';

/** A key file as Google hands it out once. */
export interface ServiceAccountKey {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly token_uri: string;
}

/** What Google keeps: the public key, and for which scopes which domains' admins have authorised it. */
export interface ServiceAccount {
  readonly clientEmail: string;
  /** PEM. */
  readonly publicKey: string;
  readonly scopes: readonly string[];
  /** Names of the domains that have authorised it; every domain when absent. */
  readonly domains?: readonly string[] | undefined;
  /** By default the part of the address before `.iam.gserviceaccount.com`. */
  readonly project?: string | undefined;
}

/** Makes a service account with an RSA key of 2048 bits: the key file's contents, and the public key for Google to keep. */
export async function makeServiceAccount({
  name = 'homeroom',
  project = 'homeroom-simulated',
  tokenUri = 'https://oauth2.googleapis.com/token',
}: {
  name?: string | undefined;
  project?: string | undefined;
  tokenUri?: string | undefined;
} = {}): Promise<{ key: ServiceAccountKey; publicKey: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const clientEmail = `${name}@${project}.iam.gserviceaccount.com`;

  return {
    key: {
      type: 'service_account',
      project_id: project,
      private_key_id: createHash('sha1').update(publicKey).digest('hex'),
      private_key: privateKey,
      client_email: clientEmail,
      client_id: digitsOf(clientEmail, 21),
      token_uri: tokenUri,
    },
    publicKey,
  };
}

/** The developer project a service account belongs to. */
export function projectOf(account: ServiceAccount): string {
  return account.project ?? /@(.+)\.iam\.gserviceaccount\.com$/.exec(account.clientEmail)?.[1] ?? account.clientEmail;
}
