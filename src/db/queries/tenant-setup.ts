/** A new customer and its schools, made inside a transaction that already speaks for that tenant. */
import type { SchoolSettings } from '../../model/school-settings.ts';
import type { TransactionSql } from '../client.ts';

export async function insertTenant(tx: TransactionSql, tenant: { id: string; name: string }): Promise<void> {
  await tx`insert into tenant (id, name) values (${tenant.id}, ${tenant.name})`;
}

export interface NewSchool {
  tenantId: string;
  id: string;
  name: string;
  sourcedId?: string | null;
  /** IANA name. */
  timeZone?: string;
  settings?: SchoolSettings;
}

export async function insertSchool(tx: TransactionSql, school: NewSchool): Promise<void> {
  await tx`
    insert into school (tenant_id, id, name, sourced_id, time_zone, settings)
    values (${school.tenantId}, ${school.id}, ${school.name}, ${school.sourcedId ?? null}, ${school.timeZone ?? 'UTC'},
            ${JSON.stringify(school.settings ?? {})})`;
}
