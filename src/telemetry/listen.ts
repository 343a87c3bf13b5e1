/** Hearing of work that has ended, and how long it took. */
import type { TracingChannel } from 'node:diagnostics_channel';

export interface Listener<Facts> {
  onStart?(facts: Facts): void;
  /** @param seconds since it started. */
  onEnd(facts: Facts, seconds: number): void;
}

/** Answers how to stop. What was under way before is not told of. */
export function listen<Facts extends object>(
  channel: TracingChannel<unknown, Facts>,
  { onStart, onEnd }: Listener<Facts>,
): () => void {
  const began = new WeakMap<Facts, number>();
  const start = (told: unknown) => {
    const facts = told as Facts;
    began.set(facts, performance.now());
    onStart?.(facts);
  };
  const end = (told: unknown) => {
    const facts = told as Facts;
    const at = began.get(facts);
    if (at !== undefined) onEnd(facts, (performance.now() - at) / 1_000);
  };
  channel.start.subscribe(start);
  channel.asyncEnd.subscribe(end);

  return () => {
    channel.start.unsubscribe(start);
    channel.asyncEnd.unsubscribe(end);
  };
}
