/** The limit of the mirror: the same rows read by the joins that are needed, compared by hand, and the plan's rows COPYed in. A process of its own. */
import { asTenant, connect, type Sql, type Target, type TransactionSql } from '../../src/db/client.ts';
import { answerParent } from '../child.ts';
import { type CopyFile, putIn, takeTable, unforce } from '../pull/rows.ts';
import type { Case, Run } from './district.ts';

export interface Compared {
  readonly seconds: number;
  /** What is to be made or linked, changed and removed there, and what is alike. */
  readonly counts: Readonly<Record<Verdict, number>>;
}

type Verdict = 'new' | 'changed' | 'left' | 'alike';

answerParent({ take, compare });

/** The plan that was drawn up in this database, for the limit to write into another. */
async function take({ target, dir }: { target: Target; dir: string }): Promise<CopyFile> {
  const owner = connect({ target, role: 'owner', max: 1 });
  try {
    await unforce(owner);
    return await takeTable(owner, 'sync_log', dir);
  } finally {
    await owner.end();
  }
}

/** Seconds to read all four streams, a cursor of 500 rows each, to compare row by row, and to copy the plan in. */
async function compare({
  target,
  run,
  which,
  plan,
}: {
  target: Target;
  run: Run;
  which: Case;
  plan: CopyFile;
}): Promise<Compared> {
  const worker = connect({ target, role: 'worker', max: 1 });
  const owner = connect({ target, role: 'owner', max: 1 });
  try {
    await unforce(owner);
    const began = performance.now();
    const counts = await compareAll(worker, run, which);
    await putIn(owner, plan);
    return { seconds: (performance.now() - began) / 1_000, counts };
  } finally {
    await Promise.all([worker.end(), owner.end()]);
  }
}

function compareAll(worker: Sql, run: Run, which: Case): Promise<Record<Verdict, number>> {
  const identity = { tenantId: run.tenantId, schoolIds: null, actor: 'bench' };
  const counts: Record<Verdict, number> = { new: 0, changed: 0, left: 0, alike: 0 };

  return asTenant(
    worker,
    identity,
    async (tx) => {
      await walk(tx, which === 'first' ? accountsByAddress : accounts, run, 'accounts', counts, (row) =>
        row.key === null ? 'new' : alike(row),
      );
      await walk(tx, courses, run, 'courses', counts, (row) => (row.key === null ? 'new' : alike(row)));
      for (const stream of ['teachers', 'students']) await walk(tx, members, run, stream, counts, ofMember);
      return counts;
    },
    { readOnly: true },
  );
}

type Row = Record<string, string | null>;

async function walk(
  tx: TransactionSql,
  text: string,
  { tenantId, integrationId, runId }: Run,
  stream: string,
  counts: Record<Verdict, number>,
  verdict: (row: Row) => Verdict,
): Promise<void> {
  for await (const rows of tx.unsafe<Row[]>(text, [tenantId, integrationId, runId, stream]).cursor(500))
    for (const row of rows) counts[verdict(row)] += 1;
}

function alike({ one, other, ours, theirs, base, owner, theirOwner }: Row): Verdict {
  return one === ours && other === theirs && base === ours && owner === theirOwner ? 'alike' : 'changed';
}

function ofMember({ status, key, staged, course, account, theirCourse, theirAccount }: Row): Verdict {
  if (key === null) return status === 'ACTIVE' ? 'new' : 'alike';
  if (status !== 'ACTIVE') return 'left';

  return staged !== null && course === theirCourse && account === theirAccount ? 'alike' : 'changed';
}

/** $1 the tenant, $2 the integration, $3 the run, $4 the stream. */
const link = (of: string, as = 'l', stream = '$4') =>
  `left join link ${as} on ${as}.tenant_id = $1 and ${as}.integration_id = $2 and ${as}.stream = ${stream} and ${as}.record_id = ${of}`;
const staged = `left join staging s on s.run_id = $3 and s.stream = $4 and s.key = l.key`;

const account = `s."values"->>'givenName' as one, p.given_name as ours, s."values"->>'familyName' as other, p.family_name as theirs`;
const accounts = `select p.id, l.key, ${account}, l.base->>'givenName' as base
  from person p ${link('p.id')} ${staged} where p.tenant_id = $1 order by p.id`;
/** Nobody is linked yet: found by their addresses. */
const accountsByAddress = `select p.id, l.key, ${account} from person p ${link('p.id')}
  left join staging s on s.run_id = $3 and s.stream = $4 and s."values"->>'email' = p.email where p.tenant_id = $1 order by p.id`;
const courses = `select c.id, l.key, s."values"->>'title' as one, c.title as ours, s."values"->>'classCode' as other, c.class_code as theirs,
    l.base->>'title' as base, s.refs->'teachers'->>0 as owner, ol.key as "theirOwner"
  from class c ${link('c.id')} ${staged}
  left join enrollment e on e.tenant_id = $1 and e.class_id = c.id and e.role = 'teacher' and e.status = 'ACTIVE'
  ${link('e.person_id', 'ol', `'accounts'`)} where c.tenant_id = $1 order by c.id`;
const members = `select e.id, e.status, l.key, s.key as staged, cl.key as course, pl.key as account,
    s.refs->'class'->>0 as "theirCourse", s.refs->'person'->>0 as "theirAccount"
  from enrollment e ${link('e.id')} ${staged}
  ${link('e.class_id', 'cl', `'courses'`)} ${link('e.person_id', 'pl', `'accounts'`)}
  where e.tenant_id = $1 and e.role || 's' = $4 order by e.id`;
