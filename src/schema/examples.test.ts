import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DocumentNode, Kind, OperationTypeNode, parse, validate } from 'graphql';
import { insertExport } from '../db/queries/export.ts';
import { insertMember } from '../db/queries/member.ts';
import { seedTenant } from '../db/seed.ts';
import { newId } from '../model/ids.ts';
import { Stale } from '../model/problems.ts';
import { encodeId } from './ids.ts';
import { schema } from './index.ts';
import { openTestGateway, type TestGateway } from './test-gateway.ts';

const folder = resolve(import.meta.dirname, '../../examples/operations');

interface Example {
  name: string;
  text: string;
  document: DocumentNode;
}

async function readExamples(): Promise<Example[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.graphql')).sort();

  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(resolve(folder, file), 'utf8');

      return { name: file.replace('.graphql', ''), text, document: parse(text) };
    }),
  );
}

const examples = await readExamples();

describe('the example operations', () => {
  let gateway: TestGateway;
  let tenantId: string;
  let variables: Record<string, Record<string, unknown>>;

  before(async () => {
    gateway = await openTestGateway({
      issuers: ['https://login.example'],
      sync: {
        connectIntegration: async () => integrationId,
        updateIntegration: async () => undefined,
        disconnectIntegration: async () => undefined,
        testConnection: async () => ({
          ok: false,
          checks: [{ name: 'Sign-in', ok: false, message: 'Refused.', remedy: 'Enter another token.' }],
        }),
        requestRun: async () => run.id,
        syncPerson: async () => [run.id],
        approveRun: async () => undefined,
        cancelRun: async () => undefined,
        retryFailed: async () => run.id,
        undoRun: async () => run.id,
        resolveConflict: async () => ({ runId: run.id }),
        resolveConflicts: async () => ({
          settled: [conflictId],
          failures: [{ conflictId, error: new Stale('It moved.') }],
          runIds: [run.id],
        }),
        setFieldRule: async () => undefined,
        enrollPerson: async () => enrollmentId,
        updatePerson: async () => undefined,
        explain: async () => ({
          state: 'BLOCKED',
          summary: 'Zoë Åkesson has no e-mail address.',
          link: { externalId: 'there-1', lastSyncedAt: new Date(0) },
          fields: [
            {
              name: 'givenName',
              owner: 'OneRoster',
              baseValue: 'Zoe',
              localValue: 'Zoë',
              externalValue: 'Zoe',
              reason: 'Changed in Homeroom only.',
              lastRunId: run.id,
            },
          ],
          blockers: [{ code: 'no_email', message: 'No address.', remedy: 'Enter one.', runId: null }],
        }),
      },
    });
    const tenant = await seedTenant(gateway.database.app);
    tenantId = tenant.id;
    const school = await tenant.school();
    const integration = await school.integration();
    const integrationId = integration.id;
    const run = await integration.run({
      error: { code: 'x', message: 'Broken.', remedy: 'Mend it.', turn: 'SCHOOL' },
      planHash: 'h1',
    });
    await run.logs(3);
    await run.logs(2, { status: 'FAILED', details: { status: 409 } });
    await run.logs(1, { status: 'PENDING', before: { givenName: 'Zoe' }, after: { givenName: 'Zoë' } });
    const conflictId = await integration.conflict();
    const [classId, personId] = [await school.class(), await school.person()];
    const enrollmentId = await school.enrollment({ classId, personId });
    await run.logs(1, {
      entity: 'person',
      recordId: personId,
      before: { givenName: 'Zoe' },
      after: { givenName: 'Zoë' },
    });
    const groupId = await school.group({ membersIds: [personId] });
    const people = { learnersIds: [personId], instructorsIds: [personId], groupsIds: [groupId] };
    await school.meeting({ location: 'Room 210', ...people });
    const invited = { email: 'ada@school.example', issuer: null, subject: null, schoolIds: [school.id] };
    const about = { id: newId(), role: 'PARTNER', invitedBy: 'Zoë', createdAt: new Date() } as const;
    await tenant.write((tx) => insertMember(tx, tenant.id, { ...invited, ...about }));

    const exportId = newId();
    const asked = { askerKind: 'API_KEY', askedBy: newId(), askerName: 'Mirror', liveCursor: 'x' } as const;
    const wanted = { entities: ['person'], recordStatus: ['ACTIVE'], updatedSince: null, contacts: false } as const;
    const times = { createdAt: new Date(), expiresAt: new Date(Date.now() + 60_000) };
    const place = { tenantId: tenant.id, schoolId: school.id, id: exportId };
    await tenant.write((tx) => insertExport(tx, { ...place, ...asked, ...wanted, ...times }));

    const id = {
      export: encodeId('Export', exportId),
      school: encodeId('School', school.id),
      provider: encodeId('Provider', 'google-workspace'),
      integration: encodeId('Integration', integrationId),
      run: encodeId('SyncRun', run.id),
      conflict: encodeId('SyncConflict', conflictId),
      class: encodeId('Class', classId),
      person: encodeId('Person', personId),
    };
    const forms = { settings: { domain: 'elm.example' }, credentials: { token: 'secret' } };
    const connection = { schoolId: id.school, providerId: id.provider, ...forms };
    variables = {
      AppsAndIntegrations: { schoolId: id.school },
      ApproveSyncRun: { input: { syncRunId: id.run, planHash: 'h1' } },
      CancelExport: { input: { exportId: id.export } },
      CancelSyncRun: { input: { syncRunId: id.run } },
      Conflicts: { schoolId: id.school },
      ConnectIntegration: { input: connection },
      DisconnectIntegration: { input: { integrationId: id.integration } },
      Explain: { integrationId: id.integration, recordId: id.person, classId: id.class },
      EnrollPerson: { input: { classId: id.class, personId: id.person, role: 'student' } },
      InviteMember: { input: { email: 'bob@school.example', role: 'VIEWER', schoolIds: [id.school] } },
      ResolveConflict: { input: { conflictId: id.conflict, version: 1, resolution: 'PUSH_LOCAL' } },
      ResolveConflicts: { input: { conflicts: [{ conflictId: id.conflict, version: 1 }], resolution: 'IGNORE' } },
      ExportProgress: { id: id.export },
      IntegrationHealth: { id: id.integration },
      PersonTimeline: { id: id.person },
      SyncPerson: { input: { personId: id.person } },
      RetryFailed: { input: { syncRunId: id.run } },
      ReviewSyncRun: { id: id.run },
      Meetings: { schoolId: id.school, from: '2026-09-07T00:00:00Z', before: '2026-09-14T00:00:00Z' },
      Roster: { schoolId: id.school },
      RosterChanged: { schoolIds: [id.school], after: await gateway.feed.cursor(tenantId) },
      SchoolActivity: { schoolIds: [id.school] },
      SetFieldRule: {
        input: { integrationId: id.integration, entityType: 'PERSON', field: 'email', rule: 'ALWAYS_PUSH_LOCAL' },
      },
      StartExport: { input: { schoolId: id.school, entityTypes: ['CLASS', 'PERSON'] } },
      SyncLogAdded: { syncRunId: id.run },
      SyncRun: { id: id.run },
      SyncRunUpdated: { id: id.run },
      TestConnection: { input: connection },
      TriggerSync: { input: { integrationId: id.integration, classIds: [id.class] } },
      UndoSyncRun: { input: { syncRunId: id.run } },
      UpdateIntegration: { input: { integrationId: id.integration, ...forms } },
      UpdateSchool: { input: { schoolId: id.school, settings: { removalShare: 0.05, previewFirst: false } } },
      UpdatePerson: { input: { personId: id.person, givenName: 'Zoë', email: null } },
    };
  });
  after(() => gateway.close());

  test('there are some', () => assert.ok(examples.length > 20));

  for (const { name, text, document } of examples) {
    const [definition] = document.definitions;
    assert.ok(definition?.kind === Kind.OPERATION_DEFINITION);

    test(`${name} fits the schema, and its file is named after it`, () => {
      assert.deepEqual(validate(schema, document), []);
      assert.equal(definition.name?.value, name);
    });

    test(`${name} answers without an error, and with something in every place`, async () => {
      const caller = gateway.as(tenantId);
      if (definition.operation === OperationTypeNode.SUBSCRIPTION) {
        const subscription = await caller.follow(text, variables[name]);
        const event = await subscription.next();
        await subscription.stop();

        assert.deepEqual(event?.messages, []);
        assert.ok(event.data);
      } else {
        const data = await caller.ask<object>(text, variables[name]);
        const answers = JSON.stringify(data);

        assert.ok(!Object.values(data).includes(null), answers);
        assert.doesNotMatch(answers, /"nodes":\[\]/);
      }
    });
  }
});
