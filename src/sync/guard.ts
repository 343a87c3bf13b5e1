/** Which planned operations wait for a person. Pure: numbers in, sentences out. */

/** What a run plans for one stream, against what was there before. */
export interface Tally {
  stream: string;
  /** For sentences: "enrollments". */
  title: string;
  /** Records mirrored before this run. */
  mirrored: number;
  /** The stream was read whole, so that an empty answer means empty. */
  readWhole: boolean;
  /** Records the pull answered. */
  pulled: number;
  removals: number;
  /** Mirrored records that differ. */
  changed: number;
  /** … and of these, the ones whose key field (a person's e-mail address) differs. */
  keyChanged: number;
}

export interface GuardLimits {
  /** Share of the mirrored records whose removal waits. */
  removalShare: number;
  /** Number of removals that wait whatever the share. */
  removalMax: number;
}

/** Architecture, section 5: comparable products stop at 500 objects, at about 10 %, or on an empty listing. */
export const defaultLimits: GuardLimits = { removalShare: 0.1, removalMax: 500 };

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

const keyFieldShare = 0.3;

/** The streams that must wait, each with a sentence a person can decide on. An empty source stops its whole run. */
export function guard(tallies: readonly Tally[], limits: GuardLimits = defaultLimits): readonly Hold[] {
  const empty = tallies.filter((tally) => tally.readWhole && tally.pulled === 0 && tally.mirrored > 0);
  if (empty.length > 0) {
    const reason = `The complete list of ${join(empty.map((tally) => tally.title))} came back empty, while ${sum(empty)} are mirrored here.`;
    return tallies.map(({ stream }) => ({ stream, what: 'everything', reason }));
  }

  return tallies.flatMap((tally) => holdOf(tally, limits) ?? []);
}

function holdOf(tally: Tally, limits: GuardLimits): Hold | null {
  const { stream, title, mirrored, removals, changed, keyChanged } = tally;
  if (mirrored >= manyLinks && changed >= mirrored) {
    return { stream, what: 'everything', reason: `All ${mirrored} ${title} have changed at once.` };
  }
  if (mirrored >= manyLinks && keyChanged > mirrored * keyFieldShare) {
    return {
      stream,
      what: 'everything',
      reason: `The e-mail addresses of ${keyChanged} of ${mirrored} ${title} have changed at once.`,
    };
  }
  if (mirrored >= alwaysPass.mirrored && removals <= alwaysPass.removals) return null;
  const most = Math.min(mirrored * limits.removalShare, limits.removalMax);
  if (removals <= most) return null;

  return { stream, what: 'removals', reason: `${removals} of ${mirrored} ${title} would be removed.` };
}

function sum(tallies: readonly Tally[]): number {
  return tallies.reduce((total, tally) => total + tally.mirrored, 0);
}

function join(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
