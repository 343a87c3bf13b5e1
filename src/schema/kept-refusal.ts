/** Refusals as they are kept for whoever tries again, and back. */
import { z } from 'zod';
import {
  IdempotencyKeyReused,
  InvalidState,
  NotFound,
  OwnedBySource,
  ProviderFailed,
  Stale,
  ValidationFailed,
} from '../model/problems.ts';

const KeptRefusal = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('ValidationFailed'),
    fields: z.array(z.object({ path: z.array(z.string()), message: z.string() })),
  }),
  z.object({ name: z.literal('OwnedBySource'), message: z.string(), integrationId: z.string() }),
  z.object({ name: z.enum(['NotFound', 'Stale', 'InvalidState', 'ProviderFailed']), message: z.string() }),
]);

const plain = { NotFound, Stale, InvalidState, ProviderFailed };

/** What to keep of a refusal; undefined for any other error, and for a refusal of the key itself: they are not remembered. */
export function keptRefusal(error: unknown): object | undefined {
  if (error instanceof ValidationFailed) return { name: error.name, fields: error.fields };
  if (error instanceof OwnedBySource) {
    return { name: error.name, message: error.message, integrationId: error.integrationId };
  }
  if (!(error instanceof Error) || error instanceof IdempotencyKeyReused) return undefined;

  return error.name in plain ? { name: error.name, message: error.message } : undefined;
}

/** The refusal that was kept. */
export function refusalFrom(kept: unknown): Error {
  const refusal = KeptRefusal.parse(kept);
  switch (refusal.name) {
    case 'ValidationFailed':
      return new ValidationFailed(refusal.fields);
    case 'OwnedBySource':
      return new OwnedBySource(refusal.message, refusal.integrationId);
    default:
      return new plain[refusal.name](refusal.message);
  }
}
