// How Edusign answers: an envelope whose `status` tells, whatever the HTTP status is, and a few failures in plain text.
import { type Answer, Refusal } from '../kit/exchange.ts';

export function success(result: unknown): Answer {
  return { status: 200, json: { status: 'success', result } };
}

/** A refusal in the envelope; it comes with HTTP 200. Validation errors are a list. */
function refusal(message: string | readonly string[]): Answer {
  return { status: 200, json: { status: 'error', message } };
}

export function refuse(message: string | readonly string[]): never {
  throw new Refusal(refusal(message));
}

const plainTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A failure before the API proper: plain text, no envelope. */
export function plainText(status: number): Answer {
  return { status, text: plainTexts[status] ?? `Error ${status}` };
}

/** Edusign's own ways of saying no, for fault switches of kind `provider`. */
export const providerFaults = {
  unauthorized: () => plainText(401),
  forbidden: () => plainText(403),
  internalError: () => plainText(500),
  errorInEnvelope: () => refusal('An error occurred'),
  validation: () => refusal(['FIRSTNAME is required', 'EMAIL must be a valid email']),
} satisfies Readonly<Record<string, () => Answer>>;
