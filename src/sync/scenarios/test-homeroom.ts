/** Homeroom's own side of a story: records made and changed by hand, and what it holds in words. */
import assert from 'node:assert/strict';
import type { TestEngine } from '../../../test/harness/engine.ts';
import { writeRecord } from '../../db/queries/engine/edit.ts';
import { shapeOf } from '../../db/queries/engine/shape.ts';
import type { World } from './test-story.ts';
import { classOf, memberOf, personOf } from './test-words.ts';

/** Records by the names the story gave them: those it made here, and those that came from a register under that id. */
export function homeroomOf(
  engine: TestEngine,
  act: () => { tenantId: string; by: string; now: Date },
): World['homeroom'] {
  const made = new Map<string, string>();
  const { tenantId } = act();
  const id = async (name: string): Promise<string> => {
    const known = made.get(name);
    if (known) return known;
    const [row] = await engine.write(
      (tx) => tx<{ id: string }[]>`
        select id from person where sourced_id = ${name} union all select id from class where sourced_id = ${name}
        union all select id from enrollment where sourced_id = ${name}`,
    );
    assert.ok(row, `Homeroom has no ${name}.`);
    return row.id;
  };

  return {
    id,
    edit: async (name, changes) => {
      const personId = await id(name);
      await engine.write((tx) => engine.api.updatePerson(tx, { ...act(), personId, changes }));
    },
    enroll: async (person, inClass) => {
      const membership = { personId: await id(person), classId: await id(inClass), role: 'student' };
      await engine.write((tx) => engine.api.enrollPerson(tx, { ...act(), ...membership }));
    },
    write: async (kind, name, values) => {
      const recordId = await id(name);
      await engine.write((tx) => writeRecord(tx, tenantId, shapeOf(kind), recordId, values));
    },
    archive: async (kind, name) => {
      const recordId = await id(name);
      await engine.write((tx) => writeRecord(tx, tenantId, shapeOf(kind), recordId, {}, 'ARCHIVED'));
    },
    add: async ({ people = {}, classes = {}, members = {} }) => {
      for (const [name, words] of Object.entries(people)) {
        const { id: _id, ...person } = personOf(name, words);
        made.set(name, await engine.school.person(person));
      }
      for (const [name, words] of Object.entries(classes)) {
        const { title, location } = classOf(name, words) as unknown as { title: string; location: string | null };
        made.set(name, await engine.school.class({ title, location }));
      }
      for (const [name, words] of Object.entries(members)) {
        const { person, class: inClass, role } = memberOf(name, words);
        const membership = {
          classId: await id(inClass),
          personId: await id(person),
          role,
          primary: role === 'teacher',
        };
        made.set(name, await engine.school.enrollment(membership));
      }
    },
  };
}

/** People, classes and who is in them, a line each; what is archived is told so. */
export async function tellHomeroom(engine: TestEngine): Promise<string[]> {
  const rows = await engine.write(
    (tx) => tx<{ line: string }[]>`
      select * from (
        select 1 as part, p.given_name || ' ' || p.family_name || ', ' || p.role || coalesce(', phone ' || p.phone, '')
          || case p.status when 'ARCHIVED' then ' (archived)' else '' end as line from person p
        union all select 2, c.title || coalesce(', ' || c.location, '') || case c.status when 'ARCHIVED' then ' (archived)' else '' end from class c
        union all select 3, concat(p.given_name, ' ', p.family_name, case e.role when 'teacher' then ' teaches ' else ' attends ' end, c.title,
            case e.status when 'ARCHIVED' then ' (archived)' end)
          from enrollment e join person p on p.id = e.person_id join class c on c.id = e.class_id
        union all select 4, concat(g.given_name, ' ', g.family_name, ' is the guardian of ', s.given_name, ' ', s.family_name,
            case l.status when 'ARCHIVED' then ' (archived)' end)
          from guardian_link l join person g on g.id = l.guardian_id join person s on s.id = l.student_id
      ) lines order by part, line collate "C"`,
  );

  return rows.map((row) => row.line);
}
