/** The school goes on living while processes are killed: pupils move, join and leave, classes get other names. */

import type { Random } from '../../src/simulators/district/random.ts';
import { recordShapes } from '../../src/simulators/district/records.ts';
import type { Place } from './place.ts';

/** Nothing that happens to teachers: their names are what the questions are about. */
const events = ['studentMoves', 'studentMoves', 'studentJoins', 'studentLeaves', 'classRenamed'] as const;

interface Happened {
  changed: { collection: string; sourcedId: string }[];
}

/** So many things happen in the SIS. Whoever joins gets an account at once, as from a school's office. */
export async function live({ world }: Place, random: Random, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const { changed } = (await world.sis.act('life', { event: random.pick(events) })) as Happened;
    for (const { collection, sourcedId } of changed) {
      if (collection !== 'users') continue;
      const { status, email, givenName, familyName } = recordShapes.users.parse(
        await world.sis.act('find', { collection, sourcedId }),
      );
      if (status !== 'active' || email === undefined) continue;
      const account = { primaryEmail: email.toLowerCase(), givenName, familyName };
      await world.google.act('addUser', { domain: world.domain, ...account });
    }
  }
}
