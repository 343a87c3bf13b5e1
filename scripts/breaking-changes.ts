/** Fails when `schema.graphql` takes something away that the newest release promised. Before a first release nothing is promised. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSchema, findBreakingChanges } from 'graphql';

const root = resolve(import.meta.dirname, '..');
const git = (...args: string[]) =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

/** The newest release before this commit; null where there is none. */
const release = git('tag', '--list', 'v*', '--merged', 'HEAD', '--sort=-version:refname').split('\n')[0] || null;

if (release !== null) {
  const promised = buildSchema(git('show', `${release}:schema.graphql`));
  const present = buildSchema(readFileSync(resolve(root, 'schema.graphql'), 'utf8'));
  const broken = findBreakingChanges(promised, present);
  for (const { description } of broken) process.stderr.write(`Since ${release}: ${description}\n`);
  if (broken.length > 0) process.exitCode = 1;
}
