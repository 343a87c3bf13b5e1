/** Whether each day that was to have syncs had one in each of its two windows, by the clock on the wall, and no other. */
import { addDays, type Day, isLive, wallAt } from './calendar.ts';
import type { Stage } from './stage.ts';

const windows = [
  ['11:00', '13:00'],
  ['18:00', '21:00'],
] as const;

/** What is wrong with them, a line each. */
export async function wrongSlots({ homeroom, ids }: Stage, from: Day, until: Day): Promise<string[]> {
  const wanted: string[] = [];
  for (let day = from; day <= until; day = addDays(day, 1)) {
    if (isLive(day)) wanted.push(...windows.map(([opens]) => `${day} ${opens}`));
  }
  const wrong: string[] = [];
  for (const [name, integrationId] of Object.entries(ids)) {
    const rows = await homeroom.write(
      (tx) => tx<{ slot: string; at: Date | null }[]>`
        select s.slot, r.started_at as at from schedule_slot s left join sync_run r on r.id = s.run_id
        where s.integration_id = ${integrationId} and s.outcome <> 'BLACKOUT' order by s.due_at`,
    );
    if (rows.map(({ slot }) => slot).join() !== wanted.join())
      wrong.push(`${name} ran at other times: ${rows.map(({ slot }) => slot).join(', ')}`);
    for (const { slot, at } of rows) {
      const [opens, closes] = windows.find(([opens]) => slot.endsWith(opens)) ?? ['', ''];
      const wall = at === null ? 'never' : wallAt(at);
      if (!(wall >= `${slot.slice(0, 10)}T${opens}` && wall < `${slot.slice(0, 10)}T${closes}`)) {
        wrong.push(`${name} started at ${wall} in the window ${slot}`);
      }
    }
  }

  return wrong;
}
