/** Milliseconds of a clock that all processes of a machine share, finer than `Date`. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
