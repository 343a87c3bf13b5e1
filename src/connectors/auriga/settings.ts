/** What a school tells us about its Auriga and the sign-in in front of it: the two forms, with the names schools know. */
import { z } from 'zod';
import { keycloakAddress } from '../kit/auth/keycloak-address.ts';
import { columns } from './columns.ts';
import { mostRows } from './favorite.ts';
import { isTimeZone } from './time.ts';

/** An empty field of a form is a field that was not filled in. */
const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

const form = z.object({
  url: z
    .string()
    .trim()
    .refine((text) => webAddress(text) !== null, 'This is not a web address.')
    .transform((text) => webAddress(text) ?? text)
    .meta({
      title: 'Auriga address',
      description: 'The web address of your Auriga, such as https://auriga.your-company.fr.',
    }),
  keycloakUrl: z
    .string()
    .trim()
    .refine((text) => keycloakAddress(text) !== null, 'This is not a web address.')
    .meta({
      title: 'Sign-in address',
      description:
        'The base address of the Keycloak in front of Auriga, with or without /auth. The address of the whole log-in page will do: the realm is taken from it.',
    }),
  realm: optionalText.meta({
    title: 'Realm',
    description:
      'The realm to sign in to: what stands behind /realms/ in the log-in page’s address. Empty: taken from the sign-in address.',
  }),
  interventionsDetailFavoriteQueryId: z.string().trim().min(1).meta({
    title: 'Interventions favourite',
    description: 'The id of the saved query that lists the sessions, one a row.',
  }),
  GroupesDetailFavoriteQueryId: optionalText.meta({
    title: 'Groups favourite',
    description: 'The id of the saved query that lists the groups with their learners. Empty: groups are not read.',
  }),
  timeZone: z.string().trim().default('Europe/Paris').refine(isTimeZone, 'There is no such time zone.').meta({
    title: 'Time zone',
    description: 'The time zone of the clock that starts and ends of sessions are written in: an IANA name.',
  }),
  labelLanguages: z.array(z.string().trim().min(1)).default(['fr', 'en']).meta({
    title: 'Languages of labels',
    description: 'Codes of languages, the best first: labels that come in several are taken in the first there is.',
  }),
  sheetNameSeparator: z.string().min(1).max(20).default(' § ').meta({
    title: 'Separator in session names',
    description: 'What stands between the kind of activity and the educational unit in a session’s name.',
  }),
  pageSize: z.int().min(1).max(mostRows).default(mostRows).meta({
    title: 'Page size',
    description:
      'How many rows to ask for at a time. Smaller pages are kinder to a slow Auriga and to sessions with very many learners.',
  }),
  columnAliases: z
    .array(
      z.object({
        heading: z.string().trim().min(1).meta({ title: 'Heading', description: 'How your favourite calls it.' }),
        column: z.enum(Object.values(columns)).meta({ title: 'Column', description: 'The column that is meant.' }),
      }),
    )
    .optional()
    .meta({
      title: 'Other column headings',
      description:
        'Where a favourite has other headings than Auriga’s English ones, such as Apprenant(s): which column each of them is.',
    }),
});

export const settings = form.transform((given, context) => {
  const { base, realm } = keycloakAddress(given.keycloakUrl) ?? { base: given.keycloakUrl, realm: null };
  if (realm !== null && given.realm !== undefined && given.realm !== realm) {
    context.addIssue({ code: 'custom', path: ['realm'], message: 'The sign-in address names another realm.' });
  }
  const named = given.realm ?? realm;
  if (named === null) {
    context.addIssue({ code: 'custom', path: ['realm'], message: 'A realm is needed.' });
    return z.NEVER;
  }
  return { ...given, keycloakUrl: base, realm: named };
});

export type AurigaSettings = z.output<typeof settings>;

export const credentials = z
  .object({
    clientId: z.string().trim().min(1).meta({
      title: 'Client id',
      description: 'The id of the client that Homeroom is in the Keycloak of Auriga.',
    }),
    clientSecret: z.string().trim().min(1).meta({
      title: 'Client secret',
      description: 'The secret that belongs to it.',
      writeOnly: true,
    }),
    username: optionalText.meta({
      title: 'User name',
      description: 'A user who may read both favourites in Auriga. Empty: the client signs in as itself.',
    }),
    password: z
      .string()
      .optional()
      .transform((text) => (text === '' ? undefined : text))
      .meta({ title: 'Password', description: 'The password of this user.', writeOnly: true }),
  })
  .refine(({ username, password }) => username === undefined || password !== undefined, {
    path: ['password'],
    message: 'A user needs a password.',
  });

export type AurigaCredentials = z.output<typeof credentials>;

/** Without a trailing slash, query and fragment; null for what is no web address. */
function webAddress(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return null;

  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
