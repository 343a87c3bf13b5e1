/** What GraphQL over HTTP asks of a server, as the suite of its authors does. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { serverAudits } from 'graphql-http';
import { openTestServer, type TestServer } from './test-server.ts';

describe('GraphQL over HTTP', () => {
  let open: TestServer;

  before(async () => {
    open = await openTestServer();
  });
  after(() => open.close());

  const audits = serverAudits({
    url: () => `${open.server.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${open.key}`);

      return fetch(url, { ...init, headers });
    },
  });

  it('is asked about in full', () => {
    const must = audits.filter(({ name }) => !name.startsWith('MAY'));
    assert.deepEqual([audits.length, must.length], [61, 36]);
  });

  for (const audit of audits) {
    it(audit.name, async () => {
      const result = await audit.fn();
      assert.equal(result.status, 'ok', result.status === 'ok' ? '' : result.reason);
    });
  }
});
