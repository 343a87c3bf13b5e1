/** Colours for a terminal, or none: what is painted reads the same without them. */

export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  green: [32, 39],
  cyan: [36, 39],
  yellow: [33, 39],
  red: [31, 39],
} as const;

export function createPaint(colours: boolean): Paint {
  const brush = ([on, off]: readonly [number, number]) =>
    colours ? (text: string) => (text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`) : (text: string) => text;

  return {
    bold: brush(codes.bold),
    dim: brush(codes.dim),
    green: brush(codes.green),
    cyan: brush(codes.cyan),
    yellow: brush(codes.yellow),
    red: brush(codes.red),
  };
}
