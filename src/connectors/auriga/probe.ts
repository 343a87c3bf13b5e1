/** Is everything in order? Signs in, and looks at the first row of each favourite. */
import { check } from '../kit/check.ts';
import type { Check } from '../kit/contract.ts';
import type { AurigaClient, AurigaContext } from './client.ts';
import { type Column, readRows } from './columns.ts';
import { peekFavorite } from './favorite.ts';

export async function probe(client: AurigaClient, { signal }: AurigaContext): Promise<readonly Check[]> {
  const { interventionsDetailFavoriteQueryId, GroupesDetailFavoriteQueryId, columnAliases = [] } = client.settings;
  const look = (id: string, name: string, required: readonly Column[]) => async () => {
    readRows(await peekFavorite(client, { id, name }, signal), required, columnAliases, name);
    return `The ${name} favourite can be read.`;
  };
  const signedIn = await check('Sign-in', async () => {
    await client.signIn();
    return 'Auriga’s sign-in accepts the credentials.';
  });
  // Each further look would only be refused in the same way.
  if (!signedIn.ok) return [signedIn];

  const interventions = look(interventionsDetailFavoriteQueryId, 'interventions', ['id', 'start', 'end']);
  const checks = [signedIn, await check('Interventions favourite', interventions)];
  if (GroupesDetailFavoriteQueryId === undefined) return checks;

  return [...checks, await check('Groups favourite', look(GroupesDetailFavoriteQueryId, 'groups', ['id']))];
}
