/** Work that equal subscriptions have in common: whoever comes first does it, for all of them. */

/**
 * Answers what `work` answers: or what an equal subscription, that came with the same key a moment ago, got or is about to
 * get. Work that fails is tried again by whoever comes next. The signal that `work` gets aborts when nobody is left who
 * wants its answer.
 */
export type Once = <T>(key: string, work: (unwanted: AbortSignal) => Promise<T>) => Promise<T>;

export interface Share {
  readonly once: Once;
  /** Ends the membership; what it has begun goes on for those that are left. */
  leave(): void;
}

export interface Shares {
  /**
   * Joins all that have the same `kind`, which has to say everything that an answer depends on and its key does not:
   * above all, whose rights it was made with.
   */
  join(kind: string): Share;
}

export interface ShareOptions {
  /** Milliseconds that an answer is kept at least, and at most twice as long. */
  readonly keptMs?: number;
  /** Answers of one kind that are kept at most: of the last ones twice as many. */
  readonly most?: number;
  /** Bytes of answers that are to be sent, likewise. */
  readonly mostBytes?: number;
}

/** What came before the last turn is forgotten at the next. */
interface Kept {
  readonly answers: Map<string, Promise<unknown>>;
  bytes: number;
}

interface Group {
  members: number;
  readonly empty: AbortController;
  young: Kept;
  old: Kept;
  turning: NodeJS.Timeout | undefined;
}

const none = (): Kept => ({ answers: new Map(), bytes: 0 });
const start = (): Group => {
  return { members: 0, empty: new AbortController(), young: none(), old: none(), turning: undefined };
};

/** The defaults hold what a member that is a little behind still wants, and no more of a school's data than a moment's. */
export function createShares({ keptMs = 1_000, most = 32, mostBytes = 4_000_000 }: ShareOptions = {}): Shares {
  const groups = new Map<string, Group>();

  function turn(group: Group): void {
    clearTimeout(group.turning);
    group.turning = undefined;
    group.old = group.young;
    group.young = none();
    if (group.old.answers.size > 0) arm(group);
  }

  function arm(group: Group): void {
    group.turning ??= setTimeout(turn, keptMs, group).unref();
  }

  function begin<T>(group: Group, key: string, work: (unwanted: AbortSignal) => Promise<T>): Promise<T> {
    if (group.young.answers.size >= most || group.young.bytes >= mostBytes) turn(group);
    const kept = group.young;
    const answer = work(group.empty.signal);
    kept.answers.set(key, answer);
    arm(group);
    answer.then(
      (value) => {
        if (Buffer.isBuffer(value)) kept.bytes += value.length;
      },
      () => kept.answers.delete(key),
    );
    return answer;
  }

  return {
    join(kind) {
      const group = groups.get(kind) ?? start();
      groups.set(kind, group);
      group.members += 1;
      const left = new AbortController();

      return {
        once<T>(key: string, work: (unwanted: AbortSignal) => Promise<T>): Promise<T> {
          // Who is alone keeps nothing.
          if (group.members === 1) return work(left.signal);
          const known = group.young.answers.get(key) ?? group.old.answers.get(key);
          return (known as Promise<T> | undefined) ?? begin(group, key, work);
        },
        leave() {
          if (left.signal.aborted) return;
          left.abort();
          group.members -= 1;
          if (group.members > 0) return;
          groups.delete(kind);
          group.empty.abort();
          clearTimeout(group.turning);
        },
      };
    },
  };
}
