/** The runs that are followed: of one tenant, each of another school, in the middle of writing to Classroom. */
import { connect, type Target } from '../../src/db/client.ts';
import { seedTenant } from '../../src/db/seed.ts';

export interface FollowedRun {
  readonly tenantId: string;
  readonly schoolId: string;
  readonly id: string;
  readonly claim: number;
}

export async function seedRuns(target: Target, count: number): Promise<FollowedRun[]> {
  const app = connect({ target, role: 'app', max: 2 });
  try {
    const tenant = await seedTenant(app);
    const runs: FollowedRun[] = [];
    for (let number = 0; number < count; number += 1) {
      const school = await tenant.school({ name: `Elm Street School ${number + 1}` });
      const integration = await school.integration();
      const { id } = await integration.run({ status: 'RUNNING', phase: 'APPLYING', claim: 1 });
      runs.push({ tenantId: tenant.id, schoolId: school.id, id, claim: 1 });
    }
    return runs;
  } finally {
    await app.end();
  }
}
