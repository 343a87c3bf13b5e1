/** How a destination's stream is asked of the database: which records, and what their references look like out there. */

import type { Selection } from '../connectors/kit/contract.ts';
import type { MirrorScope } from '../db/queries/engine/mirror.ts';
import type { Filter } from '../db/queries/engine/selection.ts';
import { type Engine, flowNamed, type Work } from './engine.ts';
import type { Flow } from './flow.ts';

/** As much of a run as its scopes depend on. */
export interface Mirroring extends Pick<Work, 'flows' | 'settings'> {
  engine: Pick<Engine, 'clock'>;
  run: { tenantId: string; schoolId: string; integrationId: string; id: string | null };
}

export function mirrorScope(work: Mirroring, flow: Flow, onlySought: boolean): MirrorScope {
  const { run } = work;
  const refs = flow.shape.refs.flatMap((ref) => {
    const declared = flow.stream.refs?.[ref.ref];
    if (!declared) return [];
    const { stream, container = false, missing, unordered = false } = declared;
    const filter = filterOf(work, flowNamed(work, stream));
    const compared = flow.merged.includes(ref.ref);
    const silentWhenEmpty = flow.stream.born !== 'both';
    return [{ ref, stream, filter, container, needed: missing === 'wait', compared, unordered, silentWhenEmpty }];
  });

  const { selects } = flow.stream;

  return {
    tenantId: run.tenantId,
    schoolId: run.schoolId,
    integrationId: run.integrationId,
    runId: run.id,
    stream: flow.name,
    shape: flow.shape,
    filter: filterOf(work, flow),
    refs,
    fields: flow.merged.filter((name) => name in flow.stream.fields),
    sameByRefs: refs.length > 0 && flow.merged.length === 0,
    onlySought,
    // Elsewhere few leave, and to look at all of them twice would cost more.
    parks: selects?.window !== undefined && selects.leaving === 'park' && refs.every(({ needed }) => !needed),
  };
}

function filterOf(work: Mirroring, flow: Flow): Filter {
  const selection = flow.stream.selects as unknown as Selection<Record<string, unknown>> | undefined;
  const { window, namedBy } = selection ?? {};
  const now = work.engine.clock.now();
  const naming = namedBy && flowNamed(work, namedBy.stream);
  const where = Object.entries(selection?.where ?? {}).flatMap(([field, values]) => (values ? [[field, values]] : []));

  return {
    where: Object.fromEntries(where),
    needs: selection?.needs ?? [],
    termAt: selection?.currentTerms?.(work.settings) ? now : null,
    window: window ? { ...window, days: window.days(work.settings), at: now, stream: flow.name } : null,
    namedBy: naming ? { ref: namedBy.ref, shape: naming.shape, filter: filterOf(work, naming) } : null,
  };
}
