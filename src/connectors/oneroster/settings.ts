/** What a school tells us about its SIS, and the key pair it gives us: the two forms of this connector. */
import { z } from 'zod';
import { baseAddress } from './address.ts';

/** An empty field of a form is a field that was not filled in. */
const optionalText = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

/** Calls a minute of which no server has been heard to complain, and which one reader page by page seldom reaches. */
export const usualCalls = 600;

export const settings = z
  .object({
    baseUrl: z
      .string()
      .trim()
      .min(1)
      .refine((text) => baseAddress(text, '1.1') !== undefined, 'This is not a web address.')
      .meta({
        title: 'Address',
        description:
          'The web address of the SIS’s OneRoster service: the host, the host with a prefix, or the whole base such as https://sis.example.org/ims/oneroster/v1p1.',
      }),
    version: z.enum(['1.1', '1.2']).default('1.1').meta({
      title: 'OneRoster version',
      description: 'Which version the SIS offers at this address. Most offer 1.1.',
    }),
    tokenUrl: optionalText
      .refine((text) => text === undefined || isWebAddress(text), 'This is not a web address.')
      .meta({
        title: 'Token address',
        description:
          'Where access tokens are given out (OAuth 2); it is another address than the one above. Empty: requests are signed instead (OAuth 1.0a), which only OneRoster 1.1 knows.',
      }),
    scope: optionalText.meta({
      title: 'Scope',
      description:
        'The OAuth 2 scopes to ask for, separated by spaces, where the provider names them. Empty: read access to the core roster, and if the provider refuses that, none in particular.',
    }),
    schoolSourcedId: optionalText.meta({
      title: 'School',
      description: 'The sourcedId of the one school to read, where the SIS serves several. Empty: everything it shows.',
    }),
    pageSize: z.int().min(1).max(10_000).default(5_000).meta({
      title: 'Page size',
      description: 'How many records to ask for at a time. Smaller pages are kinder to a slow SIS.',
    }),
    callsPerMinute: z
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .meta({
        title: 'Calls a minute',
        description: `How many calls a minute the provider allows you, where it names a number. Empty: ${usualCalls}.`,
      }),
  })
  .refine(({ version, tokenUrl }) => version !== '1.2' || tokenUrl !== undefined, {
    path: ['tokenUrl'],
    message: 'OneRoster 1.2 needs a token address.',
  });

export type OneRosterSettings = z.output<typeof settings>;

export const credentials = z.object({
  clientId: z.string().trim().min(1).meta({
    title: 'Client id',
    description: 'The client id the provider gave you; some call it consumer key.',
  }),
  clientSecret: z.string().trim().min(1).meta({
    title: 'Client secret',
    description: 'The secret that belongs to it.',
    writeOnly: true,
  }),
});

export type OneRosterCredentials = z.output<typeof credentials>;

/** Scopes to try in turn; '' asks for none. OneRoster 1.2 names the scopes of both versions alike but for their path. */
export function scopesOf({ scope, version }: Pick<OneRosterSettings, 'scope' | 'version'>): readonly string[] {
  if (scope !== undefined) return [scope];
  const path = version === '1.1' ? 'v1p1' : 'v1p2';
  return [`https://purl.imsglobal.org/spec/or/${path}/scope/roster-core.readonly`, ''];
}

function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.hash === '';
}
