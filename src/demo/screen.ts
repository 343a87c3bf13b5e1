/** The terminal: lines that stay, and below them a region that is redrawn in place. */

import type { Size } from './board.ts';
import { cut, width } from './columns.ts';
import { createPaint, type Paint } from './paint.ts';

export type Draw = (size: Size) => readonly string[];

export interface Screen {
  readonly paint: Paint;
  /** Whether a region can be redrawn; without it only lines that stay are written. */
  readonly live: boolean;
  columns(): number;
  /** Lines that stay, above the region. */
  print(...lines: readonly string[]): void;
  /** Redraws the region with this, ten times a second, until `settle`. What is `fleeting` leaves nothing behind. */
  show(draw: Draw, options?: { fleeting?: boolean }): void;
  /** Draws the region a last time; what it shows stays. */
  settle(): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows' | 'hasColors'>;

const frameMs = 100;
const plainColumns = 100;
const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
/** A terminal that knows these shows a frame at once instead of line by line; others ignore them. */
const beginFrame = '\u001b[?2026h';
const endFrame = '\u001b[?2026l';

/** @param onExit registers what must still be done when the process ends in a hurry; answers how to take it back. */
export function openScreen(out: Output, onExit: (restore: () => void) => () => void = atProcessExit): Screen {
  const live = out.isTTY;
  const paint = createPaint(live && out.hasColors());
  let draw: Draw | null = null;
  let fleeting = false;
  /** The lines of the region as they stand on the screen. */
  let drawn: readonly string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let forget: (() => void) | undefined;

  const size = (): Size => ({ columns: out.columns || plainColumns, rows: out.rows || 24 });

  /** Back to the region's first line; a window that became narrower has wrapped its lines. */
  const rewind = () => {
    const { columns } = size();
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
    return rows === 0 ? '\r' : `\u001b[${rows}A\r`;
  };
  const body = (lines: readonly string[]) => lines.map((line) => `${line}\u001b[K\n`).join('');
  const nextLines = (): readonly string[] => {
    const { columns, rows } = size();
    return (draw?.({ columns, rows }) ?? []).slice(0, rows - 1).map((line) => cut(line, columns));
  };

  /** One write a frame: what stays first, the region again below it. */
  const frame = (staying: readonly string[], region: readonly string[]) => {
    out.write(`${beginFrame}${rewind()}${body(staying)}${body(region)}\u001b[J${endFrame}`);
    drawn = region;
  };

  const settle = () => {
    if (timer === undefined) return;
    frame([], fleeting ? [] : nextLines());
    clearInterval(timer);
    timer = undefined;
    draw = null;
    drawn = [];
    out.write(showCursor);
    forget?.();
    forget = undefined;
  };

  return {
    paint,
    live,
    columns: () => size().columns,
    print(...lines) {
      if (timer === undefined) out.write(lines.map((line) => `${line}\n`).join(''));
      else frame(lines, nextLines());
    },
    show(next, options = {}) {
      if (!live) return;
      draw = next;
      fleeting = options.fleeting ?? false;
      if (timer !== undefined) return;
      forget = onExit(settle);
      out.write(hideCursor);
      frame([], nextLines());
      timer = setInterval(() => frame([], nextLines()), frameMs);
    },
    settle,
    close: settle,
  };
}

function atProcessExit(restore: () => void): () => void {
  process.once('exit', restore);
  return () => process.off('exit', restore);
}
