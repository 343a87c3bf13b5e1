/** OneRoster's scopes of rostering, and what each lets a client read. */
import type { Version } from './options.ts';

export const scopeNames = ['roster-core.readonly', 'roster.readonly', 'roster-demographics.readonly'] as const;
export type ScopeName = (typeof scopeNames)[number];

export interface GrantedScope {
  version: Version;
  name: ScopeName;
}

/** What kind of reading an endpoint is: plain collections and singles, collections below others, demographics. */
export type Reading = 'core' | 'nested' | 'demographics';

const PATH_VERSIONS: Record<Version, string> = { '1.1': 'v1p1', '1.2': 'v1p2' };
const SUFFICIENT: Record<Reading, readonly ScopeName[]> = {
  core: ['roster-core.readonly', 'roster.readonly'],
  nested: ['roster.readonly'],
  demographics: ['roster-demographics.readonly'],
};

/** The scope as a client writes it: `https://purl.imsglobal.org/spec/or/v1p2/scope/roster.readonly`. */
export function scopeUrl({ version, name }: GrantedScope): string {
  return `https://purl.imsglobal.org/spec/or/${PATH_VERSIONS[version]}/scope/${name}`;
}

/** Reads a scope, or undefined when it is none of rostering. */
export function readScope(text: string): GrantedScope | undefined {
  for (const version of ['1.1', '1.2'] as const) {
    const name = scopeNames.find((one) => scopeUrl({ version, name: one }) === text);
    if (name) return { version, name };
  }
  return undefined;
}

/** Whether one of the granted scopes lets its owner do this reading in this version. */
export function mayRead(granted: readonly GrantedScope[], version: Version, reading: Reading): boolean {
  return granted.some((scope) => scope.version === version && SUFFICIENT[reading].includes(scope.name));
}
