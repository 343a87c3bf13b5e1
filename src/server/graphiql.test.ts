import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Script } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { createGraphiql, type GraphiqlOptions } from './graphiql.ts';

describe('the page to try operations out in', () => {
  let operationsDir: string;

  before(async () => {
    operationsDir = await mkdtemp(join(tmpdir(), 'homeroom-operations-'));
    const files = {
      'Change.graphql': 'mutation Change($input: ID!) { change(input: $input) }',
      'Look.graphql': '# Say </script> and $& here.\nquery Look($id: ID!) { look(id: $id) }',
      'Watch.graphql': 'subscription Watch { watch }',
      'Who.graphql': 'query Who($first: Int! = 20) { who(first: $first) }',
      'notes.txt': 'not an operation',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(operationsDir, name), text);
  });
  after(() => rm(operationsDir, { recursive: true }));

  interface Settings {
    readonly defaultTabs: readonly { readonly query: string; readonly variables?: string }[];
    readonly headers?: string;
    readonly connectionParams?: unknown;
    readonly subscriptionsProtocol: string;
    readonly shouldPersistHeaders: boolean;
  }

  /** The page, and the settings its script hands to GraphiQL. */
  async function render(options: GraphiqlOptions): Promise<{ script: string; settings: Settings }> {
    let sent: Buffer = Buffer.alloc(0);
    const response = { writeHead: () => undefined, end: (bytes: Buffer) => (sent = bytes) };
    await createGraphiql(options).send(response as unknown as ServerResponse);
    const html = gunzipSync(sent).toString('utf8');
    const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
    const settings = /^\s*(\{"title".*\}),\s*\);\s*$/m.exec(script.slice(-100_000))?.[1];
    assert.ok(settings);
    return { script, settings: JSON.parse(settings) as Settings };
  }

  test('has the sample operations as tabs, first those that can be run as they are', async () => {
    const { settings } = await render({ operationsDir, variables: { Look: { id: 'x' } } });

    const names = settings.defaultTabs.map(({ query }) => /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1]);
    assert.deepEqual(names, ['Look', 'Who', 'Watch', 'Change']);
    assert.deepEqual(JSON.parse(settings.defaultTabs[0]?.variables ?? ''), { id: 'x' });
  });

  test('is one script that no operation can end or change', async () => {
    const { script, settings } = await render({ operationsDir });

    assert.doesNotMatch(script.slice(-100_000), /<\/script/i);
    assert.ok(settings.defaultTabs.some(({ query }) => query.includes('</script> and $& here')));
    assert.ok(new Script(script));
  });

  test('carries a key only when it is given one, and then does not keep it in the browser', async () => {
    const without = (await render({})).settings;
    assert.deepEqual([without.headers, without.connectionParams], [undefined, undefined]);
    assert.equal(without.subscriptionsProtocol, 'SSE');

    const authorization = 'Bearer hr_demo_key';
    const { settings } = await render({ authorization });
    assert.deepEqual(JSON.parse(settings.headers ?? ''), { authorization });
    assert.deepEqual(settings.connectionParams, { authorization });
    assert.equal(settings.subscriptionsProtocol, 'WS');
    assert.equal(settings.shouldPersistHeaders, false);
  });
});
