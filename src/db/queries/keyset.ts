/** Which part of a list a page wants: the items behind a place that never changes, so that inserts do not move it. */
export interface Keyset {
  /** The key of the last item already seen; null for the beginning. */
  readonly after: string | null;
  /** How many rows at most. */
  readonly limit: number;
  readonly descending: boolean;
}

/** How many items of a list one parent has. */
export interface CountOf {
  readonly parentId: string;
  readonly count: number;
}
