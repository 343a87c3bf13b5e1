/** A terminal as far as the demo uses one: what a person would see on it after everything written so far. */
import type { Output } from './screen.ts';

export interface TestTerminal extends Output {
  columns: number;
  rows: number;
  /** Lines as they stand, without empty ones at the end. */
  seen(): string[];
  cursorIsShown(): boolean;
}

const escape = '\u001b';
const command = new RegExp(`${escape}\\[(\\??[\\d;]*)([A-Za-z])`, 'y');

export function openTestTerminal({ columns = 80, rows = 24 } = {}): TestTerminal {
  const lines: string[] = [''];
  let row = 0;
  let column = 0;
  let shown = true;

  const put = (sign: string) => {
    const line = (lines[row] ?? '').padEnd(column);
    lines[row] = line.slice(0, column) + sign + line.slice(column + 1);
    column += 1;
  };
  const obey = (argument: string, letter: string) => {
    if (letter === 'A') row = Math.max(0, row - Number(argument || 1));
    if (letter === 'K') lines[row] = (lines[row] ?? '').slice(0, column);
    if (letter === 'J') {
      lines[row] = (lines[row] ?? '').slice(0, column);
      lines.length = row + 1;
    }
    if (argument === '?25') shown = letter === 'h';
  };

  return {
    columns,
    rows,
    isTTY: true,
    hasColors: () => false,
    write(text: unknown): boolean {
      const written = String(text);
      for (let at = 0; at < written.length; at += 1) {
        command.lastIndex = at;
        const found = command.exec(written);
        if (found) {
          obey(found[1] ?? '', found[2] ?? '');
          at += found[0].length - 1;
        } else if (written[at] === '\r') column = 0;
        else if (written[at] === '\n') {
          row += 1;
          column = 0;
          lines[row] ??= '';
        } else put(written[at] ?? '');
      }
      return true;
    },
    seen: () => lines.slice(0, lines.findLastIndex((line) => line !== '') + 1).map((line) => line.trimEnd()),
    cursorIsShown: () => shown,
  };
}
