/** Tells a story against a real database: makes its world, goes through its steps, and holds each against what was expected. */
import assert from 'node:assert/strict';
import type { TestDatabase } from '../../../test/harness/database.ts';
import { type RunSeen, type TestEngine, testEngine } from '../../../test/harness/engine.ts';
import { runBoth } from './test-between.ts';
import { boardOf } from './test-board.ts';
import { homeroomOf, tellHomeroom } from './test-homeroom.ts';
import { Dead, mortal } from './test-mortal.ts';
import { makeOutside, type Outside } from './test-outside.ts';
import { plannerOf } from './test-planner.ts';
import { registerOf } from './test-register.ts';
import type { Before, Name, Step, Story, World } from './test-story.ts';
import {
  fillBoard,
  fillRegister,
  type LogTold,
  tellBoard,
  tellEntry,
  tellPlanner,
  tellQuestion,
} from './test-words.ts';

export interface Stage {
  engine: TestEngine;
  world: World;
  outsides: Record<Name, Outside>;
  ids: ReadonlyMap<Name, string>;
}

/** Puts up a story's world: connectors in memory, a school of its own, what each system holds, what was synced before. */
export async function putUp(before: Before, database: TestDatabase): Promise<Stage> {
  const outsides = { register: makeOutside(), second: makeOutside(), planner: makeOutside(), board: makeOutside() };
  const time = { now: new Date('2026-09-01T06:00:00Z') };
  const connectors = [
    registerOf(outsides.register, before.register),
    registerOf(outsides.second, { id: 'second', name: 'Second register', ...before.second }),
    plannerOf(outsides.planner, before.planner),
    boardOf(outsides.board, before.board),
  ];
  // These worlds are small: every removal would be a mass removal.
  const settings = { previewFirst: false, removalShare: 1, ...before.school };
  const engine = await testEngine(connectors, settings, { database, clock: { now: () => time.now } });
  fillRegister(outsides.register, before.register ?? {});
  fillRegister(outsides.second, before.second ?? {});
  fillRegister(outsides.planner, before.planner ?? {});
  fillBoard(outsides.board, before.board ?? {});
  const ids = new Map<Name, string>();
  for (const name of ['register', 'second', 'planner', 'board'] as const) {
    if (before[name]) ids.set(name, await engine.connect(name, {}, {}));
  }
  const world = worldOf(engine, outsides, ids, time);
  await world.homeroom.add(before.homeroom ?? {});
  for (const name of before.synced ?? []) {
    const run = await engine.sync(idOf(ids, name));
    assert.equal(run.status, 'SUCCEEDED', `The sync of ${name} before the story: ${JSON.stringify(run)}`);
  }

  return { engine, world, outsides, ids };
}

function worldOf(
  engine: TestEngine,
  outsides: Record<Name, Outside>,
  ids: Map<Name, string>,
  time: { now: Date },
): World {
  const act = () => ({ tenantId: engine.school.tenant.id, by: 'a person', now: time.now });
  const newestRun = (name: Name, status: string) =>
    engine.write(async (tx) => {
      const [run] = await tx<{ id: string; planHash: string }[]>`
        select id, plan_hash as "planHash" from sync_run
        where integration_id = ${idOf(ids, name)} and status = ${status} order by id desc limit 1`;
      assert.ok(run, `No run of ${name} is ${status}.`);
      return run;
    });

  return {
    ...outsides,
    homeroom: homeroomOf(engine, act),
    course: (title) => {
      const found = outsides.board.entries('courses').find((each) => each.title === title && !each.archived);
      assert.ok(found, `The board has no course ${title}.`);
      return found.id;
    },
    async answer(about, resolution, { version, id, candidate, ...how } = {}) {
      const open = (await engine.conflicts()).filter(({ status }) => status === 'OPEN');
      const question = open.find((each) => (id ? each.id === id : each.name === about));
      assert.ok(question, `Nothing is asked about ${about}.`);
      const chosen = candidate === undefined ? {} : { externalId: candidate };
      const answer = {
        ...act(),
        ...how,
        ...chosen,
        conflictId: question.id,
        version: version ?? question.version,
        resolution,
      };
      await engine.write((tx) => engine.api.resolveConflict(tx, answer));
    },
    async approve(name, planHash) {
      const run = await newestRun(name, 'HELD');
      await engine.write((tx) =>
        engine.api.approveRun(tx, { ...act(), runId: run.id, planHash: planHash ?? run.planHash }),
      );
    },
    async cancel(name) {
      const run = await newestRun(name, 'HELD').catch(() => newestRun(name, 'RUNNING'));
      await engine.write((tx) => engine.api.cancelRun(tx, { ...act(), runId: run.id }));
    },
    disconnect: (name) =>
      engine.write((tx) => engine.api.disconnectIntegration(tx, { ...act(), integrationId: idOf(ids, name) })),
    rule: (name, entityType, field, rule) =>
      engine.write((tx) =>
        engine.api.setFieldRule(tx, { ...act(), integrationId: idOf(ids, name), entityType, field, rule }),
      ),
    async retry(name) {
      const run = await newestRun(name, 'PARTIAL');
      await engine.write((tx) => engine.api.retryFailed(tx, { ...act(), runId: run.id }));
    },
    async undo(name) {
      const run = await newestRun(name, 'SUCCEEDED');
      await engine.write((tx) => engine.api.undoRun(tx, { ...act(), runId: run.id }));
    },
    wait: (hours) => {
      time.now = new Date(time.now.getTime() + hours * 3_600_000);
    },
  };
}

function idOf(ids: ReadonlyMap<Name, string>, name: Name): string {
  const id = ids.get(name);
  assert.ok(id, `The story has no ${name}.`);

  return id;
}

/** Goes through a story. Fails at the first step that ends otherwise than told. */
export async function tell(story: Story, database: TestDatabase): Promise<void> {
  const stage = await putUp(story.before, database);
  for (const step of story.steps) compare(step, await takeStep(stage, step));
  const { homeroom, board, planner } = story.after;
  if (homeroom) assert.deepEqual(await tellHomeroom(stage.engine), [...homeroom], 'Homeroom at the end');
  if (board) assert.deepEqual(tellBoard(stage.outsides.board), [...board], 'the board at the end');
  if (planner) assert.deepEqual(tellPlanner(stage.outsides.planner), [...planner], 'the planner at the end');
  if (story.restless === undefined) await isCalm(stage);
}

/** What a step came to. */
export interface Seen {
  /** Why what a person did was refused. */
  refused: string | null;
  ends: string;
  /** Of what waits, if anything does. */
  planHash: string | null;
  log: string[];
  /** Of the run that went in between, if one did. */
  between: string[];
  asks: string[];
  writes: string[];
  /** For the message when it is not as told: what the engine noted meanwhile. */
  messages: string[];
}

export async function takeStep(stage: Stage, step: Step): Promise<Seen> {
  const { engine, world, outsides } = stage;
  const refused = await refusalOf(step, world);
  const name = step.sync ?? step.runs;
  const written = name ? outsides[name].journal.length : 0;
  const { run, between } = name ? await runOf(stage, step, name) : { run: null, between: null };
  const open = (await engine.conflicts()).filter((each) => each.status !== 'RESOLVED');

  return {
    refused,
    ends: endOf(run),
    planHash: run?.planHash ?? null,
    log: run ? (await readLog(engine, run.id)).map(tellEntry) : [],
    between: between ? [endOf(between), ...(await readLog(engine, between.id)).map(tellEntry)] : [],
    asks: open.map(tellQuestion),
    writes: name ? outsides[name].journal.slice(written) : [],
    messages: engine.messages.map(({ facts }) => (facts as { error?: Error }).error?.stack ?? ''),
  };
}

async function refusalOf(step: Step, world: World): Promise<string | null> {
  try {
    await step.does?.(world);
    return null;
  } catch (error) {
    if (!step.refused || !(error instanceof Error)) throw error;
    return error.message;
  }
}

function compare(step: Step, seen: Seen): void {
  if (step.sync ?? step.runs) {
    const told = `${step.when}\n${seen.log.join('\n')}\n${seen.messages.join('\n')}`;
    assert.equal(seen.ends, step.ends ?? 'SUCCEEDED', told);
    assert.deepEqual(seen.log, [...(step.log ?? [])], `The log: ${step.when}`);
    assert.deepEqual(seen.between, step.between ? ['SUCCEEDED', ...step.between.log] : [], `In between: ${step.when}`);
  }
  assert.equal(seen.refused, step.refused ?? null, step.when);
  if (step.writes) assert.deepEqual(seen.writes, [...step.writes], `What was written: ${step.when}`);
  if (step.asks) assert.deepEqual(seen.asks, [...step.asks], `The questions: ${step.when}`);
}

interface Runs {
  run: RunSeen | null;
  between: RunSeen | null;
}

async function runOf(stage: Stage, step: Step, name: Name): Promise<Runs> {
  const { engine, outsides, ids } = stage;
  const integrationId = idOf(ids, name);
  if (step.sync) await request(stage, name, step);
  if (!step.between) return { run: await carriedOut(stage, step, name), between: null };
  const { between } = step;
  const [, point = between.at, nth = '1'] = /^(.*?)(?: (\d+))?$/.exec(between.at) ?? [];
  const { bulk, quick } = await runBoth(engine, integrationId, {
    click: async () => {
      await between.does?.(stage.world);
      await request(stage, name, between);
    },
    during: (click) => {
      outsides[name].when(point, Number(nth), click);
      return engine.engine;
    },
  });

  return { run: bulk, between: quick };
}

async function request(
  { engine, world, ids }: Stage,
  name: Name,
  { mode = 'DELTA', classes = [], people = [] }: Pick<Step, 'mode' | 'classes' | 'people'>,
): Promise<void> {
  const recordIds = (names: readonly string[]) => Promise.all(names.map((each) => world.homeroom.id(each)));
  const scope = { classIds: await recordIds(classes), personIds: await recordIds(people) };
  const place = { tenantId: engine.school.tenant.id, integrationId: idOf(ids, name), now: engine.engine.clock.now() };
  const wanted = { trigger: 'MANUAL', mode, requestedBy: 'a person' } as const;
  await engine.write((tx) => engine.api.requestRun(tx, { ...place, ...wanted, ...scope }));
}

async function carriedOut({ engine, outsides, ids }: Stage, step: Step, name: Name): Promise<RunSeen | null> {
  const integrationId = idOf(ids, name);
  if (!step.dies) return engine.runWaiting(integrationId);
  const worker = mortal(engine.engine, outsides[name], step.dies, () => phaseOf(engine, integrationId));
  try {
    return await engine.runWaiting(integrationId, worker.engine);
  } catch (error) {
    if (!(error instanceof Dead)) throw error;
    return null;
  } finally {
    worker.bury();
  }
}

function phaseOf(engine: TestEngine, integrationId: string): Promise<string | null> {
  return engine.write(async (tx) => {
    const [run] = await tx<{ phase: string | null }[]>`
      select phase from sync_run where integration_id = ${integrationId} and status = 'RUNNING'`;
    return run?.phase ?? null;
  });
}

function endOf(run: RunSeen | null): string {
  if (!run) return 'DIED';
  const why = run.heldReason ?? run.error?.code;

  return why ? `${run.status}: ${why}` : run.status;
}

function readLog(engine: TestEngine, runId: string): Promise<LogTold[]> {
  return engine.write(
    (tx) => tx<LogTold[]>`
      select seq, action, kind, status, name, key, reason, details, size, before, after, refs from sync_log
      where run_id = ${runId} order by seq`,
  );
}

/** L1 and L2 after every story: whatever happened, once nothing waits another sync has nothing to do and writes nothing. */
async function isCalm({ engine, outsides, ids }: Stage): Promise<void> {
  for (const id of ids.values()) await engine.runWaiting(id);
  for (const [name, id] of ids) {
    const written = outsides[name].journal.length;
    const run = await engine.sync(id, { mode: 'FULL' });
    const log = (await readLog(engine, run.id)).filter((each) => each.kind !== 'skip').map(tellEntry);
    assert.deepEqual(log, [], `Another sync of ${name} after the story has something to do (L1, L2).`);
    assert.deepEqual(outsides[name].journal.slice(written), [], `Another sync of ${name} writes (L1).`);
  }
}
