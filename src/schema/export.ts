import { countExportsOfSchools, type ExportRow, exportsByIds, exportsOfSchools } from '../db/queries/export.ts';
import { type ExportStatus, exportStatusAt, isExportOpen } from '../model/export.ts';
import { builder } from './builder.ts';
import { childConnection } from './child-connection.ts';
import { orderInput, pageArgs } from './connection.ts';
import type { Context } from './context.ts';
import { EntityType } from './entity.ts';
import { rawId } from './ids.ts';
import { globalId, Node, registerNode } from './node.ts';
import { RecordStatus } from './record.ts';
import { School } from './school.ts';

const nullable = true;

const ExportStatusEnum = builder.enumType('ExportStatus', {
  description: 'Where an export stands.',
  values: {
    PENDING: { description: 'Nobody has fetched it yet.' },
    RUNNING: { description: 'It is being fetched, or a transfer broke off and can be resumed.' },
    COMPLETED: { description: 'It was handed over to its end; it can be fetched again until `expiresAt`.' },
    FAILED: { description: '`statusReason` says why; ask for a new one.' },
    CANCELLED: { description: 'Somebody ended it.' },
    EXPIRED: { description: 'Its time was over before it was handed over to its end.' },
  } as const satisfies Record<ExportStatus, { description: string }>,
});

const ExportProgress = builder.simpleObject('ExportProgress', {
  description: 'How much of an export has been handed over, in records.',
  fields: (t) => ({
    completed: t.int({ description: 'Records handed over, with those before the place where a transfer was resumed.' }),
    total: t.int({
      nullable,
      description:
        'Records there were when the first transfer began, which may be some more or less in the end; null before.',
    }),
  }),
});

const ExportDownload = builder.simpleObject('ExportDownload', {
  description: 'Where to fetch an export as JSON Lines.',
  fields: (t) => ({
    url: t.string({
      description:
        'Where to fetch it, without a key. With `?after=` and the `cursor` of the last whole line it goes on behind that.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'Until when the address works: an hour; ask for another one.',
    }),
  }),
});

/** Whose exports the caller sees: their own; who looks after the tenant sees all of them (null). */
export function askerSeen({ identity, has }: Pick<Context, 'identity' | 'has'>): string | null {
  return has('tenant:admin') ? null : identity.actor.id;
}

export const Export = builder.loadableObject('Export', {
  description:
    'A school’s records as lines of JSON, to be fetched once through a link and followed with `rosterChanged` from then on. Seen by who asked for it, and with the scope `tenant:admin`.',
  interfaces: [Node],
  load: (ids: string[], context: Context): Promise<ExportRow[]> =>
    context.read((db) => exportsByIds(db, ids, askerSeen(context))),
  toKey: (row) => row.id,
  sort: true,
  fields: (t) => ({
    id: t.id(globalId('Export')),
    school: t.field({ type: School, description: 'Whose records.', resolve: (row) => row.schoolId }),
    status: t.field({
      type: ExportStatusEnum,
      description: 'Where it stands.',
      resolve: (row, _args, { deps }) => exportStatusAt(row, deps.clock.now()),
    }),
    statusReason: t.string({
      nullable,
      description: 'Why it cannot be fetched to its end, in one sentence; null unless FAILED.',
      resolve: ({ status }) =>
        status === 'FAILED' ? 'Whoever asked for it may not read all that is in it any more.' : null,
    }),
    entityTypes: t.field({
      type: [EntityType],
      description: 'The kinds of records in it, in this order.',
      resolve: ({ entities }) => [...entities],
    }),
    recordStatus: t.field({
      type: [RecordStatus],
      description: 'It has records in these states.',
      resolve: (row) => [...row.recordStatus],
    }),
    updatedSince: t.expose('updatedSince', {
      type: 'DateTime',
      nullable,
      description: 'It has records that changed in Homeroom then or later; null: whenever they did.',
    }),
    contactDetails: t.exposeBoolean('contacts', {
      description: 'Whether contact details are in it: whoever asked has the scope `pii:read`.',
    }),
    liveCursor: t.exposeString('liveCursor', {
      description:
        'A place in the stream of events, taken before anything of it was read: follow `rosterChanged` after it, within 24 hours, and nothing is missed.',
    }),
    progress: t.field({ type: ExportProgress, description: 'How much has been handed over.', resolve: (row) => row }),
    download: t.field({
      type: ExportDownload,
      nullable,
      description: 'Where to fetch it; null for who did not ask for it, and when it is FAILED, CANCELLED or over.',
      resolve: (row, _args, { deps, identity }) =>
        row.askedBy === identity.actor.id && isExportOpen(row, deps.clock.now())
          ? deps.exports.link({ tenantId: identity.tenantId, schoolId: row.schoolId, id: row.id }, row.expiresAt)
          : null,
    }),
    requestedBy: t.exposeString('askerName', { description: 'The name of whoever asked for it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable,
      description: 'When it was first fetched; null before.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable,
      description: 'When it was first handed over to its end, or ended; null until then.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when it can be fetched.' }),
  }),
});

registerNode(Export);

builder.queryField('export', (t) =>
  t.field({
    type: Export,
    nullable,
    description: 'One export; null when it is not there or not yours to see.',
    authScopes: { scope: 'roster:read' },
    args: { id: t.arg.id({ required: true, description: 'The export’s id.' }) },
    resolve: (_root, { id }) => rawId('Export', id),
  }),
);

const ExportConnection = builder.connectionObject(
  { type: Export, name: 'ExportConnection', description: 'A page of exports.' },
  { name: 'ExportEdge', description: 'An export in a list.' },
);

const ExportFilter = builder.inputType('ExportFilter', {
  description: 'Which exports to list.',
  fields: (t) => ({ status: t.field({ type: [ExportStatusEnum], description: 'In one of these states.' }) }),
});

const ExportOrder = orderInput('Export', { CREATED_AT: { description: 'When it was asked for.' } });

builder.objectField(School, 'exports', (t) =>
  t.field({
    type: ExportConnection,
    description:
      'Exports of the school’s records, newest first unless told otherwise: your own, and with the scope `tenant:admin` everybody’s. Kept for 90 days.',
    authScopes: { scope: 'roster:read' },
    args: {
      ...pageArgs,
      filter: t.arg({ type: ExportFilter, description: 'Which exports; left out: all.' }),
      orderBy: t.arg({ type: ExportOrder, description: 'In which order; left out: newest first.' }),
    },
    resolve: (school, { filter, orderBy, ...args }, context, info) => {
      const askedBy = askerSeen(context);
      const wanted = { askedBy, status: filter?.status ?? undefined, now: context.deps.clock.now() };

      return childConnection<ExportRow>(context, info, school, {
        name: 'exports',
        args,
        descending: orderBy?.direction !== 'ASC',
        key: (row) => row.id,
        parentOf: (row) => row.schoolId,
        load: (db, ids, page) => exportsOfSchools(db, ids, page, wanted),
        count: (db, ids) => countExportsOfSchools(db, ids, wanted),
      });
    },
  }),
);
