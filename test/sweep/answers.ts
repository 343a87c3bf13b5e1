/** Comparing two answers. */
import { splitId } from '../../src/schema/ids.ts';
import type { Question } from './caller.ts';

/** Without what two answers to one question may differ in: what it costs, who serves it, and what was said itself. */
export function plain(answer: string, { variables }: Question): string {
  const said = JSON.stringify(variables).match(/[^"\\[\]{},]{8,}/g) ?? [];
  const bare = said.flatMap((value) => [value, splitId(value)?.id ?? value]);
  const without = [...new Set(bare)].reduce((text, value) => text.replaceAll(value, '«said»'), answer);

  return without
    .replace(/"cost":\{[^}]*\}/g, '')
    .replace(/"lastUsedAt":(?:null|"[^"]*")/g, '')
    .replace(/("requestId":"|the reference )[0-9a-f-]{36}/g, '$1');
}

/** Where two answers part. */
export function difference(left: string, right: string): string {
  const at =
    Array.from({ length: left.length }, (_, index) => index).find((index) => left[index] !== right[index]) ?? 0;
  const from = Math.max(0, at - 80);

  return `…${left.slice(from, from + 240)}… and …${right.slice(from, from + 240)}…`;
}
