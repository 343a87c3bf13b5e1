/** Prints the public API into `schema.graphql` (`--write`), or fails when the file no longer says what the code says. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printedSchema } from '../src/schema/index.ts';

const file = resolve(import.meta.dirname, '../schema.graphql');
const printed = printedSchema();

if (process.argv.includes('--write')) {
  await writeFile(file, printed);
} else if ((await readFile(file, 'utf8').catch(() => '')) !== printed) {
  process.stderr.write(
    'schema.graphql is stale: run `npm run generate:schema`, and read what changed before you commit it.\n',
  );
  process.exitCode = 1;
}
