/** Looks at Edusign without changing anything: the key, the lists, and whatever the settings name there. */
import { z } from 'zod';
import { check } from '../kit/check.ts';
import type { Check } from '../kit/contract.ts';
import { ask, type EdusignClient, type EdusignContext } from './client.ts';
import { readById } from './listing.ts';

/** The checks in the order in which they make sense. Throws only the signal's reason, or a mistake of ours. */
export async function probe(client: EdusignClient, { settings, signal }: EdusignContext): Promise<readonly Check[]> {
  const look = <T>(doing: string, path: string, shape: z.ZodType<T>) =>
    ask(client, { doing, method: 'GET', path, shape, signal });
  const list = z.array(z.unknown());

  const key = await check('API key', async () => {
    await look('sign in to Edusign', '/v1/school', z.looseObject({}));
    return 'Edusign accepts the key.';
  });
  if (!key.ok) return [key];

  const { fallbackProfessorId: standIn, absenceReasons } = settings;
  return [
    key,
    await check('Read people', async () => {
      await look('read learners', '/v1/student?page=0&limit=1', list);
      await look('read instructors', '/v1/professor?page=0', list);
      return 'Learners and instructors can be read.';
    }),
    await check('Read sheets', async () => {
      const today = client.clock.now().toISOString();
      await look('read sheets', `/v1/course?page=0&start=${today}&end=${today}`, list);
      return 'Attendance sheets can be read.';
    }),
    ...(standIn === undefined ? [] : [await checkStandIn(client, standIn, signal)]),
    ...(absenceReasons.length === 0 ? [] : [await checkReasons(client, absenceReasons, signal)]),
  ];
}

async function checkStandIn(client: EdusignClient, id: string, signal: AbortSignal): Promise<Check> {
  const name = 'Stand-in instructor';
  let isThere = false;
  const looked = await check(name, async () => {
    isThere = (await readById(client, 'professor', id, signal)) !== undefined;
    return 'Edusign knows the stand-in instructor.';
  });
  if (!looked.ok || isThere) return looked;

  const remedy = 'Enter the id of an instructor as Edusign shows it, or leave the field empty.';
  return { name, ok: false, message: 'Edusign does not know the stand-in instructor.', remedy };
}

type Reasons = readonly { edusignReasonId: string }[];

async function checkReasons(client: EdusignClient, wanted: Reasons, signal: AbortSignal): Promise<Check> {
  const name = 'Absence reasons';
  const path = '/v1/justified-absence/absence-reason';
  const shape = z.array(z.object({ ID: z.string() }));
  let known: ReadonlySet<string> = new Set();
  const looked = await check(name, async () => {
    const reasons = await ask(client, { doing: 'read absence reasons', method: 'GET', path, shape, signal });
    known = new Set(reasons.map(({ ID }) => ID));
    return 'Edusign knows every absence reason of the settings.';
  });
  const unknown = wanted.filter(({ edusignReasonId }) => !known.has(edusignReasonId)).length;
  if (!looked.ok || unknown === 0) return looked;

  const message = `Edusign does not know ${unknown} of the absence reasons in the settings.`;
  return { name, ok: false, message, remedy: 'Correct their ids, or take the lines out.' };
}
