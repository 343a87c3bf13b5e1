/**
 * The fewest calls of a window, beside one for each change that has to be made in Edusign:
 *
 *   Keycloak   1                            a sign-in, for tokens are kept for a run only
 *   Auriga     ceil(rows / 500)             for each favourite, and at least 1
 *   Edusign    floor(records / size) + 1    for each list, for only a page that is not full shows that it is the last:
 *                                           learners and instructors (100), groups (100, where wanted), sheets of 90 days (40)
 */
import type { AurigaWorld } from '../../src/simulators/auriga/world.ts';
import type { EdusignHand } from '../../src/simulators/edusign/hand.ts';

const dayMs = 86_400_000;

export function leastCalls(
  hand: EdusignHand,
  { sessions, groups }: AurigaWorld,
  now: Date,
  groupSync: boolean,
): number {
  const until = now.getTime() + 89 * dayMs;
  const listed = hand.sheets(new Date(now.getTime() - dayMs)).filter(({ START }) => Date.parse(START) <= until).length;
  const favourites = [sessions.size, ...(groupSync ? [groups.size] : [])];
  const lists = [
    [hand.people('student').length, 100],
    [hand.people('professor').length, 100],
    [listed, 40],
    ...(groupSync ? [[hand.groups().length, 100]] : []),
  ];
  const ofAuriga = favourites.reduce((sum, rows) => sum + Math.max(1, Math.ceil(rows / 500)), 0);

  return 1 + ofAuriga + lists.reduce((sum, [records = 0, size = 1]) => sum + Math.floor(records / size) + 1, 0);
}
