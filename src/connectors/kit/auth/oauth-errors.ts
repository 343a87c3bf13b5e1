import { z } from 'zod';

/** RFC 6749, 5.2: what a token endpoint may call its refusal. */
export const oauthError = z.enum([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);
