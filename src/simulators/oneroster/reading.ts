/** Answers the reads of the API: collections page by page, and single records. */

import type { CollectionName } from '../district/records.ts';
import type { Sis } from '../district/sis.ts';
import type { Answer } from '../kit/exchange.ts';
import type { Endpoint } from './endpoints.ts';
import { RequestProblem } from './errors.ts';
import { isField } from './fields.ts';
import { type AnyRecord, answerQuestion, keep, type RecordList } from './lists.ts';
import type { OneRosterOptions, Version } from './options.ts';
import { pageHeaders, readPage } from './paging.ts';
import { type Quirk, recordRewrite } from './quirks.ts';
import { remember } from './source.ts';
import type { View } from './view.ts';
import { createWriter } from './wire.ts';
import type { Wire } from './wire-parts.ts';

/** What a request asks, once it is known who asks and where. */
export interface Reading {
  endpoint: Endpoint;
  version: Version;
  /** Path of the version: `/ims/oneroster/v1p1`. */
  base: string;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  origin: string;
  /** Path of the collection, for links. */
  path: string;
  view: View;
}

interface Reader {
  collection(reading: Reading): Answer;
  single(reading: Reading): Answer;
  /** Renders all pages of a collection and keeps the bytes for whoever asks for exactly these pages. */
  prerender(reading: Reading): Buffer[];
}

type Tools = Pick<OneRosterOptions, 'pageCap' | 'filtering' | 'sorting'> & { quirks: ReadonlySet<Quirk>; sis: Sis };

/** The reader of one simulator. */
export function createReader(tools: Tools): Reader {
  const { quirks, sis, pageCap } = tools;
  const rewrite = recordRewrite(quirks);
  const pages = new WeakMap<RecordList, Map<string, Buffer>>();
  const childrenIn = { orgs: remember(childIndex), academicSessions: remember(childIndex) };

  const writerFor = ({ version, base, origin, view }: Reading, quirky: boolean) => {
    const write = createWriter({
      version,
      baseUrl: origin + base,
      childrenOf: (collection, id) => childrenIn[collection](view.records(collection)).get(id) ?? [],
      rewrite: quirky ? rewrite : undefined,
    });
    return (collection: CollectionName) => (record: AnyRecord) => write(collection, record);
  };

  const listFor = (reading: Reading): RecordList => {
    const { endpoint, version, params, query, view } = reading;
    const { collection, select, parent } = endpoint;
    const parentId = parent && params[parent.parameter];
    if (quirks.has('unknown-parent-404') && parent && !view.find(parent.collection, parentId ?? '')) {
      throw new RequestProblem(404, 'unknownobject', `There is no ${parentId}`);
    }
    const all: RecordList = view.records(collection);
    const choose = () => all.filter(select?.(params, view) ?? (() => true));
    // What stands below another record depends on more than its own list, so it is looked for each time.
    const chosen = select === undefined ? all : parent ? choose() : keep(all, endpoint.name, choose);
    const question = {
      version,
      collection,
      filter: query.get('filter'),
      sort: query.get('sort'),
      descending: query.get('orderBy') === 'desc',
    };
    return answerQuestion(chosen, question, writerFor(reading, false)(collection), tools);
  };

  const renderPage = (reading: Reading, list: RecordList, { offset, limit }: { offset: number; limit: number }) => {
    const { endpoint, version, query } = reading;
    const write = writerFor(reading, true)(endpoint.collection);
    const select = fieldSelection(query.get('fields'), version, endpoint.collection);
    const records = list.slice(offset, offset + limit).map((record) => select(write(record)));
    return { [envelopeOf(endpoint, quirks)]: records };
  };

  const pageKey = ({ endpoint, base, origin, query }: Reading, offset: number, limit: number) =>
    [origin, base, endpoint.name, offset, limit, query.get('fields')].join(' ');

  return {
    collection: (reading) => {
      const { query, origin, path } = reading;
      const page = readPage(query, pageCap, quirks);
      const list = listFor(reading);
      const headers = pageHeaders(page, list.length, { url: origin + path, query, quirks, revision: sis.revision() });
      const bytes = pages.get(list)?.get(pageKey(reading, page.offset, page.limit));
      return { status: 200, headers, ...(bytes ? { bytes } : { json: renderPage(reading, list, page) }) };
    },

    single: (reading) => {
      const { endpoint, version, params, query, view } = reading;
      const { collection, select, single = 'id' } = endpoint;
      const id = params[single] ?? '';
      const record = view.find(collection, id);
      if (!record || !(select?.(params, view)(record) ?? true)) {
        throw new RequestProblem(404, 'unknownobject', `There is no ${id}`);
      }
      const fields = fieldSelection(query.get('fields'), version, collection);
      return { status: 200, json: { [endpoint.envelope]: fields(writerFor(reading, true)(collection)(record)) } };
    },

    prerender: (reading) => {
      const list = listFor(reading);
      const { limit } = readPage(reading.query, pageCap, quirks);
      const kept = pages.get(list) ?? new Map<string, Buffer>();
      pages.set(list, kept);
      const starts = Array.from({ length: Math.ceil(list.length / limit) }, (_, i) => i * limit);
      return starts.map((offset) => {
        const key = pageKey(reading, offset, limit);
        const bytes = kept.get(key) ?? Buffer.from(JSON.stringify(renderPage(reading, list, { offset, limit })));
        kept.set(key, bytes);
        return bytes;
      });
    },
  };
}

function childIndex(list: readonly { sourcedId: string; parentSourcedId?: string | undefined }[]) {
  const index = new Map<string, string[]>();
  for (const { sourcedId, parentSourcedId } of list) {
    if (parentSourcedId === undefined) continue;
    index.set(parentSourcedId, [...(index.get(parentSourcedId) ?? []), sourcedId]);
  }
  return index;
}

function envelopeOf({ path, envelope }: Endpoint, quirks: ReadonlySet<Quirk>): string {
  if (quirks.has('wrong-envelope')) return envelope === 'orgs' ? 'school' : 'data';
  return quirks.has('path-envelope') ? path.slice(path.lastIndexOf('/') + 1) : envelope;
}

/** Keeps the fields asked for; without `fields`, all. Throws a RequestProblem when one of them does not exist. */
function fieldSelection(fields: string | null, version: Version, collection: CollectionName): (wire: Wire) => Wire {
  if (fields === null) return (wire) => wire;

  const names = fields.split(',').map((name) => name.trim());
  if (names.includes('')) {
    const codeMinor = version === '1.1' ? 'invalid_blank_selection_field' : 'invalid_selection_field';
    throw new RequestProblem(400, codeMinor, 'A field to select has no name');
  }
  const unknown = names.find((name) => !isField(version, collection, name));
  if (unknown !== undefined) {
    throw new RequestProblem(400, 'invalid_selection_field', `${collection} have no field ${unknown}`);
  }
  return (wire) => Object.fromEntries(names.map((name) => [name, wire[name]]));
}
