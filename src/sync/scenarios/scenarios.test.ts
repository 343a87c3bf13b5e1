/** Every folder here is a story; each is told against a real database, in a school of its own. */
import { glob } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freshDatabase, type TestDatabase } from '../../../test/harness/database.ts';
import type { Story } from './test-story.ts';
import { tell } from './test-teller.ts';

const files = (await Array.fromAsync(glob('*/story.ts', { cwd: import.meta.dirname }))).sort();

describe('the story of', { concurrency: 2 }, () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(() => database.drop());

  for (const file of files) {
    it(basename(dirname(file)).replaceAll('-', ' '), async () => {
      const { story } = (await import(`./${file}`)) as { story: Story };
      await tell(story, database);
    });
  }
});
