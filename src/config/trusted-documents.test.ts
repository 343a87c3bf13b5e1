import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../config.ts';
import { loadTrustedDocuments } from './trusted-documents.ts';

const dir = await mkdtemp(join(tmpdir(), 'homeroom-documents-'));
after(() => rm(dir, { recursive: true, force: true }));

const hashOf = (text: string, algorithm = 'sha256') => createHash(algorithm).update(text).digest('hex');
const load = (path: string | null) => loadTrustedDocuments({ trustedDocuments: { path, only: false } });

async function file(name: string, content: string): Promise<string> {
  const path = join(dir, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);

  return path;
}

test('without a path no document is known', async () => {
  assert.deepEqual(await load(null), new Map());
});

test('a file that codegen printed is read as it is', async () => {
  const [one, two] = ['query One { viewer { id } }', 'query Two { viewer { name } }'];
  const path = await file('one/persisted-documents.json', JSON.stringify({ [hashOf(one)]: one, [hashOf(two)]: two }));

  assert.deepEqual(await load(path), new Map([one, two].map((text) => [hashOf(text), text])));
});

test('a folder gives what lies in it, those of several clients and those written by hand', async () => {
  const [web, app, hand] = [
    'query Web { viewer { id } }',
    'query App { viewer { id } }',
    'query Hand {\n  viewer { id }\n}\n',
  ];
  await file('all/web/persisted-documents.json', JSON.stringify({ [hashOf(web)]: web }));
  await file('all/app/persisted-documents.json', JSON.stringify({ [hashOf(app)]: app, [hashOf(web)]: web }));
  await file('all/Hand.graphql', hand);
  await file('all/README.md', '# No document');

  const found = await load(join(dir, 'all'));
  assert.deepEqual([...found.values()].sort(), [app, hand, web]);
  for (const [hash, text] of found) assert.equal(hash, hashOf(text));
});

test('what cannot be trusted stops the start, with what to do', async () => {
  const text = 'query { viewer { id } }';
  const sha1 = await file('sha1.json', JSON.stringify({ [hashOf(text, 'sha1')]: text, [hashOf(text)]: text }));
  const list = await file('list.json', JSON.stringify([text]));
  const cut = await file('cut.json', '{"');
  await file('empty/README.md', '');
  for (const [path, told] of [
    [join(dir, 'nowhere'), /there is no file and no folder/],
    [join(dir, 'empty'), /there is no file and no folder/],
    [sha1, /1 of 2 documents are not under the SHA-256 .* set persistedDocuments\.hashAlgorithm to "sha256"/],
    [list, /is not a JSON object/],
    [cut, /is not a JSON object/],
  ] as const) {
    await assert.rejects(load(path), (error) => error instanceof ConfigError && told.test(error.message));
  }
});
