/**
 * Relay's nodes: one interface, one pair of lookups. The relay plugin has these too, but makes every `id` a promise,
 * which costs more than all other fields of a long list together.
 */
import { brandWithType, type OutputType } from '@pothos/core';
import type DataLoader from 'dataloader';
import type { Scope } from '../model/identity.ts';
import { builder, type Types } from './builder.ts';
import type { Context } from './context.ts';
import { encodeId, isUuid, splitId } from './ids.ts';
import { badUserInput, forbidden } from './refusals.ts';

const idDescription = 'Global and opaque: `node(id:)` finds it again.';

export const describeId = { description: idDescription };

export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Anything that has an id of its own and can be fetched again by it.',
  fields: (t) => ({ id: t.id({ ...describeId, resolve: (node) => node.id }) }),
});

interface NodeType {
  /** Which scope finds it by its id; null for what anybody may: it says nothing about a school. */
  readonly scope: Scope | null;
  /** Whether a raw id can be one of this type's; others are not even looked up. */
  readonly looks: (rawId: string) => boolean;
  readonly loader: (context: Context) => Pick<DataLoader<string, unknown>, 'load'>;
}

const nodeTypes = new Map<string, NodeType>();

interface Loadable {
  readonly name: string;
  getDataloader(context: Context): Pick<DataLoader<string, unknown>, 'load'>;
}

/** Lets `node(id:)` find this type. Every noun calls it once. */
export function registerNode(ref: Loadable, options: Partial<Pick<NodeType, 'scope' | 'looks'>> = {}): void {
  nodeTypes.set(ref.name, {
    scope: 'roster:read',
    looks: isUuid,
    ...options,
    loader: (context) => ref.getDataloader(context),
  });
}

/** Names of the types that are nodes. */
export function nodeTypeNames(): string[] {
  return [...nodeTypes.keys()];
}

const maxIds = 200;

async function find(globalId: string, context: Context): Promise<{ id: string } | null> {
  const parts = splitId(globalId);
  const type = parts && nodeTypes.get(parts.type);
  if (parts === undefined || type === undefined || !type.looks(parts.id)) return null;
  if (type.scope !== null && !context.has(type.scope)) throw forbidden([type.scope]);

  const found = (await type.loader(context).load(parts.id)) as { id: string } | null;
  if (found !== null) brandWithType(found, parts.type as OutputType<Types>);

  return found;
}

builder.queryField('node', (t) =>
  t.field({
    type: Node,
    nullable: true,
    description: 'Finds anything by its id; null when it is not there or not yours to see.',
    authScopes: { caller: true },
    args: { id: t.arg.id({ required: true, description: 'A global id.' }) },
    resolve: (_root, { id }, context) => find(id, context),
  }),
);

builder.queryField('nodes', (t) =>
  t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: `Finds up to ${maxIds} things by their ids, in the order asked; null for each that is not there.`,
    authScopes: { caller: true },
    args: { ids: t.arg.idList({ required: true, description: `At most ${maxIds} global ids.` }) },
    resolve: (_root, { ids }, context) => {
      if (ids.length > maxIds) throw badUserInput(`\`ids\` has at most ${maxIds} items.`);

      return ids.map((id) => find(id, context));
    },
  }),
);

/** The field every node has. */
export function globalId(type: string): { description: string; resolve: (row: { id: string }) => string } {
  return { ...describeId, resolve: (row) => encodeId(type, row.id) };
}
