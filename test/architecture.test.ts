/** Rooms, not floors: one staircase of imports. Each file in `src/` may look down it, never up and never across. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { basename, join, posix, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** Each room, and the rooms it may look into. `main` is all that lies in `src/` itself but the two below it. */
const staircase: Record<string, readonly string[]> = {
  model: [],
  connectors: ['model'],
  db: ['model'],
  sync: ['model', 'connectors', 'db'],
  live: ['model', 'db'],
  schema: ['model', 'connectors', 'db', 'sync', 'live'],
  server: ['model', 'connectors', 'db', 'sync', 'live', 'schema'],
  telemetry: ['model'],
  config: [],
  log: [],
  main: [
    'model',
    'connectors',
    'db',
    'sync',
    'live',
    'schema',
    'server',
    'telemetry',
    'config',
    'log',
    'commands',
    'demo',
  ],
  commands: ['main', 'model', 'connectors', 'db', 'sync', 'live', 'schema', 'server', 'telemetry', 'demo'],
  demo: ['model', 'connectors', 'db', 'sync', 'live', 'schema', 'server', 'simulators', 'commands'],
  simulators: ['model'],
};

interface Import {
  file: string;
  target: string;
  /** `import type`: gone at run time, so nothing is reached. */
  typeOnly: boolean;
}

const roomOf = (file: string) => {
  const [room = '', inner] = file.split('/').slice(1);
  if (inner !== undefined) return room;
  return room === 'config.ts' || room === 'log.ts' ? room.slice(0, -3) : 'main';
};

/** Tests, the stories they tell, and what only tests import, may look everywhere. */
const isTest = (file: string) => /\.test\.ts$|^test-/.test(basename(file)) || file.startsWith('src/sync/scenarios/');

const statement =
  /^\s*(?:import|export)\b(?<type>\s+type\b)?[^'";]*?\bfrom\s+'(?<from>[^']+)'|\bimport\(\s*'(?<lazy>[^']+)'|^\s*import\s+'(?<bare>[^']+)'/gm;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(statement)].flatMap(({ groups = {} }) => {
    const name = (groups.from ?? groups.lazy ?? groups.bare ?? '').replace(/^#src\//, '/src/');
    if (!/^[./]/.test(name)) return [];
    const target = name.startsWith('/') ? name.slice(1) : posix.join(posix.dirname(file), name);
    return [{ file, target, typeOnly: groups.type !== undefined }];
  });
}

/** The sentence an import earns; null when it may stay. */
function complaint({ file, target, typeOnly }: Import): string | null {
  const says = (rule: string) => `${file} imports ${target}: ${rule}`;
  if (!target.startsWith('src/') || isTest(target))
    return says('the product reaches neither its tests nor anything outside src/.');
  const [from, to] = [roomOf(file), roomOf(target)];
  const below = staircase[from];
  if (!below)
    return says(`"${from}" has no step on the staircase yet. Give it one in ${basename(import.meta.filename)}.`);
  if (typeOnly && from === 'commands' && (to === 'config' || to === 'log')) return null;
  if (to === 'main' && basename(target) === 'main.ts') return says('main wires everything and is imported by nobody.');
  if (from !== to && !below.includes(to)) return says(`${from} may look into ${below.join(', ') || 'nothing'} only.`);
  const [, provider = ''] = /^src\/connectors\/([^/]+)\//.exec(file) ?? [];
  const within = [
    'src/model/',
    'src/connectors/kit/',
    ...(provider === '' ? ['src/connectors/'] : [`src/connectors/${provider}/`]),
  ];
  if (from === 'connectors' && !within.some((folder) => target.startsWith(folder)))
    return says("a connector's folder imports its own files, ../kit/ and ../../model/.");

  return null;
}

describe('the staircase of imports', () => {
  it('is kept by every file of the product', async () => {
    const files = (await Array.fromAsync(glob('src/**/*.ts', { cwd: root }))).map((file) => file.replaceAll('\\', '/'));
    const kept = files.filter((file) => !isTest(file));
    const imports = await Promise.all(
      kept.map(async (file) => importsOf(file, await readFile(join(root, file), 'utf8'))),
    );

    assert.ok(imports.flat().length > kept.length, 'hardly any import was found: is this test still reading them?');
    assert.deepEqual(
      imports.flat().flatMap((each) => complaint(each) ?? []),
      [],
    );
  });

  for (const [file, line, rule] of [
    ['src/model/a.ts', "import { b } from '../db/b.ts';", /model may look into nothing only/],
    ['src/db/a.ts', "import type { Connector } from '../connectors/kit/contract.ts';", /db may look into model only/],
    ['src/connectors/oneroster/a.ts', "export { b } from '../google-workspace/b.ts';", /its own files, \.\.\/kit\//],
    ['src/connectors/kit/a.ts', "import { b } from '../oneroster/b.ts';", /its own files, \.\.\/kit\//],
    [
      'src/simulators/oneroster/a.ts',
      "const b = await import('../../sync/b.ts');",
      /simulators may look into model only/,
    ],
    ['src/sync/a.ts', "import '../log.ts';", /sync may look into/],
    ['src/sync/a.ts', "import {\n  b,\n  type C,\n} from '../schema/b.ts';", /sync may look into/],
    ['src/server/a.ts', "import { b } from '../schema/test-gateway.ts';", /neither its tests/],
    ['src/demo/a.ts', "import { b } from '../main.ts';", /imported by nobody|demo may look into/],
    ['src/commands/a.ts', "import { readConfig } from '../config.ts';", /commands may look into/],
  ] as const) {
    it(`does not let ${file} say ${line.replace(/\s+/g, ' ')}`, () => {
      assert.match(importsOf(file, line).map(complaint).join(), rule);
    });
  }
});
