/** All that a tenant has, as its tables have it: to see that nothing moved, and which words are nobody else's. */
import { asTenant } from '../../src/db/client.ts';
import type { Product } from './product.ts';

export interface Row {
  readonly table: string;
  /** Schools it belongs to; none: the tenant's own. */
  readonly schoolIds: readonly string[];
  readonly text: string;
}

/** Written by asking, whatever is asked. */
const traces = new Set(['mutation_outcome', 'token_bucket', 'data_key']);

/** Columns that tell when a key was last used. */
const used = /"last_used_at": *(?:null|"[^"]*"),? */;

interface Found {
  readonly row: { readonly id?: string; readonly school_id?: string | null; readonly school_ids?: string[] | null };
  readonly text: string;
}

export async function rowsOf({ database }: Product, tenantId: string): Promise<Row[]> {
  return asTenant(database.app, { tenantId, schoolIds: null, actor: 'test' }, async (tx) => {
    const tables = await tx<{ name: string }[]>`
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_table_privilege(c.oid, 'select')
       order by 1`;
    const wanted = tables.filter(({ name }) => !traces.has(name));
    const rows: Row[] = [];
    for (const { name } of wanted) {
      const found = await tx<Found[]>`
        select to_jsonb(t) as row, to_jsonb(t)::text as text from ${tx(name)} t order by to_jsonb(t)::text`;
      for (const { row, text } of found) {
        const schoolIds = name === 'school' ? [row.id ?? ''] : row.school_id ? [row.school_id] : (row.school_ids ?? []);
        rows.push({ table: name, schoolIds, text: text.replace(used, '') });
      }
    }
    return rows;
  });
}
