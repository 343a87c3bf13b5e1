/** What the Dashboard shows: a tenant with 20 schools of 4 integrations, each with 5 runs of 5 log entries. */
import { connect, type Target } from '../../src/db/client.ts';
import { type SeededTenant, seedTenant } from '../../src/db/seed.ts';
import { asLogin } from '../../test/harness/server.ts';

const schools = 20;
const providers = ['oneroster', 'google-workspace', 'google-workspace', 'oneroster'] as const;
const runs = 5;
const logs = 5;

/** Answers the tenant's id. Every second integration has an open conflict. */
export async function seedDashboard(target: Target): Promise<string> {
  const app = connect({ target, role: 'app', max: 8 });
  try {
    const tenant = await seedTenant(app);
    await Promise.all(Array.from({ length: schools }, (_, number) => seedSchool(tenant, number)));
    await asLogin(target, (sql) => sql`analyze`);
    return tenant.id;
  } finally {
    await app.end();
  }
}

async function seedSchool(tenant: SeededTenant, number: number): Promise<void> {
  const school = await tenant.school({ name: `Elm Street School ${number + 1}` });
  for (const [place, provider] of providers.entries()) {
    const integration = await school.integration({ provider });
    if (place % 2 === 0) await integration.conflict();
    for (let count = 0; count < runs; count += 1) {
      const run = await integration.run({ finishedAt: new Date() });
      await run.logs(logs);
    }
  }
}
