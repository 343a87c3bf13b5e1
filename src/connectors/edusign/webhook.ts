/** What Edusign tells of sheets: signed with the client secret of an app, without a time or an id, and never told twice. */
import { z } from 'zod';
import { isSigned, webhook } from '../kit/webhook.ts';
import type { EdusignCredentials } from './settings.ts';

const optionalText = z.string().min(1).optional().catch(undefined);
const id = z.union([z.string().min(1), z.number().transform(String)]).optional();

/** Little is known of the body: which sheet it is about is read where it is known to stand, and nothing else. */
const message = z.object({
  event: z.string().regex(/^\w{1,64}$/),
  course: z
    .object({ ID: id.catch(undefined) })
    .optional()
    .catch(undefined),
});

/** Of these nothing changes that we mirror, or what is made there is not ours. */
const noChange: ReadonlySet<string> = new Set(['on_course_created', 'on_course_start', 'on_course_end']);

export const edusignWebhook = webhook<EdusignCredentials, z.output<typeof message>>({
  setup:
    'In Edusign make an app of your own and enter the address for the events `on_course_edited`, `on_course_deleted`, `on_course_locked` and `on_student_sign`. Enter the app’s client secret here as the webhook secret.',
  secretOf: ({ webhookSecret }) => webhookSecret,
  verify: ({ headers, body }, { secrets }) => {
    const signature = headers['x-edusign-hmac'];
    const sent = parse(body.toString('utf8'));
    // The vendor's own sample signs the body as it would write it, not as it was sent.
    const signed =
      isSigned(body, signature, secrets) || (sent !== undefined && isSigned(JSON.stringify(sent), signature, secrets));
    if (!signed) return [];

    const { data } = content.safeParse(sent);
    // School webhooks name the event in the body, which is signed; those of apps in a header, which is not.
    return [data && { ...data, event: data.type ?? headers['x-edusign-webhook-type'] }];
  },
  message,
  hints: {
    sheets: ({ event, course }) => {
      if (noChange.has(event)) return [];
      if (course?.ID !== undefined) return [course.ID];
      // A change whose sheet we cannot make out is looked for.
      return /^on_(course|student_sign)/.test(event) ? 'any' : [];
    },
  },
});

const content = z.looseObject({ type: optionalText });

/** Undefined where it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
