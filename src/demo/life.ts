/** The demo after its summary: the district goes on living, a story every so often, until somebody stops it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';
import { createRandom } from '../simulators/district/random.ts';
import { answers } from './answers.ts';
import type { Connected } from './connect.ts';
import { documents } from './documents.ts';
import type { Surroundings } from './journey.ts';
import type { Outside } from './outside.ts';
import type { Screen } from './screen.ts';
import { answerTo, changeInSis, type Question, renameInGoogle, type Scene, settling, type Telling } from './stories.ts';
import { facts } from './summary.ts';
import type { TabVariables } from './where.ts';

export interface LifeOptions {
  schools: readonly Connected[];
  outside: Outside;
  around: Surroundings;
  screen: Screen;
  seed: string;
  clock: Clock;
  /** Of GraphiQL’s tabs. */
  variables: TabVariables;
  /** Milliseconds before the first story, and between two. */
  pace?: { first: number; every: number };
  /** How many stories are told; without it, until the signal. */
  stories?: number;
}

/** A rename comes again only when its question is answered, and not before so many stories. */
const renameEvery = 6;
const lookEvery = 1_500;
/** Columns of the time before a story. */
const indent = 10;
const titleWidth = 'You decide'.length;

/** Resolves when `stories` are told; rejects with the signal's reason when somebody stops it. */
export async function liveOn(options: LifeOptions): Promise<void> {
  const { schools, around, seed, pace = { first: 6_000, every: 20_000 } } = options;
  const scene: Scene = { outside: options.outside, around, random: createRandom(`demo of ${seed}`) };
  let question: Question | null = null;
  for (let story = 0; story < (options.stories ?? Infinity); story += 1) {
    question = await wait(story === 0 ? pace.first : pace.every, question, options);
    const school = schools[story % schools.length];
    if (school === undefined) return;
    if (question === null && story % renameEvery === 0) {
      const renamed = await renameInGoogle(scene, school);
      question = renamed.question;
      if (question) options.variables.ResolveConflict = answerTo(question.conflict);
      tell(options, renamed.telling);
    } else {
      // The first is the one everybody asks for; what comes then is up to the district.
      tell(options, await changeInSis(scene, school, story === 1 ? 'studentMoves' : undefined));
    }
  }
}

/** Waits, and tells when the open question is answered meanwhile. */
async function wait(ms: number, open: Question | null, options: LifeOptions): Promise<Question | null> {
  const { screen, around } = options;
  const { api, signal, now } = around;
  const until = now() + ms;
  let question = open;
  const line = () => {
    const questions = question === null ? [] : ['1 open question'];
    const next = `The next change in ${Math.ceil(Math.max(0, until - now()) / 1_000)} s`;
    return [`  ${screen.paint.dim([next, ...questions, 'Ctrl-C ends the demo'].join(' · '))}`];
  };
  screen.show(line, { fleeting: true });
  while (now() < until) {
    await pause(Math.min(lookEvery, Math.max(0, until - now())), undefined, { signal });
    if (question === null) continue;
    const { nodes } = await api.ask(documents.questions, { ids: [question.conflict.id] }, answers.questions);
    const [seen] = nodes;
    if (seen?.status !== 'RESOLVED') continue;
    tell(options, settling(question, seen.resolution, seen.resolvedBy?.name ?? null));
    question = null;
  }
  screen.settle();

  return question;
}

function tell({ screen, clock }: LifeOptions, telling: Telling): void {
  if (telling.length === 0) return;
  const time = clock.now().toTimeString().slice(0, 8);
  const [first, ...rest] = facts(
    telling.map(([title, text]) => [title.padEnd(titleWidth), text] as const),
    screen.columns() - indent,
    screen.paint,
  );
  screen.print(`  ${screen.paint.dim(time)}${first ?? ''}`, ...rest.map((line) => ' '.repeat(indent) + line), '');
}
