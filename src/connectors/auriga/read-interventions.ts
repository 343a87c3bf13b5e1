/** The interventions favourite, whole: sessions, and the people who travel in them, each once. */
import type { Finding } from '../kit/contract.ts';
import type { AurigaClient } from './client.ts';
import { type Cells, readRows } from './columns.ts';
import { readFavorite } from './favorite.ts';
import { gatherPeople, type PersonRecord } from './gather-people.ts';
import { readId, readIds } from './ids.ts';
import { readLabel } from './label.ts';
import { type KnownTexts, type PeopleCell, readPeople } from './people.ts';
import { roomName, sessionName } from './session-name.ts';
import type { AurigaSettings } from './settings.ts';
import { readText } from './text.ts';
import { readInstant } from './time.ts';

/** A session as the stream takes it. */
export interface MeetingRecord {
  /** '' for a row without one, which is refused. */
  id: string;
  title: string;
  description: string | null;
  startsAt: string | null;
  endsAt: string | null;
  location: string | null;
  instructors: readonly string[];
  learners: readonly string[];
  groups: readonly string[];
  findings: readonly Finding[];
}

export interface Interventions {
  meetings: readonly MeetingRecord[];
  people: readonly PersonRecord[];
  unsteady: boolean;
}

/** A session with the people of its row, before those of all rows are put together. */
export interface Session extends Omit<MeetingRecord, 'instructors' | 'learners'> {
  instructors: PeopleCell;
  learners: PeopleCell;
}

/** Read once for a client, for both streams; a failed reading is not kept. */
export function interventionsOf(client: AurigaClient, signal: AbortSignal): Promise<Interventions> {
  client.read.interventions ??= readInterventions(client, signal).catch((error: unknown) => {
    client.read.interventions = undefined;
    throw error;
  });

  return client.read.interventions;
}

async function readInterventions(client: AurigaClient, signal: AbortSignal): Promise<Interventions> {
  const { settings } = client;
  const favorite = { id: settings.interventionsDetailFavoriteQueryId, name: 'interventions' };
  const grid = await readFavorite(client, favorite, signal);
  const rows = readRows(grid, ['id', 'start', 'end'], settings.columnAliases ?? [], favorite.name);
  const readCell = rememberingCells();
  const sessions = mergeRepeated(rows.map((cells) => readSession(cells, settings, readCell)));

  return {
    meetings: sessions.map(({ instructors, learners, ...session }) => ({
      ...session,
      // Who leads keeps the school's order, who takes part has none: another order is no change.
      instructors: idsOf(instructors),
      learners: idsOf(learners).toSorted(),
    })),
    people: gatherPeople(sessions),
    unsteady: grid.unsteady,
  };
}

/** A group has the same cell in all its sessions, and its people are in other cells too: each text is read once. */
function rememberingCells(): (cell: unknown) => PeopleCell {
  const cells = new Map<unknown, PeopleCell>();
  const people: KnownTexts = new Map();

  return (cell) => {
    const found = cells.get(cell) ?? readPeople(cell, people);
    cells.set(cell, found);
    return found;
  };
}

function readSession(cells: Cells, settings: AurigaSettings, readCell: (cell: unknown) => PeopleCell): Session {
  const id = readId(cells.id) ?? '';
  const description = readText(cells.description);
  const activityType = readLabel(cells.activityType, settings.labelLanguages);
  const unit = readLabel(cells.unit, settings.labelLanguages);
  const title = sessionName({ id, activityType, unit, description }, settings.sheetNameSeparator);
  const startsAt = readInstant(cells.start, settings.timeZone);
  const endsAt = readInstant(cells.end, settings.timeZone);
  const isBadTime = startsAt === null || endsAt === null || endsAt <= startsAt;

  return {
    id,
    title,
    description: description === title ? null : description,
    startsAt,
    endsAt,
    location: roomName(readText(cells.roomLabel), readText(cells.roomCode)),
    instructors: readCell(cells.instructors),
    learners: readCell(cells.learners),
    groups: readIds(cells.groupIds).toSorted(),
    findings: id === '' ? [rowNoId] : isBadTime ? [rowBadTime] : [],
  };
}

/**
 * One session a row is what is expected. Where a join has multiplied rows their people and groups are put together; of
 * everything else the last row that can be read stands.
 */
function mergeRepeated(rows: readonly Session[]): readonly Session[] {
  const sessions = new Map<string, Session>();
  const nameless = rows.filter(({ id }) => id === '');
  for (const row of rows) {
    if (row.id === '') continue;
    const before = sessions.get(row.id);
    sessions.set(row.id, before === undefined ? row : merged(before, row));
  }

  return [...sessions.values(), ...nameless];
}

function merged(before: Session, row: Session): Session {
  const base = row.findings.some(({ refuses }) => refuses) ? before : row;
  const both = (name: 'instructors' | 'learners'): PeopleCell => ({
    people: [...before[name].people, ...row[name].people],
    rejected: [...before[name].rejected, ...row[name].rejected],
  });

  return {
    ...base,
    instructors: both('instructors'),
    learners: both('learners'),
    groups: [...new Set([...before.groups, ...row.groups])].toSorted(),
    findings: [...base.findings.filter(({ code }) => code !== rowRepeated.code), rowRepeated],
  };
}

function idsOf({ people }: PeopleCell): readonly string[] {
  return [...new Set(people.map(({ id }) => id))];
}

const rowNoId: Finding = {
  code: 'ROW_NO_ID',
  message: 'A row of the interventions favourite has no id.',
  remedy: 'See in Auriga why the favourite shows this row without one.',
  refuses: true,
};

const rowBadTime: Finding = {
  code: 'ROW_BAD_TIME',
  message: 'The session’s start or end is not a date with a time, or it does not end after it starts.',
  remedy: 'Correct the times of this session in Auriga.',
  refuses: true,
};

const rowRepeated: Finding = {
  code: 'ROW_REPEATED',
  message:
    'The session stands on several rows; their people and groups are put together, and the last times are taken.',
  remedy: 'See whether a column of the favourite multiplies its rows.',
  refuses: false,
};
