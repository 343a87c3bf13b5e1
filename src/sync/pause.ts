/** Waiting in real time, for as long as nobody says stop. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `ms` milliseconds; rejects with the signal's reason when told to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
