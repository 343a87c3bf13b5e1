/** Text in columns of a terminal: how wide it is there, cut and padded to fit. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const escape = '\u001b';
const colour = new RegExp(`(${escape}\\[[\\d;?]*[A-Za-z])`);
/** Scripts and signs that take two columns. */
const wide = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;

/** Text at even places, colours at odd ones. */
function parts(text: string): string[] {
  return text.includes(escape) ? text.split(colour) : [text];
}

/** Columns the text takes; colours take none, an accent belongs to its letter. */
export function width(text: string): number {
  const words = parts(text).filter((_, index) => index % 2 === 0);
  return words.reduce((columns, word) => columns + plainWidth(word), 0);
}

function plainWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += wide.test(segment) ? 2 : 1;

  return columns;
}

/** Cut to so many columns, with `…` where something is missing. Colours stay whole. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let room = columns - 1;
  return parts(text)
    .map((part, index) => {
      if (index % 2 === 1 || room < 0) return index % 2 === 1 ? part : '';
      const kept = beginning(part, room);
      room -= plainWidth(kept);
      if (kept.length === part.length) return kept;
      room = -1;
      return `${kept}…`;
    })
    .join('');
}

function beginning(text: string, columns: number): string {
  let kept = '';
  let room = columns;
  for (const { segment } of segmenter.segment(text)) {
    room -= plainWidth(segment);
    if (room < 0) break;
    kept += segment;
  }

  return kept;
}

/** Lines of at most so many columns, broken between words; a longer word keeps its length. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }

  return lines;
}

/** Exactly so many columns, text first. */
export function left(text: string, columns: number): string {
  const fitted = cut(text, columns);
  return fitted + ' '.repeat(Math.max(0, columns - width(fitted)));
}

/** Exactly so many columns, text last. */
export function right(text: string, columns: number): string {
  const fitted = cut(text, columns);
  return ' '.repeat(Math.max(0, columns - width(fitted))) + fitted;
}

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `0.4 s`, `12.3 s`, `2 min 05 s`, `1 h 12 min` */
export function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;

  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** `1 class`, `42 classes` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
