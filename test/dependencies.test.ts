/** What the project rests on, as package.json and the lock file tell it: pinned, run without scripts, and no more than is used. */
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { describe, it } from 'node:test';

const root = resolve(import.meta.dirname, '..');

interface Package {
  dependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

interface Locked {
  version: string;
  optionalDependencies?: Record<string, string>;
  hasInstallScript?: boolean;
}

const readJson = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(root, file), 'utf8'));
const project = (await readJson('package.json')) as Package;
const lock = (await readJson('package-lock.json')) as { packages: Record<string, Locked> };

/** Name and entry of each installed package, nested copies too. */
const locked = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length), ...entry }));

describe('the packages Homeroom rests on', () => {
  it('are pinned to one version each', () => {
    const all = { ...project.dependencies, ...project.optionalDependencies, ...project.devDependencies };
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    assert.deepEqual(loose, []);
  });

  it('bring Node 24 for every platform they bring it for', () => {
    const nodes = Object.entries(project.optionalDependencies).filter(([name]) => name.startsWith('node-'));
    assert.ok(nodes.length >= 4);
    for (const [name, version] of nodes) assert.match(version, /^24\./, name);
  });

  it('are all in the lock file, those of other platforms too, or npm ci refuses it: see scripts/complete-lock-file.ts', () => {
    const names = new Set(locked.map(({ name }) => name));
    const missing = locked.flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies).filter((name) => !names.has(name)),
    );
    assert.deepEqual(missing, []);
  });

  it('run no script when they are installed', () => {
    const withScript = new Set(locked.filter((entry) => entry.hasInstallScript).map(({ name }) => name));
    for (const name of withScript)
      assert.equal(project.allowScripts[name], false, `${name} would run an install script`);
  });

  it('hold one copy of graphql, of drizzle-orm and of zod: objects of two copies do not know each other', () => {
    for (const name of ['graphql', 'drizzle-orm', 'zod'])
      assert.equal(new Set(locked.filter((entry) => entry.name === name).map(({ version }) => version)).size, 1, name);
  });
});

describe('the product', () => {
  // SQL says "distinct from" of values.
  const bare = /(?<!distinct )\b(?:from\s+|import\s+|import\(\s*)'(?<name>(?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g;

  it('imports nothing that an installation without development packages lacks', async () => {
    const given = new Set([...Object.keys(project.dependencies), ...Object.keys(project.optionalDependencies)]);
    const missing: string[] = [];
    for await (const file of glob('src/**/*.ts', { cwd: root })) {
      if (/\.test\.ts$|^test-/.test(basename(file))) continue;
      // A type is gone at run time.
      const text = (await readFile(join(root, file), 'utf8')).replace(/^\s*(?:import|export) type\b[^;]*;/gm, '');
      for (const { groups } of text.matchAll(bare)) {
        const name = groups?.name ?? '';
        if (!given.has(name) && !name.startsWith('node:')) missing.push(`${file}: ${name}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('never loads all of googleapis, which costs a second and a hundred megabytes', async () => {
    for await (const file of glob('src/**/*.ts', { cwd: root })) {
      const text = (await readFile(join(root, file), 'utf8')).replace(/^\s*(?:import|export) type\b[^;]*;/gm, '');
      assert.doesNotMatch(text, /(?:from|import\()\s*'googleapis'/, file);
    }
  });
});
