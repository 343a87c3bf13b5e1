/** Text in columns of a terminal: how wide it is there, cut and padded to fit. */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
// eslint-disable-next-line no-control-regex
const escape = /\u001b\[[\d;?]*[A-Za-z]/g;
/** Scripts and signs that take two columns. */
const wide = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;

/** Columns the text takes; colours take none, an accent belongs to its letter. */
export function width(text: string): number {
  const plain = text.replace(escape, '');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII is counted without looking closer
  if (/^[\u0000-\u007f]*$/.test(plain)) return plain.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(plain)) columns += wide.test(segment) ? 2 : 1;

  return columns;
}

/** Cut to so many columns, with `…` where something is missing. Colours stay whole. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns <= 0) return '';
  let left = columns - 1;
  let cutOff = false;
  const parts = text.split(/(\u001b\[[\d;?]*[A-Za-z])/).map((part, index) => {
    if (index % 2 === 1) return part;
    let kept = '';
    for (const { segment } of segmenter.segment(part)) {
      if (cutOff) break;
      const columns = width(segment);
      if (columns > left) {
        cutOff = true;
        kept += '…';
        break;
      }
      kept += segment;
      left -= columns;
    }
    return kept;
  });

  return parts.join('');
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
