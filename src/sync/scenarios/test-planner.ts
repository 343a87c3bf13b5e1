/** A system for stories in which classes are made on either side: a planner of timetables. */

import { z } from 'zod';
import { inMemory } from '../../../test/harness/memory.ts';
import {
  type Connector,
  connector,
  type Field,
  type Owner,
  type PushRequest,
  type Sought,
  stream,
} from '../../connectors/kit/contract.ts';
import type { Entry, Outside } from './test-outside.ts';

const text = z.string().nullish();
const wire = z.object({
  id: z.string(),
  archived: z.boolean().optional(),
  title: text,
  location: text,
  classCode: text,
  ours: text,
  made: text,
});
type Wire = z.output<typeof wire>;

export interface PlannerTraits {
  /** What becomes of a class there that has the title of one of ours; absent: titles say nothing. */
  adopt?: 'link' | 'ask';
  /** It can be asked for some of its classes. */
  some?: boolean;
  /** It is only read: what is made here stays here. */
  readOnly?: boolean;
}

/** Titles are both sides', rooms the planner's, class codes Homeroom's. */
export function plannerOf(outside: Outside, { adopt, some, readOnly = false }: PlannerTraits = {}): Connector {
  const write = async (verb: string, request: PushRequest, id: string, entry: Entry) => {
    await outside.reach(`${verb} classes`, request.signal);
    outside.put('classes', entry);
    outside.note(`${verb} classes ${id}`);
    await outside.reach(`${verb}d classes`, request.signal);

    return { wire: entry as Wire };
  };
  const lookUp = async function* (asked: readonly Sought[], signal: AbortSignal) {
    await outside.reach('look up classes', signal);
    const isAsked = ({ id, ours }: Entry) => asked.some(({ key, recordId }) => key === id || recordId === ours);
    yield { records: outside.entries('classes').filter(isAsked), next: null };
  };
  const entryOf = (id: string) => outside.find('classes', id) ?? { id };

  return connector<null, Record<string, never>, Record<string, never>>({
    id: 'planner',
    name: 'Planner',
    ...inMemory,
    streams: {
      classes: stream<null, 'class', Wire>({
        entity: 'class',
        born: 'both',
        action: 'planner.class',
        wire,
        key: ({ id }) => id,
        ours: ({ ours }) => ours ?? undefined,
        gone: ({ archived }) => archived ?? false,
        ...(adopt && { match: [{ by: ['title'], adopt }] }),
        fields: {
          title: field('title', 'shared'),
          location: field('location', 'provider'),
          classCode: field('classCode', 'homeroom'),
        },
        pull: {
          all: ({ checkpoint, signal }) => outside.pages('classes', checkpoint, signal),
          ...(some && { some: ({ signal }, asked) => lookUp(asked, signal) }),
        },
        push: readOnly
          ? {}
          : {
              create: async (_client, request) => {
                const made = outside.entries('classes').find((entry) => entry.made === request.idempotencyKey);
                if (made) return { wire: made, note: 'It was there already.' };
                const id = outside.newId('class');
                const { recordId: ours, idempotencyKey, patch } = request;
                return write('create', request, id, { ...patch, id, ours, made: idempotencyKey });
              },
              update: (_client, key, request) => write('update', request, key, { ...entryOf(key), ...request.patch }),
              remove: async (_client, key, request) => {
                await write('remove', request, key, { ...entryOf(key), archived: true });
              },
            },
      }),
    },
  });
}

function field(name: 'title' | 'location' | 'classCode', owner: Owner): Field<Wire, string> {
  return { read: (record) => record[name] ?? null, owner, write: (value) => ({ [name]: value }) };
}
