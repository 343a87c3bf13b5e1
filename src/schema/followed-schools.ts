/** Which schools a subscription follows. */
import { schoolsByIds } from '../db/queries/school.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { rawId } from './ids.ts';
import { badUserInput, notThere } from './refusals.ts';

const mostSchools = 200;

export const followedSchoolsArg = builder.args((t) => ({
  schoolIds: t.idList({
    description: `Only these schools, at most ${mostSchools}; left out: every school you may see, also one that is added later.`,
  }),
}));

/**
 * Raw ids of the schools that were asked for; null for every school the caller may see. A school that is added to those
 * later is followed too.
 *
 * @throws NOT_FOUND when one of them is not there or not the caller's to see.
 */
export async function followedSchools(
  context: Context,
  schoolIds: readonly string[] | null | undefined,
): Promise<readonly string[] | null> {
  if (schoolIds == null) return null;
  if (schoolIds.length > mostSchools) throw badUserInput(`\`schoolIds\` has at most ${mostSchools} items.`);
  const ids = [...new Set(schoolIds.map((id) => rawId('School', id)))];
  const known = ids.filter((id) => id !== undefined);
  const found = await context.readOnce((db) => schoolsByIds(db, known));
  if (found.length < ids.length) throw notThere();

  return known;
}
