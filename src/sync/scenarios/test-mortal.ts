/** A worker that dies at a named point: from then on nothing it does reaches the database or the outside. */
import type { Engine } from '../engine.ts';
import type { Outside } from './test-outside.ts';

export class Dead extends Error {
  override readonly name = 'Dead';
}

/**
 * `commit 3`: right after its third commit. `create members 2`: before the second member is made. `created members 2`: once
 * it is made and before anything about it is written down here.
 */
export function mortal(engine: Engine, outside: Outside, dies: string): { engine: Engine; bury(): void } {
  const [, point = dies, nth = '1'] = /^(.*?)(?: (\d+))?$/.exec(dies) ?? [];
  const life = { over: false, commits: 0 };
  const end = () => {
    life.over = true;
    throw new Dead(`The worker died at ${dies}.`);
  };
  const { reach } = outside;
  outside.reach = async (reached, signal) => {
    if (life.over) throw new Dead('A dead worker calls nobody.');
    await reach(reached, signal);
  };
  if (point !== 'commit') outside.when(point, Number(nth), end);
  const db = new Proxy(engine.db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'begin' || typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        life.over ? Promise.reject(new Dead('A dead worker commits nothing.')) : Reflect.apply(member, target, args);
    },
  });
  const wake = () => {
    life.commits += 1;
    if (point === 'commit' && life.commits === Number(nth)) end();
  };

  return {
    engine: { ...engine, db, wake },
    bury: () => {
      outside.reach = reach;
    },
  };
}
