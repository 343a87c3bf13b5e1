/** At the end: the SIS, the database, Google and its journal tell the same story, and the log tells it as it was. */
import type { Place } from './place.ts';

/** Everything that does not agree, one sentence each; empty when nothing was lost and nothing done twice. */
export async function disagreements(place: Place): Promise<string[]> {
  const found = await Promise.all([ofRuns(place), ofLog(place), ofSis(place), ofGoogle(place), ofJournal(place)]);

  return found.flat();
}

async function ofRuns(place: Place): Promise<string[]> {
  const rows = await place.look(
    (tx) => tx<{ id: string; status: string; error: { message: string } | null; failed: number }[]>`
      select id, status, error, failed from sync_run where status <> 'SUCCEEDED' order by id`,
  );

  return rows.map(({ id, status, error }) => `Run ${id} is ${status}: ${error?.message ?? 'no reason'}`);
}

async function ofLog(place: Place): Promise<string[]> {
  const open = await place.look(
    (tx) => tx<{ action: string; status: string; times: number; details: unknown }[]>`
      select action, status, count(*)::int as times, min(details::text) as details from sync_log
      where status in ('PENDING', 'FAILED') group by action, status`,
  );
  const twice = await place.look(
    (tx) => tx<{ stream: string; name: string | null }[]>`
      select stream, min(name) as name from sync_log
      where side = 'there' and status = 'SUCCESS' and kind in ('create', 'remove') and record_id is not null
      group by stream, record_id
      having count(*) filter (where kind = 'create') - count(*) filter (where kind = 'remove') > 1`,
  );

  return [
    ...open.map(({ action, status, times, details }) => `${times} × ${action} is ${status}: ${String(details)}`),
    ...twice.map(({ stream, name }) => `The log says twice that ${name} was made in ${stream}.`),
  ];
}

interface Held {
  key: string;
  records: number;
}

async function ofSis(place: Place): Promise<string[]> {
  const collections = { classes: 'class', users: 'person', enrollments: 'enrollment' } as const;
  const found: string[] = [];
  for (const [collection, table] of Object.entries(collections)) {
    const said = (await place.world.sis.act('records', { collection })) as { sourcedId: string; status: string }[];
    const there = said.filter(({ status }) => status === 'active').map(({ sourcedId }) => sourcedId);
    const held = await place.look(
      (tx) => tx<Held[]>`
        select sourced_id as key, count(*)::int as records from ${tx(table)}
        where status = 'ACTIVE' group by sourced_id`,
    );
    found.push(
      ...differences(
        `${table} of the SIS`,
        there,
        held.map(({ key }) => key),
      ),
    );
    found.push(...held.filter(({ records }) => records > 1).map(({ key }) => `${table} ${key} is there twice.`));
  }

  return found;
}

interface Domain {
  courses: { id: string; teachers: string[]; students: string[] }[];
}

async function ofGoogle(place: Place): Promise<string[]> {
  const [domain] = (await place.world.google.state({ domain: place.world.domain })) as Domain[];
  const courses = domain?.courses ?? [];
  const links = await place.look(
    (tx) => tx<{ key: string }[]>`
      select l.key from class c left join link l
        on l.tenant_id = c.tenant_id and l.integration_id = ${place.google} and l.stream = 'courses' and l.record_id = c.id
      where c.status = 'ACTIVE'`,
  );
  const members = await place.look(
    (tx) => tx<{ member: string }[]>`
      select distinct l.key || ' ' || e.role || ' ' || lower(p.email) as member
      from enrollment e
      join person p on p.tenant_id = e.tenant_id and p.id = e.person_id and p.status = 'ACTIVE'
      join class c on c.tenant_id = e.tenant_id and c.id = e.class_id and c.status = 'ACTIVE'
      join link l on l.tenant_id = c.tenant_id and l.integration_id = ${place.google} and l.stream = 'courses' and l.record_id = c.id
      where e.status = 'ACTIVE' and e.role in ('teacher', 'student') and p.email is not null`,
  );
  const seen = courses.flatMap(({ id, teachers, students }) => [
    ...teachers.map((email) => `${id} teacher ${email.toLowerCase()}`),
    ...students.map((email) => `${id} student ${email.toLowerCase()}`),
  ]);

  return [
    ...differences(
      'course of ours',
      links.map(({ key }) => key),
      courses.map(({ id }) => id),
    ),
    ...differences(
      'membership of ours',
      members.map(({ member }) => member),
      seen,
    ),
  ];
}

/** `handled` is what the provider did, whether or not its answer arrived. */
async function ofJournal(place: Place): Promise<string[]> {
  const made = (await place.world.google.journal.entries({ route: 'classroom.courses.create' })).filter(
    ({ handled }) => handled === 200,
  );
  const aliases = made.map(({ body }) => (body as { id?: string }).id ?? 'no alias');
  const twice = aliases.filter((alias, index) => aliases.indexOf(alias) !== index);
  const told = await place.look(
    (tx) => tx<{ times: number }[]>`
      select count(*)::int as times from sync_log
      where stream = 'courses' and side = 'there' and kind = 'create' and status = 'SUCCESS'`,
  );

  return [
    ...twice.map((alias) => `Course ${alias} was made twice.`),
    ...(told[0]?.times === made.length
      ? []
      : [`${made.length} courses were made, the log tells of ${told[0]?.times}.`]),
  ];
}

function differences(what: string, expected: readonly string[], found: readonly string[]): string[] {
  const [left, right] = [new Set(expected), new Set(found)];

  return [
    ...[...left].filter((key) => !right.has(key)).map((key) => `A ${what} is missing: ${key}.`),
    ...[...right].filter((key) => !left.has(key)).map((key) => `There is no such ${what}: ${key}.`),
  ];
}
