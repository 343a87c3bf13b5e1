/** Filters and sorts lists of records, and keeps what was made of a list for as long as the list lives. */
import type { CollectionName, Records } from '../district/records.ts';
import { RequestProblem } from './errors.ts';
import { comparison, valuesAt } from './fields.ts';
import { compileFilter, parseFilter } from './filter.ts';
import type { FilterSupport, OneRosterOptions, Version } from './options.ts';
import type { Wire } from './wire-parts.ts';

export type AnyRecord = Records[CollectionName];
export type RecordList = readonly AnyRecord[];

export interface Question {
  version: Version;
  collection: CollectionName;
  filter: string | null;
  sort: string | null;
  descending: boolean;
}

// Many different delta filters may be asked of a list that never changes.
const KEPT_PER_LIST = 20;
const BASE_FIELDS = new Set(['sourcedId', 'status', 'dateLastModified']);

const made = new WeakMap<RecordList, Map<string, RecordList>>();

/** What `make` makes of the list, made once for each key and list. */
export function keep(list: RecordList, key: string, make: () => RecordList): RecordList {
  const kept = made.get(list) ?? new Map<string, RecordList>();
  made.set(list, kept);
  const ready = kept.get(key);
  if (ready) return ready;

  if (kept.size >= KEPT_PER_LIST) kept.clear();
  const result = make();
  kept.set(key, result);
  return result;
}

/**
 * The records that pass the filter, in the order asked for; the same list when that is all of them in the order they
 * have. Throws a RequestProblem for what this server does not support.
 */
export function answerQuestion(
  list: RecordList,
  question: Question,
  write: (record: AnyRecord) => Wire,
  { filtering = 'full', sorting = 'full' }: Pick<OneRosterOptions, 'filtering' | 'sorting'>,
): RecordList {
  const filtered = filterList(list, question, write, filtering);
  const { version, collection, sort, descending } = question;
  if (sort === null || sorting === 'ignored') return filtered;
  if (sorting === 'refused') throw new RequestProblem(400, 'invaliddata', 'This server cannot sort');

  // 1.1 answers an unknown sort field in its own order, 1.2 has no word for it and refuses.
  if (comparison(version, collection, sort) === undefined) {
    if (version === '1.1') return filtered;
    throw new RequestProblem(400, 'invaliddata', `${collection} cannot be sorted by ${sort}`);
  }
  if (sort === 'sourcedId' && !descending) return filtered;
  return keep(filtered, `${version} sort ${sort} ${descending}`, () => sortList(filtered, sort, descending, write));
}

function filterList(
  list: RecordList,
  { version, collection, filter }: Question,
  write: (record: AnyRecord) => Wire,
  support: FilterSupport,
): RecordList {
  if (filter === null || filter === '' || support === 'ignored') return list;

  const parsed = parseFilter(filter);
  for (const { field } of parsed.expressions) {
    if (support === 'full' || (support !== 'refused' && support.includes(field))) continue;
    throw new RequestProblem(400, 'invalid_filter_field', `This server cannot filter ${collection} by ${field}`);
  }
  const passes = compileFilter(parsed, version, collection);
  // The base fields are called the same in the SIS and on the wire: no need to write a million records to look at one.
  const needsWire = parsed.expressions.some(({ field }) => !BASE_FIELDS.has(field));

  return keep(list, `${version} ${collection} filter ${filter}`, () => {
    const passed = list.filter((record) => passes(needsWire ? write(record) : record));
    return passed.length === list.length ? list : passed;
  });
}

function sortList(
  list: RecordList,
  field: string,
  descending: boolean,
  write: (record: AnyRecord) => Wire,
): RecordList {
  const keyed = list.map((record) => ({ record, key: valuesAt(write(record), field)[0] ?? '' }));
  const sign = descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -sign : sign;
    return a.record.sourcedId < b.record.sourcedId ? -1 : 1;
  });
  return keyed.map(({ record }) => record);
}
