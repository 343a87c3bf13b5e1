/** A school lives from one day to another: planners plan, people sign, and twice a day Homeroom brings Edusign into step. */
import type { EdusignSimulator } from '../../src/simulators/edusign/simulator.ts';
import { addDays, type Day, dayAt, instantOf } from './calendar.ts';
import { leastCalls } from './calls.ts';
import { planHalfDay } from './deeds.ts';
import { makeOracle, type Oracle } from './oracle.ts';
import type { Refusal } from './rules.ts';
import { makeSchool, planDay, type School } from './school.ts';
import { nextDue, type Stage, setStage } from './stage.ts';
import { differences } from './standing.ts';

export interface LifeOptions {
  seed: string;
  learners: number;
  from: Day;
  /** The last day. */
  until: Day;
  groupSync: boolean;
  /** A line for whoever watches. */
  say(line: string): void;
}

export interface Life {
  windows: number;
  calls: number;
  leastCalls: number;
  /** What stood otherwise in Edusign than the rules say, with the window in which it was seen first. */
  wrong: string[];
  /** Refusals that were due, and those that the log told. */
  due: Set<Refusal>;
  told: Set<Refusal>;
  /** Sheets whose signatures were lost, moved or deleted. */
  harmed: readonly string[];
  problems: readonly unknown[];
}

/** How far ahead the favourite shows the plan. */
const planned = 24;

export async function live(options: LifeOptions): Promise<Life> {
  const { seed, learners, from, until, say } = options;
  const school = makeSchool(seed, learners);
  const stage = await setStage(school, new Date(instantOf(`${from}T07:00:00`)), options);
  const oracle = makeOracle();
  const life: Life = {
    windows: 0,
    calls: 0,
    leastCalls: 0,
    wrong: [],
    due: new Set(),
    told: new Set(),
    harmed: [],
    problems: [],
  };
  try {
    for (let ahead = 0; ahead < planned; ahead += 1) planDay(school, addDays(from, ahead));
    let today: Day | null = null;
    for (;;) {
      const now = await nextDue(stage);
      if (dayAt(now) > until) break;
      if (today !== null) planHalfDay(school, stage.clock.now());
      if (today !== dayAt(now)) turnPage(school, (today = dayAt(now)));
      stage.clock.set(now);
      sign(stage.there, oracle, now);
      await window(stage, school, oracle, life, options.groupSync);
      if (life.windows % 20 === 0)
        say(`${today}: ${life.windows} windows, ${life.calls} calls, at least ${life.leastCalls}`);
      if (life.wrong.length > 0) break;
    }
    life.harmed = stage.there.hand.harmed();
    life.problems = [...stage.there.problems, ...stage.source.problems, ...stage.source.keycloak.problems];
  } finally {
    await stage.close();
  }

  return life;
}

/** Another day of the plan comes into view, and the day before yesterday leaves it. */
function turnPage(school: School, today: Day): void {
  planDay(school, addDays(today, planned));
  const yesterday = addDays(today, -1);
  for (const [key, { start }] of school.world.sessions)
    if (start.slice(0, 10) < yesterday) school.world.sessions.delete(key);
}

/** Whoever was there has signed, of every sheet whose session has begun; those of yesterday are locked. */
function sign({ hand }: EdusignSimulator, oracle: Oracle, now: Date): void {
  const begun = new Set<string>();
  for (const sheet of oracle.sheets.values()) {
    if (sheet.start <= now.getTime() && sheet.closed === null) {
      sheet.closed = 'SHEET_SIGNED';
      begun.add(sheet.id);
    }
  }
  if (begun.size === 0) return;
  for (const sheet of hand.sheets(new Date(now.getTime() - 40 * 3_600_000))) {
    if (begun.has(sheet.API_ID)) hand.sign(sheet.ID, sheet.STUDENTS[0]?.studentId);
  }
}

async function window(stage: Stage, school: School, oracle: Oracle, life: Life, groupSync: boolean): Promise<void> {
  const { homeroom, ids, source, there, clock } = stage;
  const now = clock.now();
  const least = leastCalls(there.hand, school.world, now, groupSync);
  for (const { journal } of [source, there, source.keycloak]) journal.clear();
  await stage.scheduler.tick();
  await homeroom.runWaiting(ids.source);
  await homeroom.runWaiting(ids.there);
  const work = oracle.window(now, school.world);
  life.windows += 1;
  life.calls += there.journal.count() + source.journal.count() + source.keycloak.journal.count();
  life.leastCalls += least + work.created + work.updated + work.removed;
  for (const refusal of work.refusals) life.due.add(refusal);
  for (const refusal of await toldSince(stage)) life.told.add(refusal);
  life.wrong.push(
    ...differences(there.hand, oracle, new Date(now.getTime() - 86_400_000)).map(
      (line) => `${now.toISOString()} ${line}`,
    ),
  );
}

/** What the log of the runs says was not done, by its code and the id of whom it is about in Auriga; the log is emptied. */
async function toldSince({ homeroom }: Stage): Promise<Refusal[]> {
  const rows = await homeroom.write(
    (tx) => tx<{ code: string | null; note: string | null; about: string }[]>`
      select l.details ->> 'code' as code, l.details ->> 'note' as note,
        coalesce(m.sourced_id, p.sourced_id, g.sourced_id, l.key, '') as about
      from sync_log l
        left join meeting m on m.tenant_id = l.tenant_id and m.id = l.record_id
        left join person p on p.tenant_id = l.tenant_id and p.id = l.record_id
        left join "group" g on g.tenant_id = l.tenant_id and g.id = l.record_id
      where l.details is not null`,
  );

  return rows.flatMap(({ code, note, about }) => {
    const word = code ?? /^[A-Z_]+(?=:)/.exec(note ?? '')?.[0];
    return word === undefined ? [] : ([`${word} ${about}`] as Refusal[]);
  });
}
