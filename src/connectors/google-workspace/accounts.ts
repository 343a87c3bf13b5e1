/** The accounts of the domain: found by e-mail address, kept in step in their names, never made or removed here. */
import { z } from 'zod';
import { type Field, type PushRequest, type Sought, stream } from '../kit/contract.ts';
import { NotPermitted } from '../kit/errors.ts';
import { ask, type GoogleClient, read } from './client.ts';
import { isNotFound } from './errors.ts';
import { listPages, rawRecord, readInGroups } from './listing.ts';
import { fitText } from './text.ts';
import { asUnknownCustomer } from './wrong-settings.ts';

const account = z.object({
  id: z.string().min(1),
  primaryEmail: z.string().optional().catch(undefined),
  name: z
    .object({ givenName: z.string().optional().catch(undefined), familyName: z.string().optional().catch(undefined) })
    .optional()
    .catch(undefined),
  deletionTime: z.string().optional().catch(undefined),
});

type Account = z.output<typeof account>;

const listed = z.object({ users: z.array(z.unknown()).optional(), nextPageToken: z.string().optional() });
const fields = 'id,primaryEmail,name(givenName,familyName),deletionTime';

/** "Directory API: Users": each part of a name holds 60 characters. */
const longestName = 60;

/** OneRoster's roles of those who teach, learn and work at a school; families have no account of the school's. */
const staffAndStudents = [
  'student',
  'teacher',
  'aide',
  'administrator',
  'counselor',
  'districtAdministrator',
  'principal',
  'proctor',
  'siteAdministrator',
  'systemAdministrator',
] as const;

export const accounts = stream<GoogleClient, 'person', Account>({
  entity: 'person',
  born: 'here',
  action: 'google_workspace.account',
  wire: account,
  key: (wire) => wire.id,
  match: [{ by: ['email'], adopt: 'link' }],
  // A suspended account is not gone: it keeps its classes, and its owner may be back after the holidays.
  gone: (wire) => wire.deletionTime !== undefined,
  fields: {
    email: {
      read: ({ primaryEmail }) => primaryEmail?.toLowerCase(),
      canonical: (email) => email.trim().toLowerCase(),
      owner: 'homeroom',
    },
    givenName: namePart('givenName'),
    familyName: namePart('familyName'),
  },
  selects: {
    describe: 'Active staff and students with an e-mail address',
    where: { role: staffAndStudents },
    needs: ['email'],
    leaving: 'park',
  },
  pull: {
    all: ({ client, signal, checkpoint }) =>
      listPages(checkpoint, async (pageToken) => {
        const page = await list(client, signal, pageToken).catch((error: unknown) => {
          throw pageToken === undefined ? asUnknownCustomer(error) : error;
        });
        return { records: page.users ?? [], nextPageToken: page.nextPageToken };
      }),
    some: ({ client, signal }, asked) =>
      readInGroups(
        asked,
        ({ recordId }) => recordId,
        (sought) => find(client, signal, sought),
      ),
  },
  push: { update },
});

function namePart(part: 'givenName' | 'familyName'): Field<Account, string> {
  return {
    read: ({ name }) => (name === undefined ? undefined : (name[part] ?? '')),
    // The other part stays out: it may be a question that nobody has answered yet, and Google keeps what is not sent.
    write: (value) => ({ name: { [part]: value ?? '' } }),
    canonical: (value) => fitText(value, longestName),
    owner: 'homeroom',
  };
}

function list(client: GoogleClient, signal: AbortSignal, pageToken: string | undefined) {
  const { customer } = client;
  const params = { customer, maxResults: 500, pageToken, fields: `nextPageToken,users(${fields})` };
  return read(client, { doing: 'read accounts', shape: listed, signal }, (options) =>
    client.directory.users.list(params, options),
  );
}

/** The account by its id, or by the person's address while it is not linked: one record, or none. */
async function find(client: GoogleClient, signal: AbortSignal, { key, row }: Sought): Promise<readonly unknown[]> {
  const userKey = key ?? row.email;
  if (typeof userKey !== 'string' || userKey.trim() === '') return [];

  try {
    const params = { userKey, fields };
    return [
      await read(client, { doing: 'look up an account', shape: rawRecord, signal }, (options) =>
        client.directory.users.get(params, options),
      ),
    ];
  } catch (error) {
    // About an address outside the customer's domains Google says "forbidden": such an account is none of the school's.
    const isForeign = key === null && error instanceof NotPermitted && error.code === 'google_not_permitted';
    if (isForeign || isNotFound(error)) return [];
    throw error;
  }
}

async function update(client: GoogleClient, key: string, { patch, signal }: PushRequest): Promise<{ wire: Account }> {
  const params = { userKey: key, fields, requestBody: patch };
  return {
    wire: await ask(client, { doing: 'rename an account', shape: account, signal }, (options) =>
      client.directory.users.update(params, options),
    ),
  };
}
