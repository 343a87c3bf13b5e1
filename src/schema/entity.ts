/** Records as runs and conflicts speak of them: of what kind, which one, and what people call it. */
import type { EntityName } from '../model/entities.ts';
import { builder } from './builder.ts';
import { encodeId, isUuid, splitId } from './ids.ts';

export const EntityType = builder.enumType('EntityType', {
  description: 'A kind of record. OneRoster’s words, where it has one.',
  values: {
    ORG: { value: 'org', description: 'An organisation as a source tells of it: the school itself, its district.' },
    TERM: { value: 'term', description: 'A school year, a semester, a term.' },
    COURSE: { value: 'course', description: 'A subject as taught at a level; classes are its instances.' },
    CLASS: { value: 'class', description: 'People who meet for a course in a term.' },
    PERSON: { value: 'person', description: 'A person at one school.' },
    ENROLLMENT: { value: 'enrollment', description: 'A person in a class, with a role.' },
    GUARDIAN_LINK: { value: 'guardianLink', description: 'An adult who answers for a student.' },
    GROUP: { value: 'group', description: 'People who are taken together: a seminar group, half of a year.' },
    MEETING: { value: 'meeting', description: 'A session: people who meet at a time, in a room.' },
  } as const,
});

/** The node type that shows a record of an entity. */
export const nodeTypeOf = {
  org: 'Org',
  term: 'Term',
  course: 'Course',
  class: 'Class',
  person: 'Person',
  enrollment: 'Enrollment',
  guardianLink: 'GuardianLink',
  group: 'Group',
  meeting: 'Meeting',
} as const satisfies Record<EntityName, string>;

/** The record a global id names; undefined for what is no record's. */
export function recordNamed(globalId: string): { entity: EntityName; id: string } | undefined {
  const parts = splitId(globalId);
  const entity = Object.entries(nodeTypeOf).find(([, type]) => type === parts?.type)?.[0] as EntityName | undefined;

  return parts && entity && isUuid(parts.id) ? { entity, id: parts.id } : undefined;
}

/** How runs and conflicts keep what they are about. */
interface Mention {
  entity: EntityName;
  recordId: string | null;
  key: string | null;
  name: string | null;
  /** More than one: a batch, of which `key` is only the first. */
  size?: number;
}

export const EntityReference = builder.objectRef<Mention>('EntityReference').implement({
  description: 'A record as it was when something happened to it; it may be gone by now.',
  fields: (t) => ({
    type: t.field({ type: EntityType, description: 'What kind of record.', resolve: ({ entity }) => entity }),
    recordId: t.id({
      nullable: true,
      description: 'Its id here, for `node(id:)`; null when it is not in Homeroom, or stands for several records.',
      resolve: ({ entity, recordId }) => recordId && encodeId(nodeTypeOf[entity], recordId),
    }),
    name: t.string({
      description: 'What people call it; its id in the other system where it has no name.',
      resolve: ({ name, key, entity, size = 1 }) =>
        name ?? (size > 1 ? `${size} records` : (key ?? nodeTypeOf[entity])),
    }),
    externalId: t.string({
      nullable: true,
      description: 'Its id in the other system; null when it is not there, or stands for several records.',
      resolve: ({ key, size = 1 }) => (size > 1 ? null : key),
    }),
  }),
});
