/** What a test or a demonstration can do to the SIS from another process, by the control door's acts. */
import { z } from 'zod';
import type { Life } from '../district/life.ts';
import { lifeEvents } from '../district/life-events.ts';
import { type CollectionName, collectionNames, type Records, recordShapes } from '../district/records.ts';
import type { Sis } from '../district/sis.ts';
import type { Version } from './options.ts';
import type { TokenDesk } from './token.ts';

/**
 * Renders every page of a collection of this size once, serves these bytes to whoever asks for them, and gives them back.
 * A second call costs nothing; a change of the SIS makes them obsolete. `query` is what a client is going to send besides
 * limit and offset; `client` is the first one unless it is named.
 */
export type Prerender = (
  collection: CollectionName,
  pageSize: number,
  options?: {
    version?: Version | undefined;
    query?: Record<string, string> | undefined;
    client?: string | undefined;
  },
) => Buffer[];

const collection = z.enum(collectionNames);
const named = z.object({ collection, sourcedId: z.string() });
const anyFields = z.record(z.string(), z.unknown());
const putInput = z.object({ collection, record: anyFields, changedAt: z.string().optional() });
const changeInput = named.extend({ changes: anyFields });
const replaceInput = z.object({ collection, records: z.array(anyFields) });
const prerenderInput = z.object({
  collection,
  pageSize: z.int().positive(),
  version: z.enum(['1.1', '1.2']).optional(),
  query: z.record(z.string(), z.string()).optional(),
  client: z.string().optional(),
});
const lifeInput = z.object({
  event: z.enum(lifeEvents).optional(),
  schoolSourcedId: z.string().optional(),
  sourcedId: z.string().optional(),
});

function readRecord<C extends CollectionName>(name: C, given: unknown): Records[C] {
  // The compiler cannot see that a name picks shape and record of the same kind.
  return recordShapes[name].parse(given) as unknown as Records[C];
}

/**
 * The acts by name. `put`, `change`, `remove`, `vanish`, `replace`, `hide` and `show` do what the store's functions of
 * that name do; `find` and `records` look; `life` makes something happen; `prerender` renders all pages of a collection
 * and tells how many there are; `revokeTokens` throws out every client.
 */
export function controlActs({
  sis,
  life,
  desk,
  prerender,
}: {
  sis: Sis;
  life: Life;
  desk: TokenDesk;
  prerender: Prerender;
}): Record<string, (input: unknown) => unknown> {
  return {
    put: (input) => {
      const { collection, record, changedAt } = putInput.parse(input);
      return sis.put(collection, readRecord(collection, record), changedAt);
    },
    change: (input) => {
      const { collection, sourcedId, changes } = changeInput.parse(input);
      const record = readRecord(collection, { ...sis.find(collection, sourcedId), ...changes });
      return sis.change(collection, sourcedId, record);
    },
    remove: (input) => {
      const { collection, sourcedId } = named.parse(input);
      return sis.remove(collection, sourcedId);
    },
    vanish: (input) => {
      const { collection, sourcedId } = named.parse(input);
      sis.vanish(collection, sourcedId);
    },
    replace: (input) => {
      const { collection, records } = replaceInput.parse(input);
      sis.replaceCollection(
        collection,
        records.map((record) => readRecord(collection, record)),
      );
    },
    hide: (input) => sis.hide(z.object({ collection }).parse(input).collection),
    show: (input) => sis.show(z.object({ collection }).parse(input).collection),
    find: (input) => {
      const { collection, sourcedId } = named.parse(input);
      return sis.find(collection, sourcedId);
    },
    records: (input) => sis.records(z.object({ collection }).parse(input).collection),
    life: (input) => {
      const { event = 'next', ...place } = lifeInput.parse(input);
      return life[event](place);
    },
    prerender: (input) => {
      const { collection, pageSize, ...options } = prerenderInput.parse(input);
      return { pages: prerender(collection, pageSize, options).length };
    },
    revokeTokens: () => desk.revokeAll(),
  };
}
