import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { globalId, Node, registerNode } from './node.ts';
import { Tenant } from './tenant.ts';

interface ViewerShape {
  id: string;
  name: string;
  kind: ViewerKind;
  scopes: string[];
  tenantId: string;
}

type ViewerKind = 'USER' | 'API_KEY';

const ViewerKind = builder.enumType('ViewerKind', {
  description: 'What kind of caller this is.',
  values: {
    USER: { description: 'A person who signed in.' },
    API_KEY: { description: 'A program with an API key.' },
  } as const,
});

function viewerOf({ identity }: Context): ViewerShape {
  const { actor, scopes, tenantId } = identity;

  return { id: actor.id, name: actor.name, kind: actor.kind, scopes: [...scopes].sort(), tenantId };
}

const Viewer = builder.loadableObject('Viewer', {
  description: 'Who is asking.',
  interfaces: [Node],
  // Nobody sees another caller.
  load: async (ids: string[], context: Context): Promise<ViewerShape[]> =>
    ids.flatMap((id) => (id === context.identity.actor.id ? [viewerOf(context)] : [])),
  toKey: (viewer) => viewer.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Viewer')),
    name: t.exposeString('name', { description: 'The person’s name, or the key’s.' }),
    kind: t.expose('kind', { type: ViewerKind, description: 'A person or a program.' }),
    scopes: t.exposeStringList('scopes', { description: 'What this caller may do, such as `roster:read`; sorted.' }),
    tenant: t.field({
      type: Tenant,
      description: 'The customer this caller belongs to.',
      resolve: (viewer) => viewer.tenantId,
    }),
  }),
});

registerNode(Viewer, { scope: null });

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Who is asking, and what they may do.',
    authScopes: { caller: true },
    resolve: (_root, _args, context) => viewerOf(context),
  }),
);
