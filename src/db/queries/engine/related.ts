/** Records that look different to a destination when others change: who is in a class, whose class it is. */
import type { EntityName } from '../../../model/entities.ts';
import type { TransactionSql } from '../../client.ts';

export interface Related {
  entity: EntityName;
  recordIds: string[];
}

/**
 * A changed enrollment concerns its class (whose teachers may have changed) and its person; a changed class or person
 * concerns its enrollments. A changed meeting or group concerns its people, and a changed person both. One step only: that
 * is how far a reference of a stream reaches.
 */
export async function relatedRecords(
  tx: TransactionSql,
  tenantId: string,
  entity: EntityName,
  recordIds: readonly string[],
): Promise<Related[]> {
  const ids = recordIds as string[];
  switch (entity) {
    case 'enrollment': {
      const [row] = await tx<{ classes: string[] | null; people: string[] | null }[]>`
        select array_agg(distinct class_id) as classes, array_agg(distinct person_id) as people from enrollment
        where tenant_id = ${tenantId} and id = any (${ids}::uuid[])`;
      return [
        { entity: 'class', recordIds: row?.classes ?? [] },
        { entity: 'person', recordIds: row?.people ?? [] },
      ];
    }
    case 'class':
    case 'person': {
      const column = entity === 'class' ? tx`class_id` : tx`person_id`;
      const rows = await tx<{ id: string }[]>`
        select id from enrollment where tenant_id = ${tenantId} and ${column} = any (${ids}::uuid[])`;
      const enrollments: Related = { entity: 'enrollment', recordIds: rows.map((row) => row.id) };
      return entity === 'class' ? [enrollments] : [enrollments, ...(await wherePeopleAre(tx, tenantId, ids))];
    }
    case 'meeting':
    case 'group':
      return peopleIn(tx, tenantId, entity, ids);
    case 'org':
    case 'term':
    case 'course':
    case 'guardianLink':
      return [];
  }
}

/** Meetings and groups that list one of these people, joined by hash: comparing lists with lists would take their product. */
async function wherePeopleAre(tx: TransactionSql, tenantId: string, ids: string[]): Promise<Related[]> {
  const rows = await tx<{ entity: 'meeting' | 'group'; id: string }[]>`
    with changed as materialized (select id from unnest(${ids}::uuid[]) as c(id))
    select distinct 'meeting' as entity, m.id from meeting m
    cross join unnest(m.learners_ids || m.instructors_ids) as p(id) join changed c on c.id = p.id
    where m.tenant_id = ${tenantId} and m.status = 'ACTIVE'
    union all
    select distinct 'group', g.id from "group" g cross join unnest(g.members_ids) as p(id) join changed c on c.id = p.id
    where g.tenant_id = ${tenantId} and g.status = 'ACTIVE'`;

  return (['group', 'meeting'] as const).map((entity) => ({
    entity,
    recordIds: rows.filter((row) => row.entity === entity).map((row) => row.id),
  }));
}

async function peopleIn(
  tx: TransactionSql,
  tenantId: string,
  entity: 'meeting' | 'group',
  ids: string[],
): Promise<Related[]> {
  const listed = entity === 'group' ? tx`members_ids` : tx`learners_ids || instructors_ids`;
  const [row] = await tx<{ people: string[] | null }[]>`
    select array_agg(distinct p.id) as people from ${tx(entity)} r cross join unnest(${listed}) as p(id)
    where r.tenant_id = ${tenantId} and r.id = any (${ids}::uuid[])`;

  return [{ entity: 'person', recordIds: row?.people ?? [] }];
}

interface School {
  tenantId: string;
  schoolId: string;
}

/** Classes of the school, and everybody who is or was in them. */
export async function classScope(tx: TransactionSql, school: School, ids: readonly string[]): Promise<Related[]> {
  const classes = await tx<{ id: string }[]>`
    select id from class where tenant_id = ${school.tenantId} and school_id = ${school.schoolId} and id = any (${ids as string[]}::uuid[])`;
  const classIds = classes.map((row) => row.id);
  const [row] = await tx<{ enrollments: string[] | null; people: string[] | null }[]>`
    select array_agg(id) as enrollments, array_agg(distinct person_id) as people from enrollment
    where tenant_id = ${school.tenantId} and class_id = any (${classIds}::uuid[])`;

  return [
    { entity: 'class', recordIds: classIds },
    { entity: 'enrollment', recordIds: row?.enrollments ?? [] },
    { entity: 'person', recordIds: classIds.length > 0 ? (row?.people ?? []) : [] },
  ];
}

/** People of the school, and where they are or were enrolled. */
export async function personScope(tx: TransactionSql, school: School, ids: readonly string[]): Promise<Related[]> {
  const people = await tx<{ id: string }[]>`
    select id from person where tenant_id = ${school.tenantId} and school_id = ${school.schoolId} and id = any (${ids as string[]}::uuid[])`;
  const personIds = people.map((row) => row.id);
  const [row] = await tx<{ enrollments: string[] | null; classes: string[] | null }[]>`
    select array_agg(id) as enrollments, array_agg(distinct class_id) as classes from enrollment
    where tenant_id = ${school.tenantId} and person_id = any (${personIds}::uuid[])`;

  return [
    { entity: 'person', recordIds: personIds },
    { entity: 'enrollment', recordIds: row?.enrollments ?? [] },
    { entity: 'class', recordIds: row?.classes ?? [] },
  ];
}
