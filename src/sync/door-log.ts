/** What the door refused or left out, told: entries of the log, and the list of refused records that explain reads. */
import type { Finding } from '../connectors/kit/contract.ts';
import type { TransactionSql } from '../db/client.ts';
import { insertEntries, type LogEntry, lastSeq } from '../db/queries/engine/log.ts';
import {
  addUntold,
  countDoorEntries,
  countRejected,
  forgetRejected,
  writeRejected,
} from '../db/queries/engine/rejected.ts';
import { moveRun } from '../db/queries/engine/run.ts';
import type { Progress } from '../db/queries/engine/staging.ts';
import type { BadValue, Refused } from './door.ts';
import { look, tell, type Work } from './engine.ts';
import type { Flow } from './flow.ts';
import { draft, toEntry } from './plan.ts';

/** So many problems of a stream are told one by one in a run; of the others, how many they are. */
const toldSingly = 1000;

/** From this share of unreadable records on, a stream counts as not read: nothing is removed on such evidence. */
const mostBad = 0.2;

/** What one page had that could not be read. */
export interface DoorReport {
  refused: { flow: Flow; refused: Refused }[];
  dropped: { flow: Flow; key: string; name: string | null; bad: BadValue }[];
  /** What a connector says of records that are taken, or (without a key) of the whole list. */
  found: { flow: Flow; key: string | null; name: string | null; finding: Finding }[];
}

/** Counts what is told of a stream, so that a district of bad records does not make a log of a million lines. */
export interface Telling {
  left: Map<string, number>;
}

export async function openTelling(work: Work, flows: readonly Flow[], resumes: boolean): Promise<Telling> {
  const left = new Map(flows.map((flow) => [flow.name, toldSingly]));
  if (resumes) {
    await look(work, async (tx) => {
      for (const flow of flows) left.set(flow.name, toldSingly - (await countDoorEntries(tx, work.run, flow.name)));
    });
  }

  return { left };
}

/** Writes what a page came to, in the page's own commit. */
export async function tellDoor(tx: TransactionSql, work: Work, telling: Telling, report: DoorReport): Promise<void> {
  const { run, engine } = work;
  const all = [
    ...report.refused.map(({ flow, refused }) => ({ flow, entry: refusal(work, flow, refused) })),
    ...report.dropped.map((each) => ({ flow: each.flow, entry: omission(work, each) })),
    ...report.found.map((each) => ({ flow: each.flow, entry: remark(each) })),
  ];
  if (all.length === 0) return;
  const singly = all.filter(({ flow }) => {
    const left = telling.left.get(flow.name) ?? 0;
    telling.left.set(flow.name, left - 1);
    return left > 0;
  });
  const now = engine.clock.now();
  const entries = [...singly.map(({ entry }) => entry), ...(await untold(tx, work, all, singly))];
  const seq = await lastSeq(tx, run);
  await insertEntries(
    tx,
    run,
    now,
    entries.map((entry, index) => ({ ...entry, seq: seq + index + 1 })),
  );
  await writeRejected(
    tx,
    run,
    now,
    report.refused.flatMap(({ flow, refused: { key, name, why } }) =>
      key === null
        ? []
        : [{ stream: flow.name, key, entity: flow.stream.entity, name, code: why.code, problem: problemOf(why) }],
    ),
  );
  await moveRun(tx, run, { counts: { skipped: report.refused.length } });
  await tell(tx, run, [{ kind: 'log', parentId: run.id, ids: entries.map((entry) => entry.id) }]);
}

type Told = readonly { flow: Flow; entry: LogEntry }[];

/** One entry a stream for all that is beyond the limit; it is there already when an earlier page came so far. */
async function untold(tx: TransactionSql, work: Work, all: Told, singly: Told): Promise<LogEntry[]> {
  const counts = new Map<Flow, number>();
  for (const { flow } of all) counts.set(flow, (counts.get(flow) ?? 0) + 1);
  for (const { flow } of singly) counts.set(flow, (counts.get(flow) ?? 0) - 1);
  const fresh: LogEntry[] = [];
  for (const [flow, count] of counts) {
    if (count === 0) continue;
    if (await addUntold(tx, work.run, flow.name, `${flow.stream.action}.more_unreadable`, count)) continue;
    const reason = `More than ${toldSingly} values or records of ${work.connector.name} cannot be read; the others are only counted.`;
    fresh.push(entryOf(flow, 'more_unreadable', null, null, reason, { code: 'more_unreadable', count }));
  }

  return fresh;
}

/**
 * The end of a stream: what came well is no longer refused. Answers whether the read may still be believed: not when
 * more than a fifth of its records could not be read, and then says so.
 */
export async function closeDoor(tx: TransactionSql, work: Work, flow: Flow, read: Progress): Promise<boolean> {
  const rejected = await countRejected(tx, work.run, flow.name);
  const came = rejected + read.staged + read.known;
  const tooMany = rejected > mostBad * came;
  const believed = read.snapshot && !tooMany;
  await forgetRejected(tx, work.run, flow.name, believed && work.run.whole && flow.stream.pull.within === undefined);
  if (!tooMany) return believed;
  const percent = Math.round((100 * rejected) / came);
  const reason = `${percent} % of these records of ${work.connector.name} cannot be read: nothing is removed on such evidence.`;
  const details = {
    code: 'too_many_unreadable',
    count: rejected,
    remedy: `See what the others say, and mend it in ${work.connector.name}.`,
  };
  const entry = entryOf(flow, 'too_many_unreadable', null, null, reason, details);
  await insertEntries(tx, work.run, work.engine.clock.now(), [{ ...entry, seq: (await lastSeq(tx, work.run)) + 1 }]);
  await tell(tx, work.run, [{ kind: 'log', parentId: work.run.id, ids: [entry.id] }]);

  return false;
}

function problemOf(why: BadValue | Finding): string {
  return 'message' in why ? why.message : `${why.field} must ${why.rule}`;
}

function refusal(work: Work, flow: Flow, { key, name, why }: Refused): LogEntry {
  if ('message' in why) {
    const { code, message, remedy } = why;
    return entryOf(flow, 'read', key, name, `${message} The record is skipped; the others go on.`, { code, remedy });
  }
  const reason = `${work.connector.name} sent a record that cannot be taken: ${problemOf(why)}. It is skipped; the others go on.`;

  return entryOf(flow, 'read', key, name, reason, { ...why, remedy: remedyOf(work) });
}

function remark({ flow, key, name, finding }: DoorReport['found'][number]): LogEntry {
  const { code, message, remedy } = finding;

  return entryOf(flow, 'found', key, name, message, { code, remedy });
}

function omission(work: Work, { flow, key, name, bad }: DoorReport['dropped'][number]): LogEntry {
  const reason = `${work.connector.name} sent a value that cannot be read: ${problemOf(bad)}. It is left out; the rest of the record is taken.`;

  return entryOf(flow, 'value_dropped', key, name, reason, { ...bad, remedy: remedyOf(work) });
}

function remedyOf(work: Work): string {
  return `Correct it in ${work.connector.name}; the next sync takes it by itself.`;
}

function entryOf(
  flow: Flow,
  verb: string,
  key: string | null,
  name: string | null,
  reason: string,
  details: Record<string, unknown>,
): LogEntry {
  const told = draft({ side: 'here', kind: 'skip', verb, status: 'SKIPPED', key, name, reason, details });

  return { seq: 0, ...toEntry(flow, told, false) };
}
