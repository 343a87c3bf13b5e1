/** A source for stories: a school's register. Terms, people with their guardians, classes and who is in them are born there. */

import { z } from 'zod';
import { inMemory } from '../../../test/harness/memory.ts';
import { type Connector, connector, type Field, type Stream, stream } from '../../connectors/kit/contract.ts';
import type { EntityName } from '../../model/entities.ts';
import type { Outside } from './test-outside.ts';

const text = z.string().nullish();
const wire = z.object({
  id: z.string(),
  gone: z.boolean().optional(),
  title: text,
  givenName: text,
  familyName: text,
  role: text,
  email: text,
  phone: text,
  location: text,
  type: text,
  startDate: text,
  endDate: text,
  class: text,
  person: text,
  student: text,
  guardian: text,
  guardians: z.array(z.string()).optional(),
  terms: z.array(z.string()).optional(),
});
type Wire = z.output<typeof wire>;
type Told = Exclude<keyof Wire, 'id' | 'gone' | 'guardians' | 'terms'>;

export interface RegisterTraits {
  id?: string;
  name?: string;
  /** It can list what changed since a mark. */
  changes?: boolean;
}

export function registerOf(outside: Outside, traits: RegisterTraits = {}): Connector {
  const { id = 'register', name = 'Register', changes = false } = traits;
  const from = <E extends EntityName>(entity: E, shelf: string, rest: Rest<E>) =>
    stream<null, E, Wire>({
      entity,
      born: 'there',
      action: `${id}.${entity}`,
      wire,
      key: (record) => record.id,
      gone: (record) => record.gone ?? false,
      pull: {
        all: ({ checkpoint, signal }) => outside.pages(shelf, checkpoint, signal),
        ...(changes && { since: ({ signal }, mark) => outside.changes(shelf, mark, signal) }),
      },
      ...rest,
    });

  return connector<null, Record<string, never>, Record<string, never>>({
    id,
    name,
    ...inMemory,
    streams: {
      terms: from('term', 'terms', {
        fields: {
          title: owned('title'),
          type: owned('type'),
          startDate: owned('startDate'),
          endDate: owned('endDate'),
        },
      }),
      people: from('person', 'people', {
        fields: {
          givenName: owned('givenName'),
          familyName: owned('familyName'),
          role: owned('role'),
          email: owned('email'),
          phone: owned('phone'),
        },
      }),
      guardians: from('guardianLink', 'guardians', {
        refs: {
          student: { stream: 'people', read: ({ student }) => [student ?? ''], missing: 'wait' },
          guardian: { stream: 'people', read: ({ guardian }) => [guardian ?? ''], missing: 'wait' },
        },
        fields: {},
        pull: { within: { stream: 'people', owned: true, carrier: 'student', records: guardiansOf } },
      }),
      classes: from('class', 'classes', {
        refs: { terms: { stream: 'terms', read: ({ terms }) => terms ?? [], missing: 'omit' } },
        fields: { title: owned('title'), location: owned('location') },
      }),
      enrollments: from('enrollment', 'enrollments', {
        refs: {
          class: { stream: 'classes', read: (record) => [record.class ?? ''], missing: 'wait', container: true },
          person: { stream: 'people', read: (record) => [record.person ?? ''], missing: 'wait' },
        },
        fields: { role: owned('role') },
      }),
    },
  });
}

type Rest<E extends EntityName> = Pick<Stream<null, E, Wire>, 'fields'> & Partial<Stream<null, E, Wire>>;

function owned(name: Told): Field<Wire, string> {
  return { read: (record) => record[name] ?? null, owner: 'provider' };
}

function guardiansOf(carrier: unknown): Wire[] {
  const { id, guardians = [] } = carrier as Wire;

  return guardians.map((guardian) => ({ id: `${id}:${guardian}`, student: id, guardian }));
}
