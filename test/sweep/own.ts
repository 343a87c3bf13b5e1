/** The other side of the sweep: what is refused to others is there for its owner, so that being refused means something. */
import { type GraphQLSchema, getNamedType, isObjectType, isUnionType } from 'graphql';
import type { Caller } from './caller.ts';
import { filled, type Operation } from './operations.ts';

/** Types of what is not so in a world in which nothing runs and no run has ended. */
const rare = new Set(['ConflictFailure', 'ConnectionCheck', 'SyncProgress', 'SyncWindow', 'SyncWindows']);

/** What the owner did not reach, a sentence each. Mutations are carried out; they come last. */
export async function reached(
  caller: Caller,
  schema: GraphQLSchema,
  operations: readonly Operation[],
): Promise<string[]> {
  const told: string[] = [];
  const seen = new Set<string>();
  const ask = async ({ document }: Operation, variables: Record<string, unknown>) => {
    const answer = await caller.ask({ document, variables });
    for (const [, name = ''] of answer.matchAll(/"__typename":"(\w+)"/g)) seen.add(name);
    return answer;
  };

  const last = [...operations].sort((left, right) => turn(left) - turn(right));
  for (const operation of last) {
    if (operation.kind === 'subscription') continue;
    if (operation.kind === 'query') await ask(operation, operation.variables(caller.world, 'base'));
    else
      for (const slot of operation.slots.filter(({ kind }) => kind === 'value')) {
        const own = slot.filler?.own(caller.world);
        const answer = await ask(operation, filled(slot, operation.variables(caller.world, slot.path), [own]));
        if (answer.includes('"NOT_FOUND"'))
          told.push(`${operation.name} (${slot.place}) does not find what is its caller’s own.`);
      }
  }
  const missed = typesOf(schema).filter((name) => !seen.has(name) && !rare.has(name));

  return [...told, ...missed.map((name) => `Nobody was shown a ${name}.`)];
}

/** What is removed or put away is not there for others any more. */
function turn({ kind, name }: Operation): number {
  return kind !== 'mutation' ? 0 : /^Mutation\.(?:remove|archive)/.test(name) ? 2 : 1;
}

/** What queries show: not the answers of mutations, and not the events of subscriptions. */
function typesOf(schema: GraphQLSchema): string[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const told = roots
    .slice(1)
    .flatMap((root) => Object.values(root?.getFields() ?? {}).map(({ type }) => getNamedType(type)));
  const unions = told.filter((type) => isUnionType(type)).flatMap((union) => union.getTypes());
  const aside = new Set([...roots, ...unions].map((type) => type?.name));

  return Object.values(schema.getTypeMap()).flatMap(({ name }) =>
    !name.startsWith('__') && !aside.has(name) && isObjectType(schema.getType(name)) ? [name] : [],
  );
}
