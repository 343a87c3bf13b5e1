/**
 * The sweep: each slot of each operation with another's value and, right beside it, with nobody's. The two answers must be one
 * and the same, and no answer may hold a word that only others have. All callers ask at once, in an order that the seed makes.
 */
import { difference, plain } from './answers.ts';
import type { Caller, Question } from './caller.ts';
import type { Operation } from './operations.ts';
import { leaksIn } from './secrets.ts';
import { tries, withCursor } from './tries.ts';

export interface Found {
  /** What is wrong, a sentence each. */
  readonly complaints: readonly string[];
  readonly questions: number;
  /** Places at which another's value was tried and compared. */
  readonly places: ReadonlySet<string>;
}

export interface SweepOptions {
  readonly callers: readonly Caller[];
  readonly operations: readonly Operation[];
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Questions under way at a time. */
  readonly atOnce?: number;
}

type Look = () => Promise<string[]>;

export async function sweep({ callers, operations, random, atOnce = 12 }: SweepOptions): Promise<Found> {
  const places = new Set<string>();
  let questions = 0;
  const ask = async (caller: Caller, question: Question, name: string, into: string[]) => {
    questions += 1;
    const answer = await caller.ask(question);
    const leaks = leaksIn(answer, caller.secrets, JSON.stringify(question.variables));
    if (leaks.length > 0)
      into.push(`${name} shows ${caller.world.mark} what is not its own: ${leaks.slice(0, 3).join(', ')}.`);
    return answer;
  };

  /** Both answers, without what is said in the question, are the same. */
  const compare = async (caller: Caller, name: string, theirs: Question, nobodys: Question, apart: boolean) => {
    const told: string[] = [];
    const pair = await Promise.all([theirs, nobodys].map((question) => ask(caller, question, name, told)));
    const [left = '', right = ''] = pair.map((answer, at) => plain(answer, at === 0 ? theirs : nobodys));
    if (apart && left !== right)
      told.push(`${name} tells ${caller.world.mark} another’s from nobody’s: ${difference(left, right)}`);
    return told;
  };

  const looks: Look[] = [];
  for (const caller of callers)
    for (const operation of operations) {
      const { document, name } = operation;
      const { world } = caller;
      looks.push(async () => {
        const told: string[] = [];
        if (operation.kind === 'mutation') return told;
        const base = withCursor(operation, operation.variables(world, 'base'), caller);
        const answer = await ask(caller, { document, variables: base }, name, told);
        if (answer.includes('"errors"'))
          told.push(`${name} fails with what is ${world.mark}’s own: ${answer.slice(0, 300)}`);
        const everything = withCursor(operation, operation.variables(world, 'everything'), caller);
        await ask(caller, { document, variables: everything }, name, told);
        return told;
      });
      for (const other of caller.others)
        for (const slot of operation.slots)
          looks.push(async () => {
            const tried = await tries(operation, slot, caller, other, callers);
            const told = await Promise.all(
              tried.map(({ theirs, nobodys, apart = true }) => {
                if (apart) places.add(slot.place);
                return compare(
                  caller,
                  `${name} (${slot.path.join('.')})`,
                  { document, variables: theirs },
                  { document, variables: nobodys },
                  apart,
                );
              }),
            );
            return told.flat();
          });
    }

  const complaints = await inTurns(shuffled(looks, random), atOnce);
  return { complaints, questions, places };
}

async function inTurns(looks: readonly Look[], atOnce: number): Promise<string[]> {
  const waiting = [...looks];
  const told: string[] = [];
  const lane = async () => {
    for (let look = waiting.shift(); look; look = waiting.shift()) told.push(...(await look()));
  };
  await Promise.all(Array.from({ length: atOnce }, lane));

  return told;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([left], [right]) => left - right)
    .map(([, item]) => item);
}
