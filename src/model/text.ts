/** Text that can be kept: Unicode without half a surrogate pair, which is no character, and without NUL, which PostgreSQL does not take. */
export function isKeepable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
