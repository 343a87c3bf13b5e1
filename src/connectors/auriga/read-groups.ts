/** The groups favourite, whole, where the school has one. */

import type { Finding } from '../kit/contract.ts';
import type { AurigaClient } from './client.ts';
import { readRows } from './columns.ts';
import { readFavorite } from './favorite.ts';
import { readId, readIds } from './ids.ts';
import { readLabel } from './label.ts';
import { readText } from './text.ts';

/** A group as the stream takes it. */
export interface GroupRecord {
  /** '' for a row without one, which is refused. */
  id: string;
  title: string;
  code: string | null;
  members: readonly string[];
  findings: readonly Finding[];
}

export interface Groups {
  groups: readonly GroupRecord[];
  unsteady: boolean;
}

/** Read once for a client; null where no groups favourite is set. A failed reading is not kept. */
export function groupsOf(client: AurigaClient, signal: AbortSignal): Promise<Groups | null> {
  client.read.groups ??= readGroups(client, signal).catch((error: unknown) => {
    client.read.groups = undefined;
    throw error;
  });

  return client.read.groups;
}

async function readGroups(client: AurigaClient, signal: AbortSignal): Promise<Groups | null> {
  const { GroupesDetailFavoriteQueryId: id, columnAliases = [], labelLanguages } = client.settings;
  if (id === undefined) return null;

  const grid = await readFavorite(client, { id, name: 'groups' }, signal);
  const groups = new Map<string, GroupRecord>();
  for (const cells of readRows(grid, ['id'], columnAliases, 'groups')) {
    const groupId = readId(cells.id) ?? '';
    const code = readText(cells.code);
    const members = readIds(cells.learners);
    groups.set(groupId, {
      id: groupId,
      title: readLabel(cells.label, labelLanguages) ?? code ?? groupId,
      code,
      members: [...new Set([...(groups.get(groupId)?.members ?? []), ...members])].toSorted(),
      findings: groupId === '' ? [groupNoId] : [],
    });
  }

  return { groups: [...groups.values()], unsteady: grid.unsteady };
}

const groupNoId: Finding = {
  code: 'ROW_NO_ID',
  message: 'A row of the groups favourite has no id.',
  remedy: 'See in Auriga why the favourite shows this row without one.',
  refuses: true,
};
