/** The way out of a WebSocket: no more is written to it than it takes, and one that takes nothing any more is given up. */
import type { WebSocket } from 'ws';
import type { Limits } from './limits.ts';

export interface Outlet {
  /** Resolves when the message has left this process, or never will. Never rejects. */
  send(message: string): Promise<void>;
  /** Call when something came from the client: it is alive. */
  heard(): void;
  close(): void;
}

/** A caller waits for its message before it gives the next: one for each operation, and a few answers to pings. */
const mostWaiting = 64;

/** @param stalled called when nothing has been taken for `stallMs` though something waits: to close the socket. */
export function createOutlet(socket: WebSocket, limits: Limits, stalled: () => void): Outlet {
  const waiting: (() => void)[] = [];
  let pending = 0;
  /** When something was last taken, or when something began to wait. */
  let lastProgress = performance.now();
  let unanswered = false;

  function transmit(message: string, resolve: () => void): void {
    if (socket.readyState !== socket.OPEN) return resolve();
    if (pending === 0) lastProgress = performance.now();
    pending += 1;
    socket.send(message, () => {
      pending -= 1;
      lastProgress = performance.now();
      resolve();
      admit();
    });
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
    send: (message) =>
      new Promise((resolve) => {
        if (hasRoom()) return transmit(message, resolve);
        if (waiting.length < mostWaiting) return void waiting.push(() => transmit(message, resolve));
        // Only a client that asks without reading the answers comes here.
        socket.terminate();
        resolve();
      }),
    heard,
    close() {
      clearInterval(timer);
      admit();
    },
  };
}
