// What a simulated Google starts with; plain data, so that it can be handed to a process of its own.
import { z } from 'zod';
import { rulesSchema } from './rules.ts';

const userOptions = z.strictObject({
  primaryEmail: z.string(),
  givenName: z.string(),
  familyName: z.string(),
  /** The organisation's own id for this person. */
  externalId: z.string().optional(),
  orgUnitPath: z.string().optional(),
});

export const domainOptions = z.strictObject({
  /** `school.example`; one Workspace customer. */
  name: z.string(),
  /** Addresses of the super admins; those not among the users are made. */
  admins: z.array(z.string()),
  users: z.array(userOptions).default([]),
});

export const serviceAccountOptions = z.strictObject({
  clientEmail: z.string(),
  /** PEM. */
  publicKey: z.string(),
  /** Full addresses of the scopes it is authorised for. */
  scopes: z.array(z.string()),
  /** Names of the domains that have authorised it; every domain when absent. */
  domains: z.array(z.string()).optional(),
  /** By default the part of the address before `.iam.gserviceaccount.com`. */
  project: z.string().optional(),
});

export const clientOptions = z.strictObject({
  clientId: z.string(),
  clientSecret: z.string(),
  /** By default the client id itself. */
  project: z.string().optional(),
});

const perMinute = z.strictObject({ perUser: z.number(), perProject: z.number().optional() });
export const quotaOptions = z.union([z.literal('off'), z.strictObject({ classroom: perMinute, directory: perMinute })]);

export const googleOptions = z.strictObject({
  domains: z.array(domainOptions),
  serviceAccounts: z.array(serviceAccountOptions).default([]),
  clients: z.array(clientOptions).default([]),
  /** Google's own numbers by default. */
  quota: quotaOptions.optional(),
  rules: rulesSchema.partial().default({}),
  port: z.int().optional(),
  journalLimit: z.int().positive().optional(),
});

export type DomainOptions = z.input<typeof domainOptions>;
export type GoogleOptions = z.input<typeof googleOptions>;
