/** A school, what a destination's run has read, and what both agreed on before: put into the tables as rows, by sets. */
import type { TransactionSql } from '../../src/db/client.ts';

/** What the run finds: a mirror that is not made yet, in step, changed in one membership of a hundred, or made by somebody else. */
export type Case = 'first' | 'unchanged' | 'changed' | 'found';

export interface Run {
  readonly tenantId: string;
  readonly schoolId: string;
  readonly integrationId: string;
  readonly runId: string;
}

/** Of memberships, one teacher among them. */
const membersOfAClass = 25;
/** So many memberships for each account. */
const classesOfAPerson = 8;

/** Ids in the order of their numbers: what kind of record, then its number. */
const id = (kind: number, number: string) =>
  `('01900000-0000-7000-800${kind}-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

const people = (memberships: number) => Math.ceil(memberships / classesOfAPerson);
const classes = (memberships: number) => Math.ceil(memberships / membersOfAClass);

/** Memberships as numbers: `c` the class, `p` the person, `n` its own. The first of a class teaches it. */
const members = `(select n, n / ${membersOfAClass} as c, n % ${membersOfAClass} = 0 as teaches,
  case when n % ${membersOfAClass} = 0 then n / ${membersOfAClass} % $3::int
       else (n / ${membersOfAClass} * 7 + n % ${membersOfAClass} * 31) % $3::int end as p
  from generate_series(0, $4::int - 1) as n) m`;
const memberKey = `'c' || m.c || '/a' || m.p`;
const memberStream = `case when m.teaches then 'teachers' else 'students' end`;

/** Fills the school with so many memberships and their people and classes. */
export async function fillSchool(tx: TransactionSql, { tenantId, schoolId }: Run, memberships: number) {
  const run = (text: string, parameters: unknown[]) => tx.unsafe(text, parameters as never[]);
  await run(
    `insert into person (tenant_id, school_id, id, given_name, family_name, email, role)
     select $1, $2, ${id(1, 'n')}, 'Given' || n, 'Family' || n, 'p' || n || '@school.example', 'student'
     from generate_series(0, $3::int - 1) as n`,
    [tenantId, schoolId, people(memberships)],
  );
  await run(
    `insert into class (tenant_id, school_id, id, title, class_code)
     select $1, $2, ${id(2, 'n')}, 'Class ' || n, 'C-' || n from generate_series(0, $3::int - 1) as n`,
    [tenantId, schoolId, classes(memberships)],
  );
}

/** Puts the people in the classes. Their tables are to be analysed before, or each check of a foreign key looks through them. */
export async function enrol(tx: TransactionSql, { tenantId, schoolId }: Run, memberships: number) {
  const size = [tenantId, schoolId, people(memberships), memberships];
  await tx.unsafe(
    `insert into enrollment (tenant_id, school_id, id, class_id, person_id, role, "primary")
     select $1, $2, ${id(3, 'm.n')}, ${id(2, 'm.c')}, ${id(1, 'm.p')}, case when m.teaches then 'teacher' else 'student' end, m.teaches
     from ${members}`,
    size,
  );
}

/** What the run has read there. In a first plan that is the accounts, else everything. */
export async function stage(tx: TransactionSql, { runId }: Run, memberships: number, which: Case) {
  const head = `insert into staging (run_id, stream, key, page, record_id, hash, gone, "values", refs)`;
  const rest = `0, gen_random_uuid(), '\\x00'::bytea, false`;
  await tx.unsafe(
    `${head} select $1, 'accounts', 'a' || n, ${rest}, jsonb_build_object('email', 'p' || n || '@school.example', 'givenName', 'Given' || n, 'familyName', 'Family' || n), '{}'
     from generate_series(0, $2::int - 1) as n`,
    [runId, people(memberships)],
  );
  if (which === 'first') return;
  await tx.unsafe(
    `${head} select $1, 'courses', 'c' || n, ${rest}, jsonb_build_object('title', 'Class ' || n, 'classCode', 'C-' || n, 'location', null),
       jsonb_build_object('teachers', jsonb_build_array('a' || n % $3::int))
     from generate_series(0, $2::int - 1) as n`,
    [runId, classes(memberships), people(memberships)],
  );
  await tx.unsafe(
    `${head} select $1, ${memberStream}, ${memberKey}, ${rest}, '{}', jsonb_build_object('class', jsonb_build_array('c' || m.c), 'person', jsonb_build_array('a' || m.p))
     from ${members} where $2::int >= 0`,
    [runId, 0, people(memberships), memberships],
  );
}

/** Both sides as they agreed on everything the run has read. Courses found there are linked too: none could be matched. */
export async function agree(
  tx: TransactionSql,
  { tenantId, schoolId, integrationId }: Run,
  memberships: number,
  which: Case,
) {
  const head = `insert into link (tenant_id, school_id, integration_id, stream, key, record_id, state, base)`;
  const size = [tenantId, schoolId, integrationId, memberships, people(memberships)];
  const run = (text: string, parameters: unknown[]) => tx.unsafe(text, parameters as never[]);
  if (which === 'unchanged' || which === 'changed') {
    await run(
      `${head} select $1, $2, $3, 'accounts', 'a' || n, ${id(1, 'n')}, 'LINKED', jsonb_build_object('givenName', 'Given' || n, 'familyName', 'Family' || n)
       from generate_series(0, $4::int - 1) as n`,
      [tenantId, schoolId, integrationId, people(memberships)],
    );
    await run(
      `${head} select $1, $2, $5, ${memberStream}, ${memberKey}, ${id(3, 'm.n')}, 'LINKED', '{}' from ${members}`,
      [tenantId, schoolId, people(memberships), memberships, integrationId],
    );
  }
  if (which === 'first') return;
  await run(
    `${head} select $1, $2, $3, 'courses', 'c' || n, ${id(2, 'n')}, 'LINKED', jsonb_build_object('title', 'Class ' || n, 'classCode', 'C-' || n, 'location', null, 'teachers', jsonb_build_array('a' || n % $5::int))
     from generate_series(0, $4::int - 1) as n`,
    [...size.slice(0, 3), classes(memberships), people(memberships)],
  );
}

/** One membership in two hundred has ended here, another one is new here; one class in a hundred has another title. */
export async function change(tx: TransactionSql, { tenantId, integrationId, runId }: Run) {
  const number = (column: string) => `('x' || right(${column}::text, 8))::bit(32)::int`;
  await tx.unsafe(`update enrollment set status = 'ARCHIVED' where tenant_id = $1 and ${number('id')} % 200 = 1`, [
    tenantId,
  ]);
  await tx.unsafe(`update class set title = title || ' b' where tenant_id = $1 and ${number('id')} % 100 = 1`, [
    tenantId,
  ]);
  await tx.unsafe(
    `delete from staging s using link l where s.run_id = $3 and l.tenant_id = $1 and l.integration_id = $2
       and s.stream = l.stream and s.key = l.key and l.stream = 'students' and ${number('l.record_id')} % 200 = 101`,
    [tenantId, integrationId, runId],
  );
  await tx.unsafe(
    `delete from link where tenant_id = $1 and integration_id = $2 and stream = 'students' and ${number('record_id')} % 200 = 101`,
    [tenantId, integrationId],
  );
}
