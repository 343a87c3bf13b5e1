/** What an operation costs, and whether its caller and its tenant can pay for it. */
import { type ExecutionArgs, GraphQLError, getOperationAST, OperationTypeNode } from 'graphql';
import { asTenant, type Sql } from '../db/client.ts';
import { drawPoints } from '../db/queries/point-bucket.ts';
import type { Bucket } from '../db/queries/token-bucket.ts';
import type { Identity } from '../model/identity.ts';
import { objectsAskedFor } from './measure.ts';

/** Told with every answer to a query or a mutation, in points. */
export interface Cost {
  readonly requested: number;
  /** The most for one operation. */
  readonly limit: number;
  /** What is left to the caller or to its tenant, whichever is less. */
  readonly remaining: number;
  /** Points a second that come back to that one. */
  readonly restoreRate: number;
}

export interface Bill {
  readonly cost: Cost;
  /** Why it is not run. */
  readonly refusal?: GraphQLError;
}

export interface TollOptions {
  /** The pool of the role that serves requests. */
  readonly app: Sql;
  /** Points of one operation at most. */
  readonly perOperation: number;
  readonly perCaller: Bucket;
  readonly perTenant: Bucket;
}

export interface Toll {
  /** Takes what the operation costs, once, before anything of it runs; a subscription pays when it starts. */
  charge(args: ExecutionArgs, identity: Identity): Promise<Bill>;
}

/** Objects that come for a point. */
const objectsPerPoint = 100;
const pointsPerMutation = 10;

/** Points an operation costs: at least one; one for each hundred objects; ten more for each mutation in it. */
export function priceOf({ schema, document, operationName, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  if (!operation) return 1;
  const objects = objectsAskedFor(schema, document, operation, variableValues ?? {});
  const mutation = operation.operation === OperationTypeNode.MUTATION;
  const mutations = mutation ? operation.selectionSet.selections.length * pointsPerMutation : 0;

  return Math.max(1, Math.ceil(objects / objectsPerPoint) + mutations);
}

/** A gateway draws a tenth of a second's points at once, so that small operations seldom ask the database. */
const shareDrawn = 0.1;
/** Callers and tenants whose drawn points are remembered. */
const mostKnown = 10_000;

/** What this process has drawn of a bucket, and what it knows of the rest. */
interface Purse {
  drawn: number;
  left: number;
  /** Milliseconds of `performance.now()` when it knew. */
  at: number;
}

export function createToll({ app, perOperation, perCaller, perTenant }: TollOptions): Toll {
  const purses = new Map<string, Purse>();

  function purseOf(tenantId: string, name: string, bucket: Bucket): Purse {
    const key = `${tenantId} ${name}`;
    const known = purses.get(key) ?? { drawn: 0, left: bucket.capacity, at: performance.now() };
    purses.delete(key);
    purses.set(key, known);
    const [oldest] = purses.keys();
    if (purses.size > mostKnown && oldest !== undefined) purses.delete(oldest);

    return known;
  }

  /** Takes `price` out of the purse, drawing more when need be. Answers for how many seconds it cannot; 0 when it did. */
  async function take(tenantId: string, name: string, bucket: Bucket, price: number): Promise<number> {
    const as = { tenantId, schoolIds: null, actor: 'gateway' };
    for (;;) {
      const purse = purseOf(tenantId, name, bucket);
      // Nothing may come between the look and the taking: others spend from the same purse.
      if (purse.drawn >= price) {
        purse.drawn -= price;
        return 0;
      }
      const need = price - purse.drawn;
      const amounts = { need, want: Math.max(need, Math.round(bucket.perSecond * shareDrawn)) };
      const { granted, left } = await asTenant(app, as, (tx) => drawPoints(tx, tenantId, name, amounts, bucket));
      purse.drawn += granted;
      purse.left = left;
      purse.at = performance.now();
      if (granted === 0) return Math.max(1, Math.ceil((need - left) / bucket.perSecond));
    }
  }

  return {
    async charge(args, { tenantId, actor }) {
      const requested = priceOf(args);
      const buckets = [
        [`caller:${actor.id}`, perCaller],
        ['tenant', perTenant],
      ] as const;
      const state = (): Cost => {
        const states = buckets.map(([name, bucket]) => stateOf(purseOf(tenantId, name, bucket), bucket));
        const [first, second] = states as [State, State];
        return { requested, limit: perOperation, ...(first.remaining <= second.remaining ? first : second) };
      };
      if (requested > perOperation) return { cost: state(), refusal: tooExpensive(requested, perOperation) };

      // The caller's first: who has nothing left takes nothing from the others of its tenant.
      const paid: Purse[] = [];
      for (const [name, bucket] of buckets) {
        const retryAfter = await take(tenantId, name, bucket, requested);
        if (retryAfter > 0) {
          for (const purse of paid) purse.drawn += requested;
          return { cost: state(), refusal: tooMuch(retryAfter) };
        }
        paid.push(purseOf(tenantId, name, bucket));
      }

      return { cost: state() };
    },
  };
}

type State = Pick<Cost, 'remaining' | 'restoreRate'>;

function stateOf({ drawn, left, at }: Purse, { capacity, perSecond }: Bucket): State {
  const restored = ((performance.now() - at) / 1_000) * perSecond;

  return { remaining: Math.floor(Math.min(capacity, Math.max(0, left + restored) + drawn)), restoreRate: perSecond };
}

function tooExpensive(requested: number, limit: number): GraphQLError {
  return new GraphQLError(
    `This operation costs ${requested} points; one may cost ${limit}. Ask for smaller pages, or for less below each item.`,
    { extensions: { code: 'COST_EXCEEDED' } },
  );
}

function tooMuch(retryAfter: number): GraphQLError {
  return new GraphQLError(`Too much at once. Try again in ${retryAfter} s, or ask for less.`, {
    extensions: {
      code: 'RATE_LIMITED',
      retryAfter,
      http: { status: 429, headers: { 'retry-after': String(retryAfter) } },
    },
  });
}
