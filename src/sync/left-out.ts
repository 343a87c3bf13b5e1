/** Whom a provider has no room for: told, by name, with the record that was written without them. */
import { namesOf } from '../db/queries/engine/here.ts';
import type { SoughtRow } from '../db/queries/engine/mirror.ts';
import { shapeOf } from '../db/queries/engine/shape.ts';
import { look, type Work } from './engine.ts';
import { canonicalKeys, type Flow } from './flow.ts';

/** Details for the log's entry: code, message, remedy and `left`, the names in the order of the list. Empty: all are in. */
export async function leftOut(
  work: Work,
  flow: Flow,
  { refs }: SoughtRow,
  changed: readonly string[],
): Promise<Record<string, unknown>> {
  for (const [name, ref] of Object.entries(flow.stream.refs ?? {})) {
    const shape = flow.shape.refs.find((each) => each.ref === name);
    if (!ref.leftOut || !shape || !changed.includes(name)) continue;
    const known = (refs[name] ?? []).filter(({ key, state }) => key !== null && state !== 'EXCLUDED');
    const held = new Set(
      canonicalKeys(
        ref,
        known.flatMap(({ key }) => key ?? []),
      ),
    );
    const ids = known.filter(({ key }) => key !== null && !held.has(key)).map(({ id }) => id);
    if (ids.length === 0) continue;
    const names = await look(work, (tx) =>
      namesOf(tx, { tenantId: work.run.tenantId, shape: shapeOf(shape.entity) }, ids),
    );

    return { ...ref.leftOut, left: ids.flatMap((id) => names.get(id) ?? []) };
  }

  return {};
}
