/** A product with a tenant of several schools, asked by somebody who sees all of them. */
import { openProduct, type Product } from '../sweep/product.ts';
import { seedWorld, type World } from '../sweep/world.ts';

export interface Stage {
  readonly product: Product;
  readonly worlds: readonly World[];
  readonly key: string;
}

const marks = ['Amberlight', 'Birchwoods', 'Cedarhills', 'Dovetailed'];

export async function openStage(): Promise<Stage> {
  const product = await openProduct({ connections: 4, counted: true });
  const tenant = await product.tenant('Everything');
  const worlds: World[] = [];
  for (const [version, mark] of marks.entries())
    worlds.push(await seedWorld(product, { mark, tenant, version, wholeTenant: true }));

  return { product, worlds, key: worlds[0]?.key ?? '' };
}
