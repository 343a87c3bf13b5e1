/** For the tables of planning: one of our records as the planner reads it, about which nothing is known there yet. */
import type { MirrorRow } from '../db/queries/engine/mirror.ts';

export const freshRow: MirrorRow = {
  recordId: '01900000-0000-7000-8000-000000000001',
  sourcedId: null,
  status: 'ACTIVE',
  selected: true,
  name: 'Biology',
  local: { title: 'Biology' },
  refs: {},
  linkState: null,
  key: null,
  base: null,
  external: null,
  decisions: null,
  blocker: null,
  handle: null,
  until: null,
  generation: null,
  stagedKey: null,
  staged: null,
  stagedRefs: null,
  gone: null,
  openConflict: false,
  twin: false,
  refused: false,
  overtaken: false,
};
