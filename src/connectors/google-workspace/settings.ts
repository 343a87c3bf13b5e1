/** What a school tells us about its Google Workspace, and the credentials it gives us: the two forms of this connector. */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';

/** Least rights for what this connector does: each line of the Admin console's delegation form, in this order. */
export const scopes = [
  'https://www.googleapis.com/auth/classroom.courses',
  'https://www.googleapis.com/auth/classroom.rosters',
  'https://www.googleapis.com/auth/classroom.profile.emails',
  'https://www.googleapis.com/auth/admin.directory.user',
] as const;

/** Where Google gives out tokens; also the audience of a service account's assertion, wherever it is sent. */
export const googleTokenUrl = 'https://oauth2.googleapis.com/token';

const webAddress = z.url({ protocol: /^https?$/, error: 'This is not a web address.' });

export const settings = z.object({
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^([a-z0-9-]+\.)+[a-z0-9-]{2,}$/, 'This is not a domain name, such as school.example.')
    .meta({ title: 'Domain', description: 'The Google domain of the school, for example school.example.' }),
  customer: z.string().trim().min(1).default('my_customer').meta({
    title: 'Customer',
    description: 'The id of the Google Workspace customer; my_customer is the one the account we act as belongs to.',
  }),
  callsPerMinute: z.int().min(60).max(600_000).optional().meta({
    title: 'Classroom calls a minute',
    description:
      'The Classroom quota of the account we act as, where Google has raised it for your Cloud project; 1,200 a minute otherwise. Homeroom uses nine tenths of it.',
  }),
  onlyCurrentTerms: z.boolean().default(false).meta({
    title: 'Only current terms',
    description:
      'Mirror a class only while one of its terms is under way. When its last term ends its course is archived, with its roster as it was.',
  }),
  apiRootUrl: webAddress.optional().meta({
    title: 'API address',
    description:
      'Serves all Google APIs instead of Google’s own hosts: for a proxy or a simulator. Leave it empty otherwise.',
  }),
  tokenUrl: webAddress.default(googleTokenUrl).meta({
    title: 'Token address',
    description: 'Where access tokens are asked for. Change it only for a proxy or a simulator.',
  }),
});

export type GoogleSettings = z.output<typeof settings>;

const keyFile = z.object({
  client_email: z.email(),
  private_key: z.string().refine(isPrivateKey),
  private_key_id: z.string().optional(),
  project_id: z.string().optional(),
});

export type ServiceAccountKey = z.output<typeof keyFile>;

const secret = z.string().trim().min(1).optional();

const credentialFields = z.object({
  serviceAccountKey: secret.meta({
    title: 'Service account key',
    description: 'The whole text of the JSON key file of a service account with domain-wide delegation.',
    writeOnly: true,
  }),
  adminEmail: z.string().trim().toLowerCase().regex(z.regexes.email, 'This is not an e-mail address.').optional().meta({
    title: 'Administrator',
    description: 'The e-mail address of the administrator as whom the service account acts.',
  }),
  clientId: z.string().trim().min(1).optional().meta({
    title: 'Client id',
    description: 'Instead of a service account: the id of the OAuth client that the refresh token was given to.',
  }),
  clientSecret: secret.meta({
    title: 'Client secret',
    description: 'The secret of that OAuth client.',
    writeOnly: true,
  }),
  refreshToken: secret.meta({
    title: 'Refresh token',
    description: 'A refresh token of an administrator of the domain.',
    writeOnly: true,
  }),
});

export type GoogleCredentials = z.output<typeof credentialFields>;

/** Either a service account and whom it acts as, or an OAuth client and a refresh token: one of the two, whole. */
export const credentials = credentialFields.superRefine((given, context) => {
  const account = ['serviceAccountKey', 'adminEmail'] as const;
  const token = ['clientId', 'clientSecret', 'refreshToken'] as const;
  const usesToken = token.some((name) => given[name] !== undefined);

  if (usesToken && account.some((name) => given[name] !== undefined)) {
    context.addIssue({
      code: 'custom',
      path: ['refreshToken'],
      message: 'Give a service account or a token, not both.',
    });
    return;
  }
  for (const name of usesToken ? token : account) {
    if (given[name] === undefined) context.addIssue({ code: 'custom', path: [name], message: 'This is needed.' });
  }
  if (given.serviceAccountKey !== undefined && parseKeyFile(given.serviceAccountKey) === undefined) {
    const message = 'This is not the JSON key file of a service account: client_email and private_key are needed.';
    context.addIssue({ code: 'custom', path: ['serviceAccountKey'], message });
  }
});

/** How we sign in, read from the credentials: parsed once, when a connection is made. */
export type SignInMeans =
  | { kind: 'serviceAccount'; key: ServiceAccountKey; adminEmail: string }
  | { kind: 'token'; clientId: string; clientSecret: string; refreshToken: string };

/** The one means that the credentials hold. Throws a `ZodError` for credentials that never passed their own check. */
export function readMeans(given: GoogleCredentials): SignInMeans {
  const { clientId, clientSecret, refreshToken } = given;
  if (clientId !== undefined && clientSecret !== undefined && refreshToken !== undefined) {
    return { kind: 'token', clientId, clientSecret, refreshToken };
  }
  const { serviceAccountKey, adminEmail } = z
    .object({ serviceAccountKey: z.string().transform(parseKeyFile).pipe(keyFile), adminEmail: z.string() })
    .parse(given);

  return { kind: 'serviceAccount', key: serviceAccountKey, adminEmail };
}

function parseKeyFile(text: string): ServiceAccountKey | undefined {
  try {
    return keyFile.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch (error) {
    // OpenSSL's complaint may quote the key: it goes no further.
    if (error instanceof Error) return false;
    throw error;
  }
}
