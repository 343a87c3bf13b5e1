/** Edusign's envelope: its `status` tells how it went, whatever the HTTP status is. Some failures are plain text instead. */
import { z } from 'zod';
import type { Clock } from '../../model/clock.ts';
import { classify } from '../kit/classify.ts';
import { Refused, UnexpectedShape } from '../kit/errors.ts';
import { bodyOf } from '../kit/http.ts';
import { readJson } from '../kit/read-json.ts';

/** What was asked: `doing` completes "Homeroom cannot …". */
export interface Asked {
  doing: string;
}

const envelope = z.looseObject({ status: z.string(), result: z.unknown().optional(), message: z.unknown().optional() });

/** The texts Edusign answers with before its API proper, seen with any HTTP status, and what they stand for. */
const plainTexts: Readonly<Record<string, number>> = {
  unauthorized: 401,
  forbidden: 403,
  'not found': 404,
  'internal server error': 500,
  'service unavailable': 503,
};

const names = { provider: 'edusign', name: 'Edusign' };

/** The envelope's `result`. Nothing of an answer gets into an error: refusals quote names and addresses. */
export async function openEnvelope<T>(
  response: Response,
  shape: z.ZodType<T>,
  asked: Asked & { clock: Clock },
): Promise<T> {
  const { doing, clock } = asked;
  const said = plainTexts[textOf(response)];
  if (!response.ok || said !== undefined) {
    const status = response.ok ? (said ?? response.status) : response.status;
    throw classify({ status, headers: response.headers }, { ...names, doing, clock });
  }

  const { status, result, message } = await readJson(response, envelope, { ...names, doing });
  if (status !== 'success') throw refusalOf(message, doing);
  const read = shape.safeParse(result);
  if (read.success) return read.data;
  throw new UnexpectedShape({
    code: 'edusign_unexpected_shape',
    message: `Homeroom cannot ${doing}: Edusign answered with data of another kind than we know.`,
    remedy: 'Check the API address in the settings; if it is right, ask Edusign.',
    details: { status: response.status },
  });
}

/** The body, where it may be one of the short plain texts. */
function textOf(response: Response): string {
  const bytes = bodyOf(response);
  return bytes === undefined || bytes.byteLength > 60 ? '' : new TextDecoder().decode(bytes).trim().toLowerCase();
}

const refusals: readonly { says: RegExp; code: string; why: string; remedy: string }[] = [
  {
    says: /not found|does ?n.t exist|introuvable/,
    code: 'edusign_not_found',
    why: 'Edusign has no such thing.',
    remedy: 'Nothing to do: the next sync looks again.',
  },
  {
    says: /e-?mail.*(used|exist|taken|utilis)|(used|exist|taken|utilis).*e-?mail/,
    code: 'edusign_email_in_use',
    why: 'somebody else in Edusign has this e-mail address, perhaps somebody who is archived.',
    remedy: 'Find who has the address in Edusign, among the archived too, and give one of the two another one.',
  },
  {
    says: /lock|verrouill/,
    code: 'edusign_sheet_locked',
    why: 'the sheet is locked.',
    remedy: 'Unlock the sheet in Edusign if it is to follow the plan again.',
  },
];

/** The texts are nowhere documented: all that is known of them stands here. */
function refusalOf(message: unknown, doing: string): Refused {
  const texts = [message].flat().filter((text) => typeof text === 'string');
  const known = refusals.find(({ says }) => texts.some((text) => says.test(text.toLowerCase())));
  // A validation error begins with the name of the field, which is no secret.
  const fields = texts.flatMap((text) => /^[A-Z][A-Z_\d]{1,40}(?=\s)/.exec(text)?.[0] ?? []).join(', ');

  return new Refused({
    code: known?.code ?? 'edusign_refused',
    message: `Homeroom cannot ${doing}: ${known?.why ?? (fields === '' ? 'Edusign refused it.' : `Edusign refused ${fields}.`)}`,
    remedy: known?.remedy ?? 'Look at this record at the school and in Edusign, or ask Edusign.',
    details: { fields: fields === '' ? null : fields },
  });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Refused && error.code === 'edusign_not_found';
}

/** The sheet is locked, and nothing of what was asked has been done. */
export function isLocked(error: unknown): boolean {
  return error instanceof Refused && error.code === 'edusign_sheet_locked';
}
