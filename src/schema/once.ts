/**
 * Retrying: a mutation that names an `idempotencyKey` is done once, and answers the same outcome each time. What came of
 * it is kept in the transaction that did it, so a crash leaves either both or neither.
 */
import { createHash, createHmac } from 'node:crypto';
import type { TransactionSql } from '../db/client.ts';
import {
  type Attempt,
  claimOutcome,
  findOutcome,
  type KeptOutcome,
  keepOutcome,
} from '../db/queries/mutation-outcome.ts';
import { IdempotencyKeyReused, ValidationFailed } from '../model/problems.ts';
import type { Context } from './context.ts';
import { invalid } from './input.ts';
import { keptRefusal, refusalFrom } from './kept-refusal.ts';

const longestKey = 128;
const keptMs = 24 * 60 * 60 * 1_000;

/** The field that every input of a mutation has. */
export const idempotencyKey = {
  description: `Names this intent, so that it can be sent again without being done again: a fresh UUID for each, at most ${longestKey} characters. Kept for 24 hours.`,
};

/** What every mutation may answer. */
export const retryErrors = [ValidationFailed, IdempotencyKeyReused];

interface Retryable {
  readonly idempotencyKey?: string | null | undefined;
}

type Work<Input, Payload> = (input: Input, context: Context) => Promise<Payload>;
type Resolve<Input, Payload> = (
  root: unknown,
  args: { input: Input },
  context: Context,
  info: { readonly fieldName: string },
) => Promise<Payload>;

type Outcome<Payload> = { readonly payload: Payload } | { readonly refusal: Error };

interface Options {
  /** Fields of the payload that are shown once: null the second time. */
  readonly shownOnce?: readonly string[];
}

/**
 * A mutation's resolver. All that `work` writes goes through `context.write`, and its payload is JSON: ids, not rows.
 *
 * @throws what `work` throws; IdempotencyKeyReused for a key that came before with another input; ValidationFailed for an
 * empty or endless key.
 */
export function once<Input extends Retryable, Payload extends object>(
  work: Work<Input, Payload>,
  options: Options = {},
): Resolve<Input, Payload> {
  return retryable(async (_root, { input }, context, { fieldName }) => {
    if (input.idempotencyKey == null) return work(input, context);
    const attempt = attemptOf(fieldName, input, input.idempotencyKey, context);
    const outcome = await context.write(async (tx) => {
      const kept = await claimOutcome(tx, attempt);
      if (kept) return outcomeFrom<Payload>(kept, attempt);
      // A refusal undoes the work, and is kept all the same.
      const outcome = await outcomeOf(
        () => tx.savepoint((step) => work(input, inside(context, step))) as Promise<unknown> as Promise<Payload>,
      );
      await keepOutcome(tx, attempt, toKeep(outcome, options));

      return outcome;
    });

    return answerOf(outcome);
  });
}

/**
 * The same for work that writes nothing and may not be inside a transaction, for it asks a provider. Two at the same
 * moment both ask; both answer what came of the one that ended first.
 */
export function onceOutside<Input extends Retryable, Payload extends object>(
  work: Work<Input, Payload>,
): Resolve<Input, Payload> {
  return retryable(async (_root, { input }, context, { fieldName }) => {
    if (input.idempotencyKey == null) return work(input, context);
    const attempt = attemptOf(fieldName, input, input.idempotencyKey, context);
    const known = await context.readOnce((tx) => findOutcome(tx, attempt));
    if (known) return answerOf(outcomeFrom<Payload>(known, attempt));
    const found = await outcomeOf(() => work(input, context));
    const outcome = await context.write(async (tx) => {
      const kept = await claimOutcome(tx, attempt);
      if (kept) return outcomeFrom<Payload>(kept, attempt);
      await keepOutcome(tx, attempt, toKeep(found, {}));

      return found;
    });

    return answerOf(outcome);
  });
}

const made = new WeakSet<object>();

function retryable<Input, Payload>(resolve: Resolve<Input, Payload>): Resolve<Input, Payload> {
  made.add(resolve);

  return resolve;
}

/** Whether a resolver keeps the promise of `idempotencyKey`. */
export function isRetryable(resolve: unknown): boolean {
  return typeof resolve === 'function' && made.has(resolve);
}

/** The same caller, but all that is written is part of this transaction. */
function inside(context: Context, tx: TransactionSql): Context {
  return { ...context, write: (fn) => fn(tx) };
}

function attemptOf(mutation: string, input: Retryable, key: string, { identity, deps }: Context): Attempt {
  if (key.length === 0) throw invalid('idempotencyKey', 'This cannot be empty.');
  if (key.length > longestKey) throw invalid('idempotencyKey', `At most ${longestKey} characters.`);
  const now = deps.clock.now();

  return {
    tenantId: identity.tenantId,
    caller: identity.actor.id,
    mutation,
    keyHash: createHash('sha256').update(key).digest(),
    inputHash: createHmac('sha256', key).update(canonical(input)).digest(),
    now,
    until: new Date(now.getTime() + keptMs),
  };
}

/** The same text for the same input, in whatever order its fields came. */
function canonical(input: object): string {
  return JSON.stringify(input, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}

async function outcomeOf<Payload>(work: () => Promise<Payload>): Promise<Outcome<Payload>> {
  try {
    return { payload: await work() };
  } catch (error) {
    if (keptRefusal(error) === undefined) throw error;

    return { refusal: error as Error };
  }
}

function toKeep<Payload extends object>(outcome: Outcome<Payload>, { shownOnce = [] }: Options): object {
  if ('refusal' in outcome) return { refusal: keptRefusal(outcome.refusal) };

  return { payload: { ...outcome.payload, ...Object.fromEntries(shownOnce.map((field) => [field, null])) } };
}

function outcomeFrom<Payload>({ inputHash, outcome }: KeptOutcome, attempt: Attempt): Outcome<Payload> {
  if (!inputHash.equals(attempt.inputHash)) {
    return { refusal: new IdempotencyKeyReused('This key came before with another input: take a fresh one.') };
  }
  // What `toKeep` made.
  const kept = outcome as { payload: Payload } | { refusal: unknown };

  return 'refusal' in kept ? { refusal: refusalFrom(kept.refusal) } : kept;
}

function answerOf<Payload>(outcome: Outcome<Payload>): Payload {
  if ('refusal' in outcome) throw outcome.refusal;

  return outcome.payload;
}
