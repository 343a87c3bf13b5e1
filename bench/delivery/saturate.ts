/** Both sides at saturation: as many messages as one process gets out, with the same clients at the other end. */
import type { Child } from '../child.ts';
import type { Bench } from '../context.ts';
import { number } from '../figure.ts';
import { processorSeconds } from '../machine.ts';
import type { Counts } from './clients.ts';

/** Steps on their way at once: enough that nobody waits for the next, and less than a subscriber's queue holds. */
export const ahead = 20;

export interface Measured {
  readonly messagesPerSecond: number;
  readonly entriesPerSecond: number;
  readonly bytesPerMessage: number;
  /** Of the sending process, microseconds of processor time a message. */
  readonly cpuMicroseconds: number;
}

/** One side: who sends, who receives, and one step that every client hears of once. */
export interface Side {
  readonly name: string;
  readonly pid: number;
  readonly clients: Child;
  /** What of a step arrives once at every client. */
  readonly what: 'messages' | 'entries';
  step(number: number): Promise<unknown>;
}

export interface Saturated {
  /** Keeps `ahead` steps on their way for so many seconds: whenever all clients have heard of one, the next one goes. */
  measure(seconds: number): Promise<Measured>;
  /** How many steps there have been. */
  steps(): number;
}

export function saturate({ say }: Bench, { name, pid, clients, what, step }: Side): Saturated {
  let steps = 0;

  async function measure(seconds: number): Promise<Measured> {
    const until = performance.now() + seconds * 1_000;
    const before = await clients.ask<Counts>('counts');
    const [cpuBefore, began] = [processorSeconds(pid), performance.now()];
    const lane = async () => {
      while (performance.now() < until) {
        steps += 1;
        const number = steps;
        await step(number);
        await clients.ask('reached', { what, count: number });
      }
    };
    await Promise.all(Array.from({ length: ahead }, lane));
    const spent = (performance.now() - began) / 1_000;
    const after = await clients.ask<Counts>('counts');
    const messages = after.messages - before.messages;
    say(`delivery ${name} ${number(messages / spent)} messages/s`);

    return {
      messagesPerSecond: messages / spent,
      entriesPerSecond: (after.entries - before.entries) / spent,
      bytesPerMessage: (after.bytes - before.bytes) / messages,
      cpuMicroseconds: ((processorSeconds(pid) - cpuBefore) * 1_000_000) / messages,
    };
  }

  return { measure, steps: () => steps };
}
