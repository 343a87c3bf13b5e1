/** Where a person looks now: the page, the endpoint, the key, one line to try. */

/** Variables of GraphiQL's tabs, by the name of the sample operation. Filled before a browser asks for the page. */
export type TabVariables = Record<string, Record<string, unknown>>;

/** Titles and texts, in the order in which they are told. */
export function whereToLook(url: string, key: string): [string, string][] {
  const endpoint = `${url}/graphql`;
  return [
    ['GraphiQL', `${endpoint}  (in a browser: the sample operations as tabs, the key filled in)`],
    ['Endpoint', `${endpoint}  (over HTTP, WebSocket and server-sent events)`],
    ['API key', key],
  ];
}

const question = '{ schools { nodes { name integrations { status openConflictCount } } } }';

/** A command to copy into another terminal. */
export function curlLines(url: string, key: string): string[] {
  return [
    `curl -s ${url}/graphql \\`,
    `  -H 'content-type: application/json' \\`,
    `  -H 'authorization: Bearer ${key}' \\`,
    `  -d '${JSON.stringify({ query: question })}'`,
  ];
}

interface Place {
  id: string;
  sisId: string;
  classroomId: string | null;
  /** Whether its Classroom leg was travelled. */
  inStep: boolean;
}

/** What the tabs about one school are to begin with. */
export function variablesFor(school: Place, latestRunId: string | null): TabVariables {
  const { id: schoolId, sisId } = school;
  const integrationId = school.classroomId ?? sisId;
  const run = latestRunId === null ? {} : { id: latestRunId };
  return {
    AppsAndIntegrations: { schoolId },
    Conflicts: { schoolId },
    Roster: { schoolId },
    TriggerSync: { input: { integrationId: school.inStep ? sisId : integrationId } },
    TestConnection: { input: { integrationId } },
    DisconnectIntegration: { input: { integrationId } },
    SyncRun: run,
    ReviewSyncRun: run,
    SyncRunUpdated: run,
    SyncLogAdded: latestRunId === null ? {} : { syncRunId: latestRunId, last: 50 },
  };
}
