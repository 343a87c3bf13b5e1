/** `/graphql` over WebSocket: the `graphql-transport-ws` protocol. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode, type Context, handleProtocols, MessageType, makeServer, type SubscribePayload } from 'graphql-ws';
import type { BaseLogger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Caller, FindCaller, Watch } from './caller.ts';
import type { Sink } from './delivery.ts';
import { forAnyTransport, type MaskError, withoutHttp } from './errors.ts';
import type { Yoga } from './graphql-http.ts';
import type { Limits } from './limits.ts';
import type { ServerContext } from './operations.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import type { Places } from './places.ts';
import { createRate } from './rate.ts';
import type { FindDocument } from './trusted-documents.ts';
import { tryAgainLater, turnAway } from './turned-away.ts';

export interface WebSocketDeps {
  readonly yoga: Yoga;
  readonly findDocument: FindDocument;
  readonly findCaller: FindCaller;
  readonly watch: Watch;
  readonly places: Places;
  readonly mask: MaskError;
  readonly limits: Limits;
  /** After how many milliseconds the next client is to come back. */
  comeBackMs(): number;
  readonly log: Pick<BaseLogger, 'error'>;
}

export interface WebSockets {
  /** Takes over a request to upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Tells all clients to come back elsewhere, and waits until they have left. */
  close(): Promise<void>;
}

/** What a socket knows of itself. */
interface Extra {
  readonly socket: WebSocket;
  readonly outlet: Outlet;
  caller?: Caller;
}

type Socket = Context<Record<string, unknown>, Extra>;

const goingAway = 1001;
const policyViolation = 1008;
/** Milliseconds a client gets to answer that it leaves. */
const farewellMs = 2_000;

export function createWebSockets(deps: WebSocketDeps): WebSockets {
  const { yoga, findDocument, findCaller, watch, places, mask, limits, comeBackMs, log } = deps;
  const doors = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  async function connect({ connectionParams, extra }: Socket): Promise<boolean> {
    const { socket } = extra;
    let caller: Caller;
    try {
      caller = await findCaller(authorizationOf(connectionParams));
    } catch (error) {
      const { closeCode, reason } = turnAway(error);
      socket.close(closeCode, reason);
      return false;
    }
    extra.caller = caller;
    // It left while its key was looked up.
    if (socket.readyState !== socket.OPEN) return true;
    const giveBack = places.take(caller.identity);
    if (giveBack === null) {
      socket.close(tryAgainLater, 'Too many live connections of this caller or its tenant');
      return false;
    }
    const unwatch = watch.add(caller.guest, () => socket.close(CloseCode.Forbidden, 'Forbidden'));
    socket.once('close', () => {
      giveBack();
      unwatch();
    });
    return true;
  }

  /** Errors for an operation that is not run; else what graphql needs to run it. */
  async function prepare(socket: Socket, id: string, payload: SubscribePayload) {
    const { caller } = socket.extra;
    if (caller === undefined) throw new Error('An operation came before its connection was accepted.');
    const requestId = crypto.randomUUID();
    if (id.length > limits.idLength) return [refusal(`An operation’s id has at most ${limits.idLength} characters.`)];
    if (Object.keys(socket.subscriptions).length > limits.operationsPerSocket) {
      return [refusal(`A WebSocket runs at most ${limits.operationsPerSocket} operations at a time.`)];
    }

    const left = new AbortController();
    const found: ServerContext['found'] = {};
    const context: ServerContext & { params: SubscribePayload } = {
      caller: { ...caller, requestId },
      left: left.signal,
      found,
      params: payload,
    };
    const { schema, parse, validate, contextFactory, execute, subscribe } = yoga.getEnveloped(context);
    try {
      const document = parse(findDocument(payload));
      const problems = validate(schema, document);
      if (problems.length > 0) return problems.map((problem: unknown) => withoutHttp(mask(problem, requestId)));
      if (!getOperationAST(document, payload.operationName)) return [refusal('Name one of the operations to run.')];
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await contextFactory(),
        rootValue: { id, execute, subscribe, left, found, outlet: socket.extra.outlet } satisfies Pipeline,
      };
    } catch (error) {
      return [withoutHttp(mask(error, requestId))];
    }
  }

  const protocol = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initMs,
    onConnect: connect,
    onSubscribe: prepare,
    execute: (args: ExecutionArgs) => leavable((args.rootValue as Pipeline).execute(args), args.rootValue as Pipeline),
    subscribe: (args: ExecutionArgs) =>
      leavable((args.rootValue as Pipeline).subscribe(args), args.rootValue as Pipeline),
  });

  function open(socket: WebSocket): void {
    const outlet = createOutlet(socket, limits, giveUp);
    const tooMany = createRate(limits.messagesPerSecond);
    // The socket closes by itself after a frame that is none; what it was is nobody's business.
    socket.on('error', () => undefined);
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (message) => outlet.send(message),
        close: (code, reason) => socket.close(code, reason),
        onMessage(take) {
          // As one Buffer, which is what a socket gives unless it is told otherwise.
          socket.on('message', (data: Buffer, isBinary) => {
            outlet.heard();
            if (tooMany()) return socket.close(policyViolation, 'Too many messages');
            if (isBinary) return socket.close(CloseCode.BadRequest, 'Send text');
            const text = data.toString('utf8');
            take(text).catch((error: unknown) => {
              if (isOfServers(text)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
              log.error({ err: error }, 'a WebSocket message failed');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      { socket, outlet },
    );
    socket.once('close', leave);

    function leave(code: number, reason: Buffer | string): void {
      socket.off('close', leave);
      outlet.close();
      closed(code, String(reason)).catch((error: unknown) =>
        log.error({ err: error }, 'a WebSocket did not close well'),
      );
    }

    /** A client that wakes within 30 seconds, after which `ws` cuts the connection, finds the code behind what had been written; nothing runs for it until then. */
    function giveUp(): void {
      const reason = 'Nothing was read for too long: resume after your last cursor';
      socket.close(tryAgainLater, reason);
      leave(tryAgainLater, reason);
    }
  }

  return {
    upgrade(request, socket, head) {
      doors.handleUpgrade(request, socket, head, open);
    },
    async close() {
      const left = [...doors.clients].map(async (socket) => {
        if (socket.readyState === socket.CLOSED) return;
        const gone = Promise.withResolvers<void>();
        socket.once('close', () => gone.resolve());
        socket.close(goingAway, `Going away: come back in ${comeBackMs()} ms`);
        const timer = setTimeout(() => socket.terminate(), farewellMs);
        await gone.promise;
        clearTimeout(timer);
      });
      doors.close();
      await Promise.all(left);
    },
  };
}

/** What an operation takes along to where graphql-ws runs it. */
interface Pipeline extends Pick<ReturnType<Yoga['getEnveloped']>, 'execute' | 'subscribe'> {
  readonly id: string;
  readonly left: AbortController;
  readonly found: ServerContext['found'];
  readonly outlet: Outlet;
}

/**
/**
 * What has begun, as a stream even when it is a single answer: only a stream is told by graphql-ws that its client has left.
 * That of a subscription ends without any result: it is delivered from here, for graphql-ws would write each payload as JSON
 * again, for each client.
 */
function leavable(
  begun: Promise<ExecutionResult> | ExecutionResult,
  { id, left, found, outlet }: Pipeline,
): AsyncIterableIterator<ExecutionResult, undefined> {
  const done = { done: true, value: undefined } as const;
  let answered = false;

  return {
    async next() {
      if (answered) return done;
      answered = true;
      const answer = await begun;
      if (left.signal.aborted) return done;
      if (found.delivery === undefined) return { done: false, value: forAnyTransport(answer) };
      await found.delivery.deliver(frames(id, outlet));
      return done;
    },
    async return() {
      left.abort();
      await begun;
      found.delivery?.leave();
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Puts each payload into the frame of the operation. */
function frames(id: string, { send, offer, room }: Outlet): Sink {
  const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
  const framed = (payload: Buffer) => Buffer.concat([head, payload, tail], head.length + payload.length + tail.length);

  return { send: (payload) => send(framed(payload)), offer: (payload) => offer(() => framed(payload)), room };
}

const tail = Buffer.from('}');

const ofServers = new Set<unknown>([MessageType.ConnectionAck, MessageType.Next, MessageType.Error]);

/** What only a server says is a mistake of the client's, which graphql-ws throws as if it were one of ours. */
function isOfServers(message: string): boolean {
  return ofServers.has((JSON.parse(message) as { type: unknown }).type);
}

/** Header names are written in all sorts of letters; clients carry the habit over. */
function authorizationOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const [, value] = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization') ?? [];
  return typeof value === 'string' ? value : undefined;
}

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}
