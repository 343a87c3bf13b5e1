// The control door: journal, fault switches, clock and the provider's hand, over HTTP for other processes.
import { z } from 'zod';
import type { SimulatorClock } from './clock.ts';
import type { Answer, SimulatorRequest } from './exchange.ts';
import type { FaultSwitch, Faults } from './faults.ts';
import type { Journal } from './journal.ts';

export interface ControlHooks {
  /** What the simulator holds right now, for `GET /__simulator/state`. */
  readonly state?: (query: URLSearchParams) => unknown;
  /** A person at the provider's side, for `POST /__simulator/acts/<name>`: gets the body, what it gives back is the answer. */
  readonly acts?: Readonly<Record<string, (input: unknown) => unknown>>;
}

interface Controlled {
  readonly journal: Journal;
  readonly faults: Faults;
  readonly clock: SimulatorClock;
  readonly hooks: ControlHooks;
}

const PREFIX = '/__simulator/';

const journalQuery = z.object({
  route: z.string().optional(),
  method: z.string().optional(),
  path: z.string().optional(),
  status: z.coerce.number().optional(),
  fault: z.string().optional(),
  outcome: z.enum(['open', 'answered', 'dropped']).optional(),
  writes: z.stringbool().optional(),
  after: z.coerce.number().optional(),
});

/**
 * Makes the function that answers what comes through the control door, and undefined for every other path. Nothing of it
 * is journaled or hit by faults. A mistake in what was asked answers 400 with the reason.
 */
export function openControlDoor(controlled: Controlled): (request: SimulatorRequest) => Promise<Answer | undefined> {
  return async (request) => {
    if (!request.path.startsWith(PREFIX)) return undefined;
    try {
      return await answerControl(controlled, request);
    } catch (error) {
      return { status: 400, json: { error: error instanceof Error ? error.message : String(error) } };
    }
  };
}

async function answerControl(controlled: Controlled, request: SimulatorRequest): Promise<Answer> {
  const { journal, faults, clock, hooks } = controlled;
  const [door = '', name = ''] = request.path.slice(PREFIX.length).split('/');
  const body = request.body.kind === 'none' ? undefined : request.body.value;

  switch (`${request.method} ${door}`) {
    case 'GET journal': {
      // `waitMs` makes it wait for the first entry that fits.
      const { waitMs, count, ...filter } = Object.fromEntries(request.query);
      const question = journalQuery.parse(filter);
      if (waitMs !== undefined) return ok([await journal.waitFor(question, { timeoutMs: Number(waitMs) })]);
      return ok(count === undefined ? journal.entries(question) : journal.count(question));
    }
    case 'DELETE journal':
      return ok(journal.clear());
    case 'GET faults':
      return ok(faults.list());
    case 'POST faults':
      return ok({ id: faults.add(body as FaultSwitch).id });
    case 'DELETE faults':
      return ok(name === '' ? faults.clear() : faults.remove(Number(name)));
    case 'GET clock':
      return ok({ now: clock.now() });
    case 'POST clock':
      clock.advance(z.object({ advance: z.number() }).parse(body).advance);
      return ok({ now: clock.now() });
    case 'GET state':
      return ok(hooks.state?.(request.query));
    case 'POST acts': {
      const act = hooks.acts?.[name];
      return act === undefined ? { status: 404, json: { error: `no act ${name}` } } : ok(await act(body));
    }
    default:
      return { status: 404, json: { error: `no control ${request.method} ${door}` } };
  }
}

function ok(value: unknown): Answer {
  return { status: 200, json: value ?? null };
}
