/** The named errors that mutations answer with: our classes of refusal, as types of the API. */
import {
  type FieldProblem,
  IdempotencyKeyReused,
  InvalidState,
  NotFound,
  OwnedBySource,
  ProviderFailed,
  Stale,
  ValidationFailed,
} from '../model/problems.ts';
import { builder } from './builder.ts';

const codes = {
  VALIDATION_FAILED: 'Something in the input is not as it must be; `fields` says what.',
  NOT_FOUND: 'There is nothing with this id, or nothing that you may see.',
  STALE: 'It changed since you looked: refetch and decide again.',
  INVALID_STATE: 'It is in a state in which this cannot be done: a finished run, a disconnected integration.',
  OWNED_BY_SOURCE: 'A connected source owns this value: change it there.',
  PROVIDER_FAILED: 'The provider did not do what was asked of it.',
  IDEMPOTENCY_KEY_REUSED: 'The `idempotencyKey` belongs to an earlier input: take a fresh one for each intent.',
} as const;

type ErrorCode = keyof typeof codes;

export const ErrorCode = builder.enumType('ErrorCode', {
  description: 'What kind of refusal an error is.',
  values: Object.fromEntries(Object.entries(codes).map(([code, description]) => [code, { description }])) as Record<
    ErrorCode,
    { description: string }
  >,
});

/** By the error's name: the errors plugin hides its class until GraphQL has chosen the type. */
const codeByName: Readonly<Record<string, ErrorCode>> = {
  ValidationFailed: 'VALIDATION_FAILED',
  NotFound: 'NOT_FOUND',
  Stale: 'STALE',
  InvalidState: 'INVALID_STATE',
  OwnedBySource: 'OWNED_BY_SOURCE',
  ProviderFailed: 'PROVIDER_FAILED',
  IdempotencyKeyReused: 'IDEMPOTENCY_KEY_REUSED',
};

/** The code of one of our refusals. Throws for any other error. */
export function codeOf({ name }: Error): ErrorCode {
  const code = codeByName[name];
  if (code === undefined) throw new Error(`The refusal ${name} has no code.`);

  return code;
}

const ErrorInterface = builder.interfaceRef<Error>('Error').implement({
  description: 'Why a mutation did nothing. Each kind is a type of its own.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'One sentence for the person who tried.' }),
    code: t.field({ type: ErrorCode, description: 'The kind of refusal, for programs.', resolve: codeOf }),
  }),
});

const InputProblem = builder.objectRef<FieldProblem>('InputProblem').implement({
  description: 'What is wrong with one part of the input.',
  fields: (t) => ({
    path: t.stringList({
      description: 'Where in the input: `["settings", "baseUrl"]`.',
      resolve: (problem) => [...problem.path],
    }),
    message: t.exposeString('message', { description: 'What is wrong there, in one sentence.' }),
  }),
});

builder.objectType(ValidationFailed, {
  name: 'ValidationError',
  description: 'Something in the input is not as it must be.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    fields: t.field({
      type: [InputProblem],
      description: 'Every problem, so that a form can show all of them at once.',
      resolve: (error) => [...error.fields],
    }),
  }),
});

builder.objectType(NotFound, {
  name: 'NotFoundError',
  description:
    'There is nothing with this id, or nothing that you may see: malformed, unknown and foreign ids answer alike.',
  interfaces: [ErrorInterface],
});

builder.objectType(Stale, {
  name: 'StaleError',
  description: 'It changed since you looked: refetch and decide again.',
  interfaces: [ErrorInterface],
});

builder.objectType(InvalidState, {
  name: 'InvalidStateError',
  description: 'It is in a state in which this cannot be done.',
  interfaces: [ErrorInterface],
});

/** Its `integration` is added where integrations are defined. */
export const OwnedBySourceError = builder.objectType(OwnedBySource, {
  name: 'OwnedBySourceError',
  description: 'A connected source owns this value, and would put it back: change it there.',
  interfaces: [ErrorInterface],
});

builder.objectType(ProviderFailed, {
  name: 'ProviderFailedError',
  description: 'The provider did not do what was asked of it.',
  interfaces: [ErrorInterface],
});

builder.objectType(IdempotencyKeyReused, {
  name: 'IdempotencyKeyReusedError',
  description:
    'The `idempotencyKey` came before with another input. Nothing was done: take a fresh key for each intent.',
  interfaces: [ErrorInterface],
});
