/** Which planned operations wait for a person. Pure: numbers in, sentences out. */

import { defaultSettings } from '../model/school-settings.ts';
import type { Draft } from './plan.ts';

/** What a run plans for one stream, against what was there before. */
export interface Tally {
  stream: string;
  /** For sentences: "enrollments". */
  title: string;
  /** Records mirrored before this run. */
  mirrored: number;
  /** How many of these an absence could be told of, where that is not all: sessions that have not begun. */
  atStake?: number;
  /** The stream was read whole, so that an empty answer means empty. */
  readWhole: boolean;
  /** Records the pull answered. */
  pulled: number;
  removals: number;
  /** Mirrored records in which a value would be replaced by another; one that was empty is only filled. */
  changed: number;
  /** … and of these, the ones whose key field (a person's e-mail address) is replaced. */
  keyChanged: number;
}

/** See `SchoolSettings`. */
export interface GuardLimits {
  removalShare: number;
  removalMax: number;
  keyFieldShare: number;
}

export interface Hold {
  stream: string;
  /** Only the removals wait, or everything planned for the stream. */
  what: 'removals' | 'everything';
  reason: string;
}

/** Few removals pass where ten or more are mirrored: a class of twelve may lose three. */
const alwaysPass = { removals: 3, mirrored: 10 };

/** Below this many links "all changed" is ordinary. */
const manyLinks = 20;

/**
 * The streams that must wait, each with a sentence a person can decide on. An empty source stops its whole run.
 * `removed`: by stream, what was removed in the last 24 hours without a person's approval; it counts as if it were
 * removed now, so that a source that loses a few in each run is caught too.
 */
export function guard(
  tallies: readonly Tally[],
  limits: GuardLimits = defaultSettings,
  removed: ReadonlyMap<string, number> = new Map(),
): readonly Hold[] {
  const empty = tallies.filter((tally) => tally.readWhole && tally.pulled === 0 && atStake(tally) > 0);
  if (empty.length > 0) {
    const reason = `The complete list of ${join(empty.map((tally) => tally.title))} came back empty, while ${sum(empty)} are mirrored here.`;
    return tallies.map(({ stream }) => ({ stream, what: 'everything', reason }));
  }

  return tallies.flatMap(
    (tally) => holdOfChanges(tally, limits) ?? holdOfRemovals(tally, limits, removed.get(tally.stream) ?? 0) ?? [],
  );
}

function holdOfChanges({ stream, title, mirrored, changed, keyChanged }: Tally, limits: GuardLimits): Hold | null {
  if (mirrored < manyLinks) return null;
  if (changed >= mirrored) {
    return { stream, what: 'everything', reason: `All ${mirrored} ${title} have changed at once.` };
  }
  if (keyChanged <= mirrored * limits.keyFieldShare) return null;
  const reason = `The e-mail addresses of ${keyChanged} of ${mirrored} ${title} have changed at once.`;

  return { stream, what: 'everything', reason };
}

function holdOfRemovals(tally: Tally, limits: GuardLimits, removed: number): Hold | null {
  const { stream, title, removals } = tally;
  if (removals === 0) return null;
  const before = atStake(tally) + removed;
  const all = removals + removed;
  if (before >= alwaysPass.mirrored && all <= alwaysPass.removals) return null;
  if (all <= Math.min(before * limits.removalShare, limits.removalMax)) return null;
  const earlier = removed > 0 ? `, after ${removed} in the last 24 hours` : '';

  return { stream, what: 'removals', reason: `${removals} of ${atStake(tally)} ${title} would be removed${earlier}.` };
}

/** Does this change replace what stands here? Filling what was empty, as a newly mapped field does, loses nothing. */
export function replaces(change: Pick<Draft, 'kind' | 'before'>, field?: string): boolean {
  if (change.kind !== 'update' || !change.before) return false;
  const values = field === undefined ? Object.values(change.before) : [change.before[field] ?? null];

  return values.some((value) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0));
}

function sum(tallies: readonly Tally[]): number {
  return tallies.reduce((total, tally) => total + atStake(tally), 0);
}

/** What is over cannot be lost, so it must not make a loss look small either. */
function atStake(tally: Tally): number {
  return tally.atStake ?? tally.mirrored;
}

function join(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
