/** The schools that a key or a member is for. */
import type { Context } from './context.ts';
import { School } from './school.ts';

/** Those of the list that are still there, in its order; none when it is for all of them (null). */
export async function grantedSchools(schoolIds: readonly string[] | null, context: Context) {
  const loader = School.getDataloader(context);
  const found = await Promise.all((schoolIds ?? []).map((id) => loader.load(id)));

  return found.filter((school) => school !== null);
}
