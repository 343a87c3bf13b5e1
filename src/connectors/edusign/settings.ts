/** What a school tells us about its Edusign, and the key it gives us: the two forms of this connector. */
import { z } from 'zod';

/** "Basics" of the external API. */
const edusignAddress = 'https://ext.edusign.fr';

export const settings = z.object({
  windowDays: z.int().min(0).max(60).default(14).meta({
    title: 'Days ahead',
    description:
      'A session gets its sheet once it is so many calendar days ahead, today included; only people of such sessions are made in Edusign.',
  }),
  groupSync: z.boolean().default(false).meta({
    title: 'Group synchronisation',
    description: 'Keep groups and their members in step too, for the justification of absences.',
  }),
  fallbackProfessorId: z.string().trim().min(1).optional().meta({
    title: 'Stand-in instructor',
    description:
      'The Edusign id of the instructor to put on sheets whose session names none. Without it such a session has no sheet, which the log tells.',
  }),
  deleteVanishedSheets: z.boolean().default(true).meta({
    title: 'Delete sheets of cancelled sessions',
    description:
      'Delete the sheet of a session that is cancelled before it begins, unless the sheet is locked, signed, or not made by Homeroom.',
  }),
  sendCredentials: z.boolean().default(false).meta({
    title: 'Send credentials',
    description: 'Let Edusign send its own mail with a password to everybody who is made there.',
  }),
  absenceReasons: z
    .array(
      z.object({
        sourceLabel: z.string().trim().min(1).meta({
          title: 'Label at the school',
          description: 'How the school’s own system calls the reason.',
        }),
        edusignReasonId: z.string().trim().min(1).meta({
          title: 'Reason in Edusign',
          description: 'The id of the same reason in Edusign.',
        }),
      }),
    )
    .default([])
    .meta({
      title: 'Absence reasons',
      description:
        'Which reason for an absence in Edusign is which in the school’s own system, agreed on when the school is connected. Homeroom checks that Edusign knows them; absences themselves stay in Edusign, as Auriga takes none.',
    }),
  apiRootUrl: z
    .url({ protocol: /^https?$/, error: 'This is not a web address.' })
    .default(edusignAddress)
    .meta({
      title: 'API address',
      description: 'Where Edusign’s API is. Change it only for a proxy or a simulator.',
    }),
});

export type EdusignSettings = z.output<typeof settings>;

export const credentials = z.object({
  edusignToken: z.string().trim().min(1).meta({
    title: 'API key',
    description: 'An Edusign API key; the owner of the account finds it in the administration, or Edusign makes one.',
    writeOnly: true,
  }),
  webhookSecret: z.string().trim().min(1).optional().meta({
    title: 'Webhook secret',
    description:
      'The client secret of the Edusign app whose webhooks call Homeroom. Without it what happens in Edusign is noticed at the next sync.',
    writeOnly: true,
  }),
});

export type EdusignCredentials = z.output<typeof credentials>;
