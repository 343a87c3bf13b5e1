/**
 * Adds to `package-lock.json` what npm left out because the registry it asked did not have it: packages for platforms other
 * than this one. Without them `npm ci` refuses the file. Run it after `npm install` behind a mirror that is not complete;
 * with a complete lock file it does nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

interface Entry {
  version?: string;
  dev?: true;
  optional?: true;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const file = resolve(import.meta.dirname, '../package-lock.json');
const lock = JSON.parse(await readFile(file, 'utf8')) as { packages: Record<string, Entry> };
const systems = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32']);
const processors = new Set(['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']);

/** What a platform package says of itself, as far as its name tells; npm installs it nowhere else. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/);
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : words.includes('gnu') ? 'glibc' : null;

  return {
    os: words.filter((word) => systems.has(word)),
    cpu: words.filter((word) => processors.has(word)),
    ...(libc && { libc: [libc] }),
  };
}

const added: string[] = [];
for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`;
    const platform = platformOf(name);
    if (lock.packages[path] || !platform.os?.length || !/^\d/.test(version)) continue;
    lock.packages[path] = { version, ...platform, ...(dev && { dev }), optional: true };
    added.push(name);
  }
}

if (added.length > 0) {
  const [root, ...rest] = Object.entries(lock.packages);
  const sorted = rest.sort(([left], [right]) => left.localeCompare(right, 'en'));
  lock.packages = Object.fromEntries(root ? [root, ...sorted] : sorted);
  await writeFile(file, `${JSON.stringify(lock, null, 2)}\n`);
}
process.stdout.write(`${added.length} packages added.\n`);
