/** What the demo sends: the sample operations where one fits, and three questions of its own. */
import { readFileSync } from 'node:fs';

function sample(name: string): string {
  return readFileSync(new URL(`../../examples/operations/${name}.graphql`, import.meta.url), 'utf8');
}

export const documents = {
  schools: sample('Schools'),
  providers: sample('Providers'),
  connectIntegration: sample('ConnectIntegration'),
  testConnection: sample('TestConnection'),
  triggerSync: sample('TriggerSync'),
  syncRun: sample('SyncRun'),
  syncRunUpdated: sample('SyncRunUpdated'),
  conflicts: sample('Conflicts'),

  /** Taken before a sync is asked for: what is followed after it is complete, however late the subscription comes. */
  liveCursor: 'query LiveCursor { liveCursor }',

  /** `SyncLogAdded` with the names of the records, for people who watch. */
  syncLog: `subscription SyncLog($syncRunId: ID!, $after: String) {
    syncLogAdded(syncRunId: $syncRunId, last: 0, after: $after) {
      __typename
      ... on SyncLogAdded { logs { action status timestamp reason details entity { name } } }
      ... on ResumeGap { reason }
    }
  }`,

  /** The newest runs of an integration: those that a data change set off have ids nobody was told. */
  runs: `query Runs($integrationId: ID!) {
    integration(id: $integrationId) { syncRuns(first: 10) { nodes { id status } } }
  }`,

  settledCount: `query Settled($runId: ID!) {
    node(id: $runId) { ... on SyncRun { logs(first: 1, filter: { status: [SUCCESS, FAILED, SKIPPED] }) { totalCount } } }
  }`,

  /** What Homeroom holds of a school. */
  holdings: `query Holdings($schoolId: ID!) {
    school(id: $schoolId) {
      people(first: 1) { totalCount }
      classes(first: 1) { totalCount }
      enrollments(first: 1) { totalCount }
    }
  }`,

  teachers: `query Teachers($schoolId: ID!) {
    school(id: $schoolId) {
      classes(first: 20) {
        nodes { title enrollments(first: 5) { nodes { role person { id givenName familyName email } } } }
      }
    }
  }`,

  questions: `query Questions($ids: [ID!]!) {
    nodes(ids: $ids) { ... on SyncConflict { id status resolution resolvedBy { name } } }
  }`,
} as const;
