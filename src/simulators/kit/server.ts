// The HTTP server every simulator is made of: routes in, journal and fault switches around them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createClock, type SimulatorClock } from './clock.ts';
import { type ControlHooks, openControlDoor } from './control.ts';
import { deliver, gone } from './delivery.ts';
import { type Answer, Refusal, type SimulatorRequest } from './exchange.ts';
import { createFaults, type Faults } from './faults.ts';
import { type FaultAnswers, faultyAnswer, withHeader } from './faulty-answers.ts';
import { createJournal, type EntryEnd, type Journal } from './journal.ts';
import { describeRequest, readBytes } from './reading.ts';
import { compileRoutes, type Route, type RouteMatch } from './routes.ts';

export interface SimulatorOptions extends ControlHooks, FaultAnswers {
  /** The provider's name, for messages. */
  readonly name: string;
  readonly routes: readonly Route[];
  readonly clock?: SimulatorClock;
  /** A free port by default. */
  readonly port?: number;
  /** The provider's answer to a path it does not have. */
  readonly unknownRoute?: (request: SimulatorRequest) => Answer;
  /** How many requests the journal keeps. */
  readonly journalLimit?: number;
}

export interface Simulator {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly clock: SimulatorClock;
  /** Mistakes of the simulator itself (a handler threw): always empty when a test ends well. */
  readonly problems: readonly Error[];
  close(): Promise<void>;
}

/** Starts a simulator on loopback. Rejects when the port is taken. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? createClock();
  const journal = createJournal(options.journalLimit);
  const faults = createFaults();
  const problems: Error[] = [];
  const find = compileRoutes(options.routes);
  const controlDoor = openControlDoor({ journal, faults, clock, hooks: options });
  const lastAnswers = new Map<string, Answer>();
  let origin = '';

  const runHandler = async (match: RouteMatch | undefined, request: SimulatorRequest): Promise<Answer> => {
    try {
      if (match !== undefined) return await match.route.handler(request);
      return options.unknownRoute?.(request) ?? { status: 404, text: `${options.name} has no ${request.path}` };
    } catch (error) {
      if (error instanceof Refusal) return error.answer;
      problems.push(error instanceof Error ? error : new Error(String(error)));
      return { status: 500, text: `the ${options.name} simulator failed: ${String(error)}` };
    }
  };

  const answerRequest = async (
    arrived: { match: RouteMatch | undefined; request: SimulatorRequest },
    response: ServerResponse,
    note: (change: EntryEnd) => void,
  ): Promise<void> => {
    const { match, request } = arrived;
    const { latencyMs, chosen } = faults.choose(request);
    const fault = chosen?.fault;
    if (fault !== undefined) note({ fault: fault.kind });
    if (latencyMs > 0) await wait(latencyMs);

    if (fault?.kind === 'reset') {
      response.socket?.resetAndDestroy();
      return note({ outcome: 'dropped' });
    }
    const hang = async (at: 'start' | 'applied') => {
      if (fault?.kind === 'hang' && fault.at === at) await Promise.race([chosen?.released, gone(response)]);
      return response.destroyed;
    };
    if (await hang('start')) return note({ outcome: 'dropped' });
    if (fault?.kind === 'shift') {
      request.query.set(fault.parameter, String(Number(request.query.get(fault.parameter) ?? 0) + fault.by));
    }

    let answer =
      fault?.kind === 'repeat' ? lastAnswers.get(request.route) : fault && faultyAnswer(fault, request, options, clock);
    if (answer === undefined || (fault !== undefined && 'applied' in fault && fault.applied)) {
      const real = await runHandler(match, request);
      note({ handled: real.status });
      if (request.method === 'GET' && real.status < 300) lastAnswers.set(request.route, real);
      answer ??= real;
    }
    if (answer.delayMs !== undefined) {
      note({ delayedMs: answer.delayMs });
      await wait(answer.delayMs);
    }

    if (await hang('applied')) return note({ outcome: 'dropped' });
    if (fault?.kind === 'lost') {
      response.socket?.destroy();
      return note({ outcome: 'dropped' });
    }
    if (fault?.kind === 'header') answer = withHeader(answer, fault.header, fault.value);

    note({ status: answer.status });
    const whole = await deliver(response, answer, chosen);
    note({ status: response.headersSent ? answer.status : null, outcome: whole ? 'answered' : 'dropped' });
  };

  const onRequest = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const bytes = await readBytes(message);
    if (bytes === undefined) return;

    const request = describeRequest(message, bytes, { at: clock.now(), origin });
    const control = await controlDoor(request);
    if (control !== undefined) {
      await deliver(response, control);
      return;
    }

    const match = find(request.method, request.path);
    const known: SimulatorRequest =
      match === undefined ? request : { ...request, route: match.route.name, params: match.params };
    const writes = match?.route.writes ?? (request.method !== 'GET' && request.method !== 'HEAD');
    await answerRequest({ match, request: known }, response, journal.open(known, writes));
  };

  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    onRequest(message, response).catch((error: unknown) => {
      problems.push(error instanceof Error ? error : new Error(String(error)));
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    origin,
    journal,
    faults,
    clock,
    problems,
    close: async () => {
      faults.clear();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
