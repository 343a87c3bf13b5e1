/** A worker that dies at a named point: from then on nothing it does reaches the database or the outside. */
import type { Engine } from '../engine.ts';
import type { Outside } from './test-outside.ts';

export class Dead extends Error {
  override readonly name = 'Dead';
}

/**
 * `pulling 2`, `planning 1`, `applying 3`: right after so many commits in that phase of the run. `create members 2`: before the
 * second member is made. `created members 2`: once it is made and before anything about it is written down here.
 */
export function mortal(
  engine: Engine,
  outside: Outside,
  dies: string,
  phaseNow: () => Promise<string | null>,
): { engine: Engine; bury(): void } {
  const [, point = dies, nth = '1'] = /^(.*?)(?: (\d+))?$/.exec(dies) ?? [];
  const inPhase = ['pulling', 'planning', 'applying'].includes(point);
  const life = { over: false, buried: false, commits: 0 };
  const end = () => {
    if (life.buried) return;
    life.over = true;
    throw new Dead(`The worker died at ${dies}.`);
  };
  const { reach } = outside;
  outside.reach = async (reached, signal) => {
    if (life.over) throw new Dead('A dead worker calls nobody.');
    await reach(reached, signal);
  };
  if (!inPhase) outside.when(point, Number(nth), end);
  const commit = async (begin: () => Promise<unknown>, writes: boolean) => {
    if (life.over) throw new Dead('A dead worker commits nothing.');
    const answer = await begin();
    if (inPhase && writes && !life.over && (await phaseNow()) === point.toUpperCase()) {
      life.commits += 1;
      if (life.commits === Number(nth)) end();
    }
    return answer;
  };
  const db = new Proxy(engine.db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'begin' || typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        commit(() => Reflect.apply(member, target, args) as Promise<unknown>, !String(args[0]).includes('read only'));
    },
  });

  return {
    engine: { ...engine, db },
    bury: () => {
      life.buried = true;
      outside.reach = reach;
    },
  };
}
