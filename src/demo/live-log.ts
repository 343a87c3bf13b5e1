/** What came in live over the WebSocket: the last lines for the board, all of it counted. */
import type { LogEntry } from './answers.ts';

export interface LogLine {
  school: string;
  entry: LogEntry;
}

export interface LiveLog {
  /** The newest last; a few dozen at most. */
  readonly lines: readonly LogLine[];
  readonly received: number;
  /** Milliseconds from the start of the process to the first entry; null before it. */
  readonly firstAt: number | null;
  /** Entries that failed, and those skipped for a reason: the first of each. */
  readonly troubles: readonly LogLine[];
  add(school: string, entries: readonly LogEntry[]): void;
}

const mostLines = 40;
const mostTroubles = 20;

/** @param now milliseconds since the process started. */
export function createLiveLog(now: () => number): LiveLog {
  const lines: LogLine[] = [];
  const troubles: LogLine[] = [];
  let received = 0;
  let firstAt: number | null = null;

  return {
    lines,
    troubles,
    get received() {
      return received;
    },
    get firstAt() {
      return firstAt;
    },
    add(school, entries) {
      if (entries.length > 0) firstAt ??= now();
      received += entries.length;
      for (const entry of entries) {
        lines.push({ school, entry });
        if (entry.status !== 'SUCCESS' && troubles.length < mostTroubles) troubles.push({ school, entry });
      }
      lines.splice(0, lines.length - mostLines);
    },
  };
}
