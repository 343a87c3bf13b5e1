// Fault switches: which calls of which route go wrong, and how.
import { z } from 'zod';
import type { SimulatorRequest } from './exchange.ts';

/** Which calls a switch hits. */
const where = {
  /** A route's name; without it, every route. */
  route: z.string().optional(),
  /** Path parameters that must have these values. */
  params: z.record(z.string(), z.string()).optional(),
  /** From the nth fitting call after the switch was set, counting from 1. */
  nth: z.int().positive().default(1),
  /** For so many fitting calls; 1 by default, `always` with a `chance`. */
  times: z.union([z.int().positive(), z.literal('always')]).optional(),
  /** Hits only by chance: a share between 0 and 1, drawn from a generator with this seed. */
  chance: z.strictObject({ share: z.number().min(0).max(1), seed: z.int() }).optional(),
};

const kind = <Kind extends string, Shape extends z.ZodRawShape>(name: Kind, shape: Shape) =>
  z.strictObject({ ...where, kind: z.literal(name), ...shape });

/** What goes wrong. With `applied` the handler runs first: its work is done, only the answer is another one. */
const fault = z.discriminatedUnion('kind', [
  kind('status', {
    status: z.int().min(400).max(599),
    /** Seconds, a date that many seconds from now, or any text as it is (also nonsense). */
    retryAfter: z.union([z.number(), z.strictObject({ dateInSeconds: z.number() }), z.string()]).optional(),
    applied: z.boolean().default(false),
  }),
  /** An answer of the provider's own that the simulator knows by name (`rateLimitExceeded`). */
  kind('provider', { name: z.string(), applied: z.boolean().default(false) }),
  kind('html', {
    status: z.int().default(200),
    html: z.string().default('<!doctype html><title>Maintenance</title><p>We will be back soon.</p>'),
  }),
  /**
   * No answer until the switch is removed or the client goes: before the handler runs (`start`), after its work is done but
   * before the answer (`applied`), or after half of the body (`middle`).
   */
  kind('hang', { at: z.enum(['start', 'applied', 'middle']).default('start') }),
  kind('slow', { bytes: z.int().positive(), everyMs: z.number().nonnegative() }),
  kind('latency', { ms: z.number().nonnegative() }),
  /** The connection is reset before the handler runs. */
  kind('reset', {}),
  /** The handler runs, then the connection is dropped without an answer. */
  kind('lost', {}),
  /** Only a share of the body: with the full length announced (`early`), or with the short one, so that HTTP is content (`quietly`). */
  kind('truncate', {
    share: z.number().min(0).max(1).default(0.5),
    ends: z.enum(['early', 'quietly']).default('early'),
  }),
  /** Announces a length that is wrong by `by` bytes, then closes the connection. */
  kind('contentLength', { by: z.int() }),
  /** Gives the answer that this route gave last once more. */
  kind('repeat', {}),
  /** Moves a numeric query parameter (`offset`) before the handler sees it, so that pages overlap or leave a gap. */
  kind('shift', { parameter: z.string(), by: z.int() }),
  /** Changes a header of the answer: another text, a number moved by `by`, or none (null). */
  kind('header', {
    header: z.string(),
    value: z.union([z.string(), z.null(), z.strictObject({ by: z.int() })]),
  }),
]);

export type Fault = z.output<typeof fault>;
/** A fault switch as it is set, in process or over the control door. */
export type FaultSwitch = z.input<typeof fault>;

export interface SetFault {
  readonly id: number;
  /** How many calls it has hit. */
  hits(): number;
  /** Takes the switch away; what hangs because of it goes on. */
  remove(): void;
}

export interface ChosenFault {
  readonly fault: Fault;
  /** Settles when the switch is removed. */
  readonly released: Promise<void>;
}

export interface Faults {
  /** Throws a ZodError when the switch is not one. */
  add(given: FaultSwitch): SetFault;
  remove(id: number): boolean;
  clear(): void;
  list(): { id: number; hits: number; fault: Fault }[];
}

export interface FaultBook extends Faults {
  /** What is to happen to this call: delays add up, of the other kinds the oldest switch that fits wins. */
  choose(request: SimulatorRequest): { latencyMs: number; chosen: ChosenFault | undefined };
}

interface Rule {
  readonly id: number;
  readonly fault: Fault;
  readonly released: Promise<void>;
  readonly release: () => void;
  readonly draw: () => number;
  seen: number;
  hits: number;
}

/** An empty book of fault switches. */
export function createFaults(): FaultBook {
  const rules = new Map<number, Rule>();
  let lastId = 0;

  const remove = (id: number) => {
    rules.get(id)?.release();
    return rules.delete(id);
  };

  return {
    add: (given) => {
      const parsed = fault.parse(given);
      lastId += 1;
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const draw = seededDraw(parsed.chance?.seed ?? 0);
      const rule: Rule = { id: lastId, fault: parsed, released, release, draw, seen: 0, hits: 0 };
      rules.set(rule.id, rule);
      return { id: rule.id, hits: () => rule.hits, remove: () => void remove(rule.id) };
    },
    remove,
    clear: () => {
      for (const id of rules.keys()) remove(id);
    },
    list: () => [...rules.values()].map(({ id, hits, fault }) => ({ id, hits, fault })),

    choose: (request) => {
      const due = [...rules.values()].filter((rule) => isDue(rule, request));
      const chosen = due.find((rule) => rule.fault.kind !== 'latency');
      let latencyMs = 0;
      for (const rule of due) {
        if (rule.fault.kind === 'latency') latencyMs += rule.fault.ms;
        if (rule === chosen || rule.fault.kind === 'latency') rule.hits += 1;
      }
      return { latencyMs, chosen: chosen && { fault: chosen.fault, released: chosen.released } };
    },
  };
}

/** Counts a fitting call and says whether the switch hits it. */
function isDue(rule: Rule, request: SimulatorRequest): boolean {
  const { route, params = {}, nth, chance, times = chance === undefined ? 1 : 'always' } = rule.fault;
  if (route !== undefined && route !== request.route) return false;
  if (Object.entries(params).some(([name, value]) => request.params[name] !== value)) return false;

  rule.seen += 1;
  if (rule.seen < nth) return false;
  if (times !== 'always' && rule.hits >= times) return false;
  return chance === undefined || rule.draw() < chance.share;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function seededDraw(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
