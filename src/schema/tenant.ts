import { type TenantRow, tenantsByIds } from '../db/queries/tenant.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, Node, registerNode } from './node.ts';

export const Tenant = builder.loadableObject('Tenant', {
  description: 'A customer: a district, an operator, a single school. Nothing of one is ever visible to another.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<TenantRow[]> => context.read((db) => tenantsByIds(db, ids)),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Tenant')),
    name: t.exposeString('name', { description: 'What people call it.' }),
  }),
});

registerNode(Tenant, { scope: null });
