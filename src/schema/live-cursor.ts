import { builder } from './builder.ts';

builder.queryField('liveCursor', (t) =>
  t.string({
    description:
      'A place in the stream of events, taken before anything else of this operation is read: subscribe `after` it, and nothing is missed between reading and following. What changed in between may come again.',
    authScopes: { scope: 'roster:read' },
    // The feed notes its place as it is called, and root fields are called before the first of them gets to read.
    resolve: (_root, _args, { deps, identity }) => deps.feed.cursor(identity.tenantId),
  }),
);
