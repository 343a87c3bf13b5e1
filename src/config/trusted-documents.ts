/** The documents that TRUSTED_DOCUMENTS leads to: files as graphql-codegen's client preset prints them, or operations as people write them. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { type Config, ConfigError } from '../config.ts';
import { parseJson } from './json.ts';

/** `persisted-documents.json`: each document by the hash of its text. */
const Printed = z.record(z.string(), z.string());

/**
 * The texts by their SHA-256. A directory gives all its `.json` and `.graphql` files, those of folders in it too; a `.graphql`
 * file is one document, taken as it is.
 *
 * @throws ConfigError when there is nothing, or something under another hash than its own.
 */
export async function loadTrustedDocuments({
  trustedDocuments,
}: Pick<Config, 'trustedDocuments'>): Promise<Map<string, string>> {
  const { path } = trustedDocuments;
  if (path === null) return new Map();
  const files = await filesAt(path);
  const texts = await Promise.all(files.map(documentsIn));

  return new Map(texts.flat());
}

async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return [path];
  const entries = found?.isDirectory() ? await readdir(path, { recursive: true }) : [];
  const files = entries.filter((name) => ['.json', '.graphql'].includes(extname(name))).sort();
  if (files.length === 0) throw problem(`there is no file and no folder with .json or .graphql files at ${path}`);

  return files.map((name) => join(path, name));
}

async function documentsIn(file: string): Promise<[hash: string, text: string][]> {
  const content = await readFile(file, 'utf8');
  if (extname(file) === '.graphql') return [[hashOf(content), content]];
  const printed = Printed.safeParse(parseJson(content));
  if (!printed.success) throw problem(`${file} is not a JSON object of documents by their hash`);
  const documents = Object.entries(printed.data);
  const wrong = documents.filter(([hash, text]) => hash !== hashOf(text));
  if (wrong.length > 0) {
    throw problem(
      `in ${file} ${wrong.length} of ${documents.length} documents are not under the SHA-256 of their text; ` +
        'with graphql-codegen set persistedDocuments.hashAlgorithm to "sha256"',
    );
  }

  return documents;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function problem(what: string): ConfigError {
  return new ConfigError([`TRUSTED_DOCUMENTS: ${what}.`]);
}
