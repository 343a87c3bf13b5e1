import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { probe } from './probe.ts';
import { type School, startSchool } from './test-school.ts';

async function checksOf(given: (school: School) => Record<string, unknown>): Promise<Record<string, string>> {
  const school = await startSchool();
  try {
    const { client, context } = school;
    const settings = { ...context.settings, ...given(school) };
    const checks = await probe(client, { ...context, settings });
    return Object.fromEntries(checks.map(({ name, ok, message }) => [name, ok ? 'ok' : message]));
  } finally {
    await school.simulator.close();
  }
}

describe('testing a connection to Edusign', () => {
  it('looks at no more than what the school uses', async () => {
    const checks = await checksOf(() => ({ fallbackProfessorId: undefined }));
    assert.deepEqual(checks, { 'API key': 'ok', 'Read people': 'ok', 'Read sheets': 'ok' });
  });

  it('tells of a stand-in instructor that Edusign does not know', async () => {
    const known = await checksOf((school) => ({ fallbackProfessorId: school.person('professor', 'Zoe') }));
    assert.equal(known['Stand-in instructor'], 'ok');
    const unknown = await checksOf(() => ({ fallbackProfessorId: 'nobody' }));
    assert.match(unknown['Stand-in instructor'] ?? '', /does not know the stand-in instructor/);
  });

  it('tells of absence reasons that Edusign does not know', async () => {
    const reason = (edusignReasonId: string) => ({ sourceLabel: 'Maladie', edusignReasonId });
    const known = await checksOf(() => ({ absenceReasons: [reason('reason-illness')] }));
    assert.equal(known['Absence reasons'], 'ok');
    const unknown = await checksOf(() => ({ absenceReasons: [reason('reason-illness'), reason('reason-rain')] }));
    assert.equal(unknown['Absence reasons'], 'Edusign does not know 1 of the absence reasons in the settings.');
  });
});
