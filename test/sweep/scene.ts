/** Who asks in the sweep: of one tenant two schools, each with a key for itself alone, and another tenant with a key for all of it. */
import { askOver, type Caller } from './caller.ts';
import { openProduct, type Product, type ProductOptions } from './product.ts';
import { type Row, rowsOf } from './rows.ts';
import { secretsAmong } from './secrets.ts';
import { seedWorld, type World } from './world.ts';

export interface Scene {
  readonly product: Product;
  readonly callers: readonly Caller[];
  /** All that both tenants have. */
  rows(): Promise<string[]>;
}

export async function openScene(options: ProductOptions): Promise<Scene> {
  const product = await openProduct(options);
  const [ours, theirs] = [await product.tenant('Amberlight-Tenant'), await product.tenant('Cedarhills-Tenant')];
  const worlds = [
    await seedWorld(product, { mark: 'Amberlight', tenant: ours, version: 3 }),
    await seedWorld(product, { mark: 'Birchwoods', tenant: ours, version: 5 }),
    await seedWorld(product, { mark: 'Cedarhills', tenant: theirs, version: 7, wholeTenant: true }),
  ] as const;
  const [first, second, third] = worlds;
  // Each way once: a school of the same tenant, another tenant, and a whole tenant's key that looks the other way.
  const tried = [[second, third], [], [first]] as const;
  const all = new Map<string, Row[]>();
  for (const { id } of [ours, theirs]) all.set(id, await rowsOf(product, id));

  return {
    product,
    callers: await Promise.all(worlds.map((world, at) => callerOf(product, world, tried[at] ?? [], all))),
    rows: async () =>
      (await Promise.all([ours, theirs].map(({ id }) => rowsOf(product, id)))).flat().map(({ text }) => text),
  };
}

async function callerOf(
  { server }: Product,
  world: World,
  others: readonly World[],
  rows: ReadonlyMap<string, readonly Row[]>,
): Promise<Caller> {
  const ours = (rows.get(world.tenantId) ?? []).filter(({ schoolIds }) =>
    schoolIds.every((id) => id === world.schoolId),
  );
  const known = new Set(ours.map(({ text }) => text));
  const foreign = [...rows.values()].flat().filter(({ text }) => !known.has(text));
  const ask: Caller['ask'] = (question) => askOver(server.url, world.key, question);
  const { data } = JSON.parse((await ask({ document: '{ liveCursor }', variables: {} })).slice(4)) as {
    data: { liveCursor: string };
  };

  return {
    world,
    others,
    secrets: secretsAmong(
      foreign.map(({ text }) => text),
      ours.map(({ text }) => text),
    ),
    liveCursor: data.liveCursor,
    ask,
  };
}
