/** What is tried at a slot: another's value, and beside it nobody's. */
import type { Caller } from './caller.ts';
import { unknownCursor } from './fillers.ts';
import { filled, type Operation, type Slot } from './operations.ts';
import type { World } from './world.ts';

export interface Try {
  readonly theirs: Record<string, unknown>;
  readonly nobodys: Record<string, unknown>;
  /** Whether the two are to answer alike. */
  readonly apart?: boolean;
}

export async function tries(
  operation: Operation,
  slot: Slot,
  caller: Caller,
  other: World,
  callers: readonly Caller[],
): Promise<Try[]> {
  const { world } = caller;
  const base = withCursor(operation, operation.variables(world, slot.path), caller);
  switch (slot.kind) {
    case 'value': {
      const nobodys = (value: unknown) => slot.filler?.nobodys?.(value);
      const [own, theirs] = [slot.filler?.own(world), slot.filler?.own(other)];
      // Two schools of one tenant have their tenant in common.
      if (own === theirs) return [];
      const alone = { theirs: filled(slot, base, [theirs]), nobodys: filled(slot, base, [nobodys(theirs)]) };
      const whole = operation.slots.find(({ kind }) => kind === 'value') === slot ? [together(operation, other)] : [];
      if (!slot.list) return [alone, ...whole];
      return [
        alone,
        ...whole,
        { theirs: filled(slot, base, [own, theirs]), nobodys: filled(slot, base, [own, nobodys(theirs)]) },
      ];
    }
    case 'page cursor': {
      const cursor = await pageCursor(operation, other, callers);
      return [{ theirs: filled(slot, base, [cursor]), nobodys: filled(slot, base, [unknownCursor(cursor)]) }];
    }
    case 'live cursor': {
      // A tenant's stream is one: a place in it is as good for one school as for the other, and shows each its own.
      const { liveCursor } = speakerOf(other, callers);
      const apart = other.tenantId !== world.tenantId;
      return [
        { theirs: filled(slot, base, [liveCursor]), nobodys: filled(slot, base, [brokenCursor(liveCursor)]), apart },
      ];
    }
    case 'idempotency key': {
      const variables = strangers(operation, other, 'base');
      const key = `of ${other.mark} and ${world.mark}`;
      // First the other one: what is kept of it is kept for it alone.
      await speakerOf(other, callers).ask({
        document: operation.document,
        variables: filled(slot, strangers(operation, world, 'base'), [key]),
      });
      return [{ theirs: filled(slot, variables, [key]), nobodys: filled(slot, variables, [`${key}, fresh`]) }];
    }
  }
}

/** Everything that can be said, all of it another's; and all of it nobody's. */
function together(operation: Operation, other: World): Try {
  const theirs = operation.variables(other, 'everything');

  return { theirs, nobodys: strangers(operation, other, 'everything') };
}

/** The other's variables with everything that is the other's made nobody's. */
function strangers(operation: Operation, other: World, wanted: 'base' | 'everything'): Record<string, unknown> {
  const values = operation.slots.filter(({ kind }) => kind === 'value');

  return values.reduce(
    (variables, slot) => {
      const here = valueAt(variables, slot.path);
      if (here === undefined) return variables;
      const [value] = Array.isArray(here) ? here : [here];
      return filled(slot, variables, [slot.filler?.nobodys?.(value)]);
    },
    operation.variables(other, wanted),
  );
}

function valueAt(variables: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((here, name) => {
    const object = Array.isArray(here) ? (here[0] as unknown) : here;
    return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
  }, variables);
}

/** What has to be resumed is resumed from the caller's own place. */
export function withCursor(operation: Operation, variables: Record<string, unknown>, { liveCursor }: Caller) {
  return 'after' in variables && operation.kind === 'subscription' ? { ...variables, after: liveCursor } : variables;
}

const cursors = new WeakMap<Operation, Map<World, Promise<string>>>();

/** The other’s own first item in this very list. */
function pageCursor(operation: Operation, other: World, callers: readonly Caller[]): Promise<string> {
  const known = cursors.get(operation) ?? new Map<World, Promise<string>>();
  cursors.set(operation, known);
  const asked = known.get(other) ?? firstCursor(operation, other, callers);
  known.set(other, asked);

  return asked;
}

async function firstCursor(operation: Operation, other: World, callers: readonly Caller[]): Promise<string> {
  const answer = await speakerOf(other, callers).ask({
    document: operation.document,
    variables: operation.variables(other, 'base'),
  });
  const cursor = /"cursor":"([^"]+)"/.exec(answer)?.[1];
  if (cursor === undefined)
    throw new Error(`${operation.name} lists nothing of ${other.mark}: ${answer.slice(0, 300)}`);

  return cursor;
}

function speakerOf(world: World, callers: readonly Caller[]): Caller {
  const speaker = callers.find((caller) => caller.world === world);
  if (speaker === undefined) throw new Error(`Nobody speaks for ${world.mark}.`);

  return speaker;
}

function brokenCursor(cursor: string): string {
  return `${cursor.slice(0, -4)}${cursor.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
}
