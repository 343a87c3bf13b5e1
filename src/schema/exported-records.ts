/**
 * Records as an export has them: the fields of their type in the API under the same names, references as objects with an
 * `id`, and lists of people as such references, for a line has no pages.
 */
import type { TransactionSql } from '../db/client.ts';
import { classes } from '../db/queries/class.ts';
import { courses } from '../db/queries/course.ts';
import { enrollments } from '../db/queries/enrollment.ts';
import { groupsWithMembers } from '../db/queries/group.ts';
import { guardianLinks } from '../db/queries/guardian-link.ts';
import { meetingsWithLearners } from '../db/queries/meeting.ts';
import { orgs } from '../db/queries/org.ts';
import { persons } from '../db/queries/person.ts';
import {
  changedSince,
  countRecordsBelow,
  type RecordFilter,
  type RecordRow,
  type RecordTable,
  recordsBelow,
} from '../db/queries/record.ts';
import { terms } from '../db/queries/term.ts';
import { type EntityName, entities, type Status } from '../model/entities.ts';
import { nodeTypeOf } from './entity.ts';
import { sensitive } from './field-change.ts';
import { encodeId } from './ids.ts';

/** Which records of a school are exported. */
export interface Exported {
  readonly schoolId: string;
  readonly recordStatus: readonly Status[];
  readonly updatedSince: Date | null;
  /** With the fields that need the scope `pii:read`. */
  readonly contacts: boolean;
}

interface ExportedRecord {
  /** Raw: the place in the order of its kind. */
  readonly id: string;
  /** What becomes JSON. */
  readonly record: object;
}

/** One kind of records, page by page in the order of their ids. */
interface ExportedKind {
  page(db: TransactionSql, which: Exported, after: string | null, limit: number): Promise<readonly ExportedRecord[]>;
  count(db: TransactionSql, which: Exported): Promise<number>;
}

export const exportedKinds: Readonly<Record<EntityName, ExportedKind>> = {
  org: kind('org', orgs),
  term: kind('term', terms, ({ parentId }) => ({ parent: maybe('Term', parentId) })),
  course: kind('course', courses),
  class: kind('class', classes, ({ courseId, termIds }) => ({
    course: maybe('Course', courseId),
    terms: each('Term', termIds),
  })),
  person: kind('person', persons),
  enrollment: kind('enrollment', enrollments, ({ classId, personId }) => ({
    class: reference('Class', classId),
    person: reference('Person', personId),
  })),
  guardianLink: kind('guardianLink', guardianLinks, ({ studentId, guardianId }) => ({
    student: reference('Person', studentId),
    guardian: reference('Person', guardianId),
  })),
  group: kind('group', groupsWithMembers, ({ memberIds }) => ({ members: each('Person', memberIds) })),
  meeting: kind('meeting', meetingsWithLearners, ({ classId, instructorIds, learnerIds, groupIds }) => ({
    class: maybe('Class', classId),
    instructors: each('Person', instructorIds),
    learners: each('Person', learnerIds),
    groups: each('Group', groupIds),
  })),
};

/** @param references what a record refers to. */
function kind<Row extends RecordRow>(
  entity: EntityName,
  table: RecordTable<Row>,
  references: (row: Row) => object = () => ({}),
): ExportedKind {
  const type = nodeTypeOf[entity];
  const names = Object.keys(entities[entity].fields);
  const list = (which: Exported) => ({ table, below: 'school_id' as const, filter: filterOf(which) });

  return {
    async page(db, which, after, limit) {
      const rows = await recordsBelow(db, list(which), [which.schoolId], { after, limit, descending: false });
      const shown = names.filter((name) => which.contacts || !sensitive.has(name));

      return rows.map((row) => {
        const { id, schoolId, sourcedId, status, createdAt, updatedAt } = row;
        const whatAllHave = { id: encodeId(type, id), school: reference('School', schoolId), sourcedId, status };
        const fields = Object.fromEntries(shown.map((name) => [name, Reflect.get(row, name) as unknown]));

        return { id, record: { ...whatAllHave, createdAt, updatedAt, ...fields, ...references(row) } };
      });
    },
    async count(db, which) {
      const [counted] = await countRecordsBelow(db, list(which), [which.schoolId]);

      return counted?.count ?? 0;
    },
  };
}

function filterOf({ recordStatus, updatedSince }: Exported): RecordFilter {
  return { status: recordStatus, where: updatedSince === null ? [] : [changedSince(updatedSince)] };
}

function reference(type: string, id: string): { id: string } {
  return { id: encodeId(type, id) };
}

function maybe(type: string, id: string | null): { id: string } | null {
  return id === null ? null : reference(type, id);
}

function each(type: string, ids: readonly string[]): { id: string }[] {
  return ids.map((id) => reference(type, id));
}
