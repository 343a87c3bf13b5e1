/** A worker that dies in the middle of its work: from then on nothing it does reaches the database or the outside. */
import type { Engine } from '../../src/sync/engine.ts';

export class Dead extends Error {
  override readonly name = 'Dead';
}

/**
 * The same engine, for so many steps: a step is a commit or a call. After an even one what it did has happened and nobody is
 * told; an odd one does not happen any more.
 */
export function mortal(engine: Engine, steps: number): Engine {
  let left = steps;
  const step = async <T>(does: () => Promise<T>): Promise<T> => {
    if (left <= 0) throw new Dead('A dead worker does nothing.');
    left -= 1;
    if (left > 0) return does();
    if (steps % 2 === 0) await does();
    throw new Dead(`The worker died after ${steps} steps.`);
  };
  const db = new Proxy(engine.db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'begin' || typeof member !== 'function') return member;
      return (...args: unknown[]) => step(() => Reflect.apply(member, target, args) as Promise<unknown>);
    },
  });

  return {
    ...engine,
    db,
    http: (...about) => {
      const http = engine.http(...about);
      return { ...http, fetch: (...asked) => step(() => http.fetch(...asked)) };
    },
  };
}
