/** The rules of the house that no linter knows: short files, plain names, no machine's paths, links that lead somewhere. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

/** Everything that is, or is about to be, part of the project. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root })
  .toString()
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));

const texts = new Map(
  files.filter((file) => file !== 'package-lock.json').map((file) => [file, readFileSync(join(root, file), 'utf8')]),
);

const longest = 400;

/** Names that say nothing become the attic where everything ends up. */
const attics = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'services', 'misc', 'lib', 'shared', 'stuff']);

/** Somebody's home or a build machine's directory, as an absolute path. */
const machinePath = /(?:^|[\s'"`(=:])\/(?:home|Users|root|work|farm)\/[\w.-]+/m;

/** Scaffolding of ours that a clone does not have. */
const notPartOfAClone = /shared\/(?:design|reference)\b/;

/** `[words](target)`; code spans and blocks are taken out before. */
const link = /\[[^\]]*\]\(([^)\s]+)\)/g;

const findings: string[] = [];

for (const [file, text] of texts) {
  const lines = text.split('\n').length - 1;
  if (file.endsWith('.ts') && lines > longest)
    findings.push(`${file} has ${lines} lines: ${longest} are the most. Give its second job a file of its own.`);

  const attic = file.split('/').find((part) => attics.has(part.replace(/\.[a-z.]+$/, '').toLowerCase()));
  if (attic) findings.push(`${file}: "${attic}" says nothing about what is in it. Name it after its job.`);

  const path = machinePath.exec(text)?.[0] ?? notPartOfAClone.exec(text)?.[0];
  if (path) findings.push(`${file} names "${path.trim()}", which exists on one machine only.`);

  if (file.endsWith('.md')) findings.push(...brokenLinks(file, text));
}

function brokenLinks(file: string, text: string): string[] {
  const prose = text.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');

  return [...prose.matchAll(link)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? file : join(dirname(file), decodeURIComponent(path));
    if (!existsSync(join(root, found))) return [`${file} links to ${target}, which is not there.`];
    if (anchor === undefined || extname(found) !== '.md') return [];
    const headings = readFileSync(join(root, found), 'utf8').matchAll(/^#+ +(.*)$/gm);

    return [...headings].some(([, heading = '']) => anchorOf(heading) === anchor)
      ? []
      : [`${file} links to ${target}, but ${found} has no such heading.`];
  });
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

if (findings.length > 0) {
  process.stderr.write(`${findings.join('\n')}\n`);
  process.exitCode = 1;
}
