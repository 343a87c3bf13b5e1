/** The way out of a WebSocket: no more is written to it than it takes, and one that takes nothing any more is given up. */
import type { WebSocket } from 'ws';
import type { Limits } from './limits.ts';

export interface Outlet {
  /** Resolves when the message has left this process, or never will. Never rejects. A buffer is text too. */
  send(message: string | Buffer): Promise<void>;
  /** Sends what `make` answers if there is room for it; else it is not asked. */
  offer(make: () => Buffer): boolean;
  /** Resolves when there is room, or never will be. Never rejects. */
  room(): Promise<void>;
  /** Call when something came from the client: it is alive. */
  heard(): void;
  close(): void;
}

/** A caller waits for its message before it gives the next: one for each operation, and a few answers to pings. */
const mostWaiting = 64;
const asText = { binary: false };
const nothing = () => undefined;

/** @param stalled called when nothing has been taken for `stallMs` though something waits: to close the socket. */
export function createOutlet(socket: WebSocket, limits: Limits, stalled: () => void): Outlet {
  const waiting: (() => void)[] = [];
  let pending = 0;
  /** When something was last taken, or when something began to wait. */
  let lastProgress = performance.now();
  let unanswered = false;

  function transmit(message: string | Buffer, sent: () => void): void {
    if (socket.readyState !== socket.OPEN) return sent();
    if (pending === 0) lastProgress = performance.now();
    pending += 1;
    socket.send(message, asText, () => {
      pending -= 1;
      lastProgress = performance.now();
      sent();
      admit();
    });
  }

  /** Calls when there is room. A client that asks without reading the answers is ended. */
  function whenRoom(go: () => void): void {
    if (hasRoom()) return go();
    if (waiting.length < mostWaiting) return void waiting.push(go);
    socket.terminate();
    go();
  }

  /** Lets those go on for whom there is room; on a closed socket all. */
  function admit(): void {
    while (waiting.length > 0 && (hasRoom() || socket.readyState !== socket.OPEN)) waiting.shift()?.();
  }

  const hasRoom = () => socket.bufferedAmount < limits.waitingBytes;

  function beat(): void {
    if (socket.readyState !== socket.OPEN) return;
    if (pending > 0) {
      // A ping would have to wait behind what waits already.
      if (performance.now() - lastProgress > limits.stallMs) stalled();
    } else if (unanswered) {
      socket.terminate();
    } else {
      unanswered = true;
      socket.ping();
    }
  }

  // Who speaks is alive, and may still not read.
  const heard = () => {
    unanswered = false;
  };
  socket.on('pong', heard);
  const timer = setInterval(beat, limits.pingMs);

  return {
    send: (message) => new Promise((resolve) => whenRoom(() => transmit(message, resolve))),
    offer(make) {
      if (!hasRoom()) return false;
      transmit(make(), nothing);
      return true;
    },
    room: () => new Promise(whenRoom),
    heard,
    close() {
      clearInterval(timer);
      admit();
    },
  };
}
