/** Numbers and habits of the engine that a school may set itself. */

/** Local dates, `YYYY-MM-DD`, both included. */
export interface Blackout {
  from: string;
  until: string;
}

/** What a school has set; what is absent takes the default. */
export interface SchoolSettings {
  /** Share of mirrored records whose removal waits for a person, 0 to 1. */
  removalShare?: number;
  /** Number of removals that wait for a person whatever the share. */
  removalMax?: number;
  /** Share of mirrored records whose key field may change at once, 0 to 1. */
  keyFieldShare?: number;
  /** The first plan of a destination waits until a person has approved it. */
  previewFirst?: boolean;
  /** Days on which no schedule starts a run: the year's rollover, holidays. */
  blackouts?: readonly Blackout[];
}

/** Comparable products stop at 500 objects, at about 10 %, or on an empty listing. */
export const defaultSettings = {
  removalShare: 0.1,
  removalMax: 500,
  keyFieldShare: 0.3,
  previewFirst: true,
  blackouts: [],
} as const satisfies Required<SchoolSettings>;
