/** A school lives from one day to another: planners plan, people sign, and twice a day Homeroom brings Edusign into step. */
import type { EdusignSimulator } from '../../src/simulators/edusign/simulator.ts';
import { type Accident, approveAll, hold } from './accidents.ts';
import { addDays, type Day, dayAt, instantOf, isLive } from './calendar.ts';
import { leastCalls } from './calls.ts';
import { planHalfDay, planned, putOff } from './deeds.ts';
import { answerAll, handiwork, touch } from './hands.ts';
import { daysAhead, makeOracle, type Oracle } from './oracle.ts';
import { hasMoved, type Papers, papersOf } from './papers.ts';
import type { Refusal } from './rules.ts';
import { makeSchool, planDay, type School } from './school.ts';
import { wrongSlots } from './slots.ts';
import { nextDue, type Stage, setStage } from './stage.ts';
import { differences } from './standing.ts';
import { failedSince, toldBy } from './told.ts';
import { type Workers, workersHere } from './workers.ts';
import { workersApart } from './workers-apart.ts';

export interface LifeOptions {
  seed: string;
  learners: number;
  from: Day;
  /** The last day. */
  until: Day;
  groupSync: boolean;
  /** Days on which the favourite shows nothing, a tenth, or really less than before at noon. */
  accidents: Readonly<Record<Day, Accident>>;
  /** How often the worker dies in the middle of a window. */
  deaths: number;
  /** Let the worker be a process of its own, and its death a `kill -9`. */
  kill: boolean;
  /** A line for whoever watches. */
  say(line: string): void;
}

export interface Life {
  windows: number;
  /** In the windows; what people's answers cost is not in it. */
  calls: number;
  leastCalls: number;
  /** Of the least, those of windows in which a worker died: the next one asks again, and looks before it writes. */
  interrupted: number;
  questions: number;
  held: number;
  deaths: number;
  sheets: number;
  /** At most so many at once whose session had been moved out of the days that are mirrored. */
  farAhead: number;
  /** Sessions that were put off from the fifth day on to the twentieth, and whose sheet went with them. */
  putOff: number;
  /** Signed sheets that are there still, and word for word, after a month. */
  keptAMonth: number;
  /** Windows in which nothing was to be done. */
  quiet: number;
  /** What may happen in such a life and has not. */
  missed: readonly string[];
  /** What stood otherwise in Edusign than the rules say, at the end of the first window in which anything did. */
  wrong: string[];
  /** Refusals that were due, and those that the log told. */
  due: Set<Refusal>;
  told: Set<Refusal>;
  /** Sheets whose signatures were lost, moved or deleted. */
  harmed: readonly string[];
  problems: readonly unknown[];
}

/** Each window looks at the sheets of a week; the end looks at all. */
const weekMs = 7 * 86_400_000;

const monthMs = 31 * 86_400_000;

/** How many days of the plan the favourite shows. */
const shown = 24;

export async function live(options: LifeOptions): Promise<Life> {
  const { seed, learners, from, until, say } = options;
  const school = makeSchool(seed, learners);
  const stage = await setStage(school, new Date(instantOf(`${from}T07:00:00`)), options);
  const oracle = makeOracle(options);
  const workers = options.kill ? await workersApart(stage, school.random) : workersHere(stage, school.random);
  const papers = papersOf();
  const dying = Math.max(1, Math.floor((liveDays(from, until) * 2) / (options.deaths + 1)));
  const life: Life = {
    windows: 0,
    calls: 0,
    leastCalls: 0,
    interrupted: 0,
    questions: 0,
    held: 0,
    deaths: 0,
    sheets: 0,
    farAhead: 0,
    putOff: 0,
    keptAMonth: 0,
    quiet: 0,
    missed: [],
    wrong: [],
    due: new Set(),
    told: new Set(),
    harmed: [],
    problems: [],
  };
  try {
    for (let ahead = 0; ahead < shown; ahead += 1) planDay(school, addDays(from, ahead));
    let today: Day | null = null;
    while (life.wrong.length === 0) {
      const now = await nextDue(stage);
      if (dayAt(now) > until) break;
      if (!isLive(dayAt(now))) {
        stage.clock.set(now);
        await stage.scheduler.tick();
        continue;
      }
      if (today !== null) {
        planHalfDay(school, stage.clock.now());
        touch(school, stage.there.hand, oracle, now);
      }
      // No accident happens in the evening.
      const moving = life.windows === 5 && today !== null ? moveOne(school, stage, oracle, today) : null;
      if (today !== dayAt(now)) turnPage(school, today, (today = dayAt(now)));
      stage.clock.set(now);
      sign(stage.there, oracle, now);
      const dies = life.windows % dying === dying - 1 && workers.deaths() < options.deaths;
      await window({ stage, school, oracle, papers, workers, life, options, dies });
      if (moving) {
        life.wrong.push(...hasMoved(stage.there.hand, moving));
        life.putOff += 1;
      }
      life.sheets = stage.there.hand.sheets().length;
      if (life.windows % 20 === 0) say(`${today}: ${wordsOf(life)}`);
    }
    if (life.wrong.length === 0) life.wrong.push(...differences(stage.there.hand, oracle, new Date(0)));
    if (life.wrong.length === 0) life.wrong.push(...papers.closes(stage.there.hand, new Date(0)));
    if (life.wrong.length === 0) life.wrong.push(...(await wrongSlots(stage, from, until)));
    life.deaths = workers.deaths();
    life.keptAMonth = papers.keptSince(stage.there.hand, new Date(stage.clock.now().getTime() - monthMs));
    life.missed = [...planned, ...handiwork].filter((what) => !school.happened.has(what));
    life.harmed = stage.there.hand.harmed();
    life.problems = [...stage.there.problems, ...stage.source.problems, ...stage.source.keycloak.problems];
  } finally {
    await workers.end();
    await stage.close();
  }

  return life;
}

export function wordsOf({ windows, calls, leastCalls, questions, held, sheets }: Life): string {
  return `${windows} windows, ${calls} calls (${leastCalls} would do), ${questions} questions, ${held} held, ${sheets} sheets`;
}

/** Puts one session off whose sheet stands open. What is to become of it; null where there is no such session. */
function moveOne(school: School, { there }: Stage, oracle: Oracle, today: Day) {
  const papers = new Map(there.hand.sheets().map(({ API_ID, ID }) => [API_ID, ID]));
  const isOpen = (id: string) => papers.has(id) && oracle.sheets.get(id)?.closed === null && oracle.kept(id).size === 0;
  const session = putOff(school, isOpen, today);

  return session && { id: session.id, paper: papers.get(session.id) ?? '', start: instantOf(session.start) };
}

/** Days of the plan come into view, and those before yesterday leave it. */
function turnPage(school: School, before: Day | null, today: Day): void {
  for (let day = before === null ? today : addDays(before, 1); day <= today; day = addDays(day, 1)) {
    planDay(school, addDays(day, shown));
  }
  const { sessions } = school.world;
  for (const [key, { start }] of sessions) if (start.slice(0, 10) < addDays(today, -1)) sessions.delete(key);
}

/** Whoever was there has signed, of every sheet whose session has begun. */
function sign({ hand }: EdusignSimulator, oracle: Oracle, now: Date): void {
  const begun = new Set<string>();
  let first = now.getTime();
  for (const sheet of oracle.sheets.values()) {
    if (sheet.start > now.getTime() || sheet.closed !== null) continue;
    sheet.closed = 'SHEET_SIGNED';
    begun.add(sheet.id);
    first = Math.min(first, sheet.start);
  }
  if (begun.size === 0) return;
  for (const sheet of hand.sheets(new Date(first))) {
    if (begun.has(sheet.API_ID)) hand.sign(sheet.ID, sheet.STUDENTS[0]?.studentId);
  }
}

interface Scene {
  stage: Stage;
  school: School;
  oracle: Oracle;
  papers: Papers;
  workers: Workers;
  life: Life;
  options: LifeOptions;
  dies: boolean;
}

async function window({ stage, school, oracle, papers, workers, life, options, dies }: Scene): Promise<void> {
  const { homeroom, source, there, clock } = stage;
  const now = clock.now();
  const accident = now.getUTCHours() < 14 ? options.accidents[dayAt(now)] : undefined;
  const settle = accident && hold(accident, source, school, now);
  const seen = { ...school.world, sessions: new Map(source.switches.empty ? [] : school.world.sessions) };
  const least = leastCalls(there.hand, seen, now, options.groupSync);
  const ahead = [...oracle.sheets.values()].filter(({ start }) => start > now.getTime()).length;
  for (const { journal } of [source, there, source.keycloak]) journal.clear();
  const recent = new Date(now.getTime() - weekMs);
  papers.opens(there.hand, recent);
  await workers.window(dies && !accident);
  const at = { read: now, written: clock.now() };
  const work = oracle.window(at, seen, accident !== undefined);
  life.windows += 1;
  const calls = there.journal.count() + source.journal.count() + source.keycloak.journal.count();
  // A sheet that no list shows, for it was signed long ago and its session is held again, is looked at before it is left.
  const looks = there.journal.count({ route: 'sheets.get' });
  life.calls += calls;
  const changes = work.created + work.updated + work.removed;
  const enough = least + changes;
  life.leastCalls += enough;
  if (dies) life.interrupted += enough;
  if (changes === 0) life.quiet += 1;

  const isHeld = accident === 'empty' || accident === 'vanished';
  const follow = () => oracle.window(at, seen, isHeld).refusals;
  const due = [work.refusals];
  const held = settle ? await settle(stage) : await approveAll(stage);
  life.held += held;
  if (settle) due.push(follow());
  const questions = await answerAll(stage, school, oracle);
  if (questions > 0) due.push(follow());
  life.questions += questions;
  for (const refusal of due.flatMap((each) => [...each])) life.due.add(refusal);
  for (const refusal of await toldBy(homeroom, now)) life.told.add(refusal);
  const wrong = [
    // After the holidays few sheets are left ahead, and of those a person is asked about each that is to go.
    ...(held > 0 && !settle && work.removed <= 3 && ahead >= 10
      ? [`a person was asked about ${work.removed} of ${ahead} sheets`]
      : []),
    ...(changes === 0 && !dies && calls - looks !== least
      ? [`an unchanged day cost ${calls} calls, not ${least}`]
      : []),
    ...(await failedSince(homeroom, now)),
    ...papers.closes(there.hand, recent),
    ...differences(there.hand, oracle, new Date(now.getTime() - 86_400_000)),
  ];
  const last = addDays(dayAt(now), daysAhead);
  const far = [...oracle.sheets.values()].filter(({ start }) => dayAt(new Date(start)) > last).length;
  life.farAhead = Math.max(life.farAhead, far);
  life.wrong.push(...wrong.map((line) => `${now.toISOString()} ${line}`));
}

function liveDays(from: Day, until: Day): number {
  let count = 0;
  for (let day = from; day <= until; day = addDays(day, 1)) count += isLive(day) ? 1 : 0;

  return count;
}
