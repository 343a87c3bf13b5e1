/** The list of the engine's stories, from the titles and first sentences of their folders. */
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const begin = '<!-- Printed from the folders by `npm run generate:docs`: change it there. -->';

/** The page with its list as the folders have it; what stands before the list is written by hand. */
export async function scenarioPage(folder: string, written: string): Promise<string> {
  const readmes = (await Array.fromAsync(glob('*/README.md', { cwd: folder }))).sort();
  const lines = await Promise.all(
    readmes.map(async (file) => {
      const [title = '', ...text] = (await readFile(join(folder, file), 'utf8')).trim().split('\n\n');
      return `- [${title.replace(/^# /, '')}](${dirname(file)}/README.md): ${firstSentence(text.join(' '))}`;
    }),
  );
  const [kept = ''] = written.split(begin);

  return `${kept}${begin}\n\n${lines.length} stories.\n\n${lines.join('\n')}\n`;
}

function firstSentence(text: string): string {
  const line = text.replaceAll('\n', ' ');

  return /^.*?[.?!](?= |$)/.exec(line)?.[0] ?? line;
}
