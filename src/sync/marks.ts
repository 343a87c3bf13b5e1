/** What a copy out there carries beside its content: whose it says it is, and why it must not be touched any more. */
import type { Blocker } from '../connectors/kit/contract.ts';
import type { Values } from '../model/entities.ts';
import type { Flow } from './flow.ts';

export interface Marks {
  /** What it carries of ours: the id of our record, or the one its source knows it by. */
  ours: string | null;
  update: Blocker | null;
  remove: Blocker | null;
}

/** Marks travel with the staged values, under a name that no field can have. */
const place = '#marks';

/** JSON of the values as they are staged. Content is compared and hashed without marks. */
export function withMarks(flow: Flow, wire: unknown, values: string): string {
  const { ours, closed } = flow.stream;
  if (flow.stream.born === 'there' || (!ours && !closed)) return values;

  const marks: Marks = {
    ours: ours?.(wire) ?? null,
    update: closed?.(wire, 'update') ?? null,
    remove: closed?.(wire, 'remove') ?? null,
  };
  const entry = `"${place}":${JSON.stringify(marks)}`;
  return values === '{}' ? `{${entry}}` : `${values.slice(0, -1)},${entry}}`;
}

/** The staged values and the marks, apart again. */
export function partMarks(staged: Values): { values: Values; marks: Marks } {
  const { [place]: marks, ...values } = staged as Values & { [place]?: Marks };

  return { values, marks: marks ?? { ours: null, update: null, remove: null } };
}
