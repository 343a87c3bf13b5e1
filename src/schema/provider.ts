import { z } from 'zod';
import type { Connector } from '../connectors/kit/contract.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, Node, registerNode } from './node.ts';

export const Provider = builder.loadableObject('Provider', {
  description: 'A kind of outside system that schools can connect.',
  interfaces: [Node],
  load: async (slugs: string[], { deps }: Context): Promise<Connector[]> =>
    deps.connectors.filter((connector) => slugs.includes(connector.id)),
  toKey: (connector) => connector.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Provider')),
    slug: t.exposeString('id', { description: 'Its own name, which never changes: `google-workspace`.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    description: t.exposeString('description', { description: 'What connecting it does, in one sentence.' }),
  }),
});
void z;
registerNode(Provider, { open: true, looks: () => true });
