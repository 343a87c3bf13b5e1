// The hand at the Google side beyond a single domain: customers, service accounts, consents, quotas.
import { createHand, type DomainHand } from './hand.ts';
import type { OAuthClient } from './oauth/routes.ts';
import { makeServiceAccount, type ServiceAccount, type ServiceAccountKey } from './oauth/service-account.ts';
import type { Tokens } from './oauth/tokens.ts';
import type { DomainOptions } from './options.ts';
import { addUser, changeUser, findUser } from './people.ts';
import type { QuotaCounters } from './quota.ts';
import { addDomain, type World } from './world.ts';

export interface GoogleHand {
  /** The hand in one domain; throws when there is no such domain. */
  domain(name: string): DomainHand;
  domains(): DomainHand[];
  addDomain(options: DomainOptions): DomainHand;
  addServiceAccount(account: ServiceAccount): void;
  /** Makes a service account that is authorised for these scopes, and gives its key file's contents. */
  makeServiceAccount(about: {
    scopes: readonly string[];
    name?: string | undefined;
    project?: string | undefined;
    domains?: readonly string[] | undefined;
  }): Promise<ServiceAccountKey>;
  /** As after a person's consent at an OAuth client: gives the refresh token. */
  grantRefreshToken(about: { clientId: string; email: string; scopes: readonly string[] }): string;
  /** As when a person takes all access away in the account's settings. */
  revokeAccess(email: string): void;
  readonly quota: QuotaCounters;
}

interface GoogleParts {
  readonly world: World;
  readonly tokens: Tokens;
  readonly quota: QuotaCounters;
  readonly accounts: Map<string, ServiceAccount>;
  readonly clients: ReadonlyMap<string, OAuthClient>;
  /** Where service accounts get their tokens; known once the simulator listens. */
  readonly tokenUri: () => string;
}

/** The hand over everything in `parts`. */
export function createGoogleHand({ world, tokens, quota, accounts, clients, tokenUri }: GoogleParts): GoogleHand {
  const hands = new Map<string, DomainHand>();

  const personAt = (email: string) => {
    const user = findUser(world, email);
    if (user === undefined) throw new Error(`nobody has the address ${email}`);
    return user;
  };

  return {
    domain: (name) => {
      const found = hands.get(name);
      if (found === undefined) throw new Error(`there is no domain ${name}`);
      return found;
    },
    domains: () => [...hands.values()],
    addDomain: (domain) => {
      const made = populate(world, domain);
      hands.set(made.name, made);
      return made;
    },
    addServiceAccount: (account) => void accounts.set(account.clientEmail, account),
    makeServiceAccount: async ({ scopes, domains, ...names }) => {
      const { key, publicKey } = await makeServiceAccount({ ...names, tokenUri: tokenUri() });
      accounts.set(key.client_email, { clientEmail: key.client_email, publicKey, scopes, domains });
      return key;
    },
    grantRefreshToken: ({ clientId, email, scopes }) => {
      const client = clients.get(clientId);
      if (client === undefined) throw new Error(`there is no OAuth client ${clientId}`);
      return tokens.grantRefresh({ user: personAt(email), scopes, project: client.project ?? clientId, clientId });
    },
    revokeAccess: (email) => tokens.revokeUser(personAt(email)),
    quota,
  };
}

function populate(world: World, { name, admins, users = [] }: DomainOptions): DomainHand {
  const domain = addDomain(world, name);
  for (const user of users) addUser(world, domain, user);

  for (const email of admins) {
    const user = findUser(world, email);
    if (user === undefined) {
      addUser(world, domain, { primaryEmail: email, givenName: 'Super', familyName: 'Admin', isAdmin: true });
    } else {
      changeUser(user, { isAdmin: true });
    }
  }
  return createHand(world, domain);
}
