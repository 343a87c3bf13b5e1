// Puts an answer on the wire, whole or spoilt the way a fault switch says.
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type Answer, renderAnswer } from './exchange.ts';
import type { ChosenFault } from './faults.ts';

/**
 * Sends `answer`. Resolves with whether the whole answer went out as the fault wanted it; false means that the client left
 * first. Faults that stand before the handler are not this file's matter and are taken as none.
 */
export async function deliver(response: ServerResponse, answer: Answer, chosen?: ChosenFault): Promise<boolean> {
  const { bytes, contentType } = renderAnswer(answer);
  const headers: Record<string, string> = { ...(contentType && { 'content-type': contentType }), ...answer.headers };
  const send = (announced: number) =>
    response.writeHead(answer.status, { ...headers, 'content-length': String(announced) });
  const bodiless = response.req.method === 'HEAD' || answer.status === 204 || answer.status === 304;
  const fault = bodiless ? undefined : chosen?.fault;

  switch (fault?.kind) {
    case 'truncate': {
      const part = bytes.subarray(0, Math.floor(bytes.length * fault.share));
      send(fault.ends === 'early' ? bytes.length : part.length);
      return fault.ends === 'early' ? endWithClose(response, part) : end(response, part);
    }
    case 'contentLength':
      send(Math.max(0, bytes.length + fault.by));
      return endWithClose(response, bytes);
    case 'slow':
      send(bytes.length);
      for (let at = 0; at < bytes.length && !response.destroyed; at += fault.bytes) {
        response.write(bytes.subarray(at, at + fault.bytes));
        await wait(fault.everyMs);
      }
      return end(response);
    case 'hang': {
      send(bytes.length);
      if (fault.at !== 'middle') return end(response, bytes);

      const half = Math.floor(bytes.length / 2);
      response.write(bytes.subarray(0, half));
      await Promise.race([chosen?.released, gone(response)]);
      return end(response, bytes.subarray(half));
    }
    default:
      if (bodiless) {
        response.writeHead(answer.status, headers);
        return end(response);
      }
      send(bytes.length);
      return end(response, bytes);
  }
}

/** Resolves when the connection under the response is gone. */
export function gone(response: ServerResponse): Promise<void> {
  if (response.destroyed || response.closed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

function end(response: ServerResponse, bytes?: Buffer): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.once('close', () => resolve(response.writableFinished));
    response.once('finish', () => resolve(true));
    response.end(bytes);
  });
}

/** Writes what there is and closes the connection behind it. */
function endWithClose(response: ServerResponse, bytes: Buffer): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    response.once('close', () => resolve(true));
    response.write(bytes, () => response.socket?.end());
  });
}
