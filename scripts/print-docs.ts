/**
 * Prints a page for each connector into `docs/connectors/` (`--write`), from its own declarations, and the list of the
 * engine's stories into their page, or fails when a page no longer says what the code says.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectors } from '../src/connectors/index.ts';
import { connectorPage } from './connector-page.ts';
import { scenarioPage } from './scenario-page.ts';

const folder = resolve(import.meta.dirname, '../docs/connectors');
const pages = new Map(connectors.map((connector) => [`${connector.id}.md`, connectorPage(connector)]));
const stories = resolve(import.meta.dirname, '../src/sync/scenarios');
const storyPage = join(stories, 'README.md');
const storiesTold = await readFile(storyPage, 'utf8');
const storiesNow = await scenarioPage(stories, storiesTold);
const present = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.md'));

if (process.argv.includes('--write')) {
  await mkdir(folder, { recursive: true });
  for (const [file, text] of pages) await writeFile(join(folder, file), text);
  await writeFile(storyPage, storiesNow);
  for (const file of present) if (!pages.has(file)) await rm(join(folder, file));
} else {
  const stale: string[] = [];
  for (const [file, text] of pages) {
    const printed = await readFile(join(folder, file), 'utf8').catch(() => '');
    if (printed !== text) stale.push(file);
  }
  stale.push(...present.filter((file) => !pages.has(file)));
  if (stale.length > 0) {
    process.stderr.write(`docs/connectors is stale (${stale.join(', ')}): run \`npm run generate:docs\`.\n`);
    process.exitCode = 1;
  }
  if (storiesNow !== storiesTold) {
    process.stderr.write('src/sync/scenarios/README.md is stale: run `npm run generate:docs`.\n');
    process.exitCode = 1;
  }
}
