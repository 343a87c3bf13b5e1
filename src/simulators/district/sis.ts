/** The SIS behind a simulator: a district whose records can change, with the bookkeeping a SIS does of when they did. */
import type { CollectionName, District, Records } from './records.ts';

/** A record as it is handed in: the store dates it. */
export type Given<C extends CollectionName> = Omit<Records[C], 'dateLastModified'> & { dateLastModified?: string };

export interface Sis {
  /** The time it stamps changes with. */
  now(): Date;
  /** Goes up with every change. */
  revision(): number;
  /**
   * All records, also those marked `tobedeleted`, ordered by sourcedId; none while the collection is hidden. A list that
   * was handed out never changes: after a change there is a new list, so that what was made of one can be kept with it.
   */
  records<C extends CollectionName>(collection: C): readonly Records[C][];
  find<C extends CollectionName>(collection: C, sourcedId: string): Records[C] | undefined;
  /**
   * Adds or replaces a record and stamps it with the time of the clock, or with `changedAt`, which may be any text: some
   * systems write dates nobody can read.
   */
  put<C extends CollectionName>(collection: C, record: Given<C>, changedAt?: string): Records[C];
  /** Changes some fields of a record. Throws when there is no such record. */
  change<C extends CollectionName>(collection: C, sourcedId: string, changes: Partial<Records[C]>): Records[C];
  /** Marks a record `tobedeleted`. Throws when there is no such record. */
  remove<C extends CollectionName>(collection: C, sourcedId: string): Records[C];
  /** Takes a record away without leaving a trace. Throws when there is no such record. */
  vanish(collection: CollectionName, sourcedId: string): void;
  /** Puts these records, dated as they are, in place of the whole collection. */
  replaceCollection<C extends CollectionName>(collection: C, records: readonly Records[C][]): void;
  /** Serves the collection as empty until `show`: what a lost permission or a roll-over looks like from outside. */
  hide(collection: CollectionName): void;
  show(collection: CollectionName): void;
}

interface Shelf<R extends { sourcedId: string }> {
  byId: Map<string, R>;
  /** Ordered by sourcedId; made when first asked for. */
  ordered: R[] | undefined;
  /** Somebody holds `ordered`: the next change makes a copy. */
  handedOut: boolean;
  hidden: boolean;
}

const NOTHING: readonly never[] = [];

type Shelves = { [C in CollectionName]: Shelf<Records[C]> };

/** A SIS that starts with the district's records. It never changes them: a changed record is a new one in its place. */
export function createSis(district: District, clock: { now(): Date }): Sis {
  const shelves: Shelves = {
    orgs: makeShelf(district.orgs),
    academicSessions: makeShelf(district.academicSessions),
    courses: makeShelf(district.courses),
    classes: makeShelf(district.classes),
    users: makeShelf(district.users),
    enrollments: makeShelf(district.enrollments),
    demographics: makeShelf(district.demographics),
  };
  let revision = 0;
  // The compiler cannot see that a name picks shelf and record of the same kind.
  const shelfOf = <C extends CollectionName>(collection: C) => shelves[collection] as unknown as Shelf<Records[C]>;

  const need = <C extends CollectionName>(collection: C, sourcedId: string): Records[C] => {
    const record = shelfOf(collection).byId.get(sourcedId);
    if (!record) throw new RangeError(`The SIS has no ${sourcedId} in ${collection}`);
    return record;
  };

  const sis: Sis = {
    now: () => clock.now(),
    revision: () => revision,
    records: (collection) => {
      const shelf = shelfOf(collection);
      if (shelf.hidden) return NOTHING;
      shelf.ordered ??= [...shelf.byId.values()].sort((a, b) => (a.sourcedId < b.sourcedId ? -1 : 1));
      shelf.handedOut = true;
      return shelf.ordered;
    },
    find: (collection, sourcedId) => shelfOf(collection).byId.get(sourcedId),

    put: (collection, record, changedAt = clock.now().toISOString()) => {
      const stored = { ...record, dateLastModified: changedAt } as Records[typeof collection];
      store(shelfOf(collection), stored);
      revision += 1;
      return stored;
    },
    change: (collection, sourcedId, changes) => sis.put(collection, { ...need(collection, sourcedId), ...changes }),
    remove: (collection, sourcedId) => sis.put(collection, { ...need(collection, sourcedId), status: 'tobedeleted' }),
    vanish: (collection, sourcedId) => {
      need(collection, sourcedId);
      takeOut(shelfOf(collection), sourcedId);
      revision += 1;
    },
    replaceCollection: (collection, records) => {
      const shelf = shelfOf(collection);
      shelf.byId = new Map(records.map((record) => [record.sourcedId, record]));
      shelf.ordered = undefined;
      revision += 1;
    },
    hide: (collection) => {
      shelves[collection].hidden = true;
      revision += 1;
    },
    show: (collection) => {
      shelves[collection].hidden = false;
      revision += 1;
    },
  };
  return sis;
}

function makeShelf<R extends { sourcedId: string }>(records: readonly R[]): Shelf<R> {
  return {
    byId: new Map(records.map((record) => [record.sourcedId, record])),
    ordered: undefined,
    handedOut: false,
    hidden: false,
  };
}

/** Where the id stands in the ordered list, or would stand. */
function placeOf(ordered: readonly { sourcedId: string }[], sourcedId: string): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle]?.sourcedId ?? '') < sourcedId) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ordered list, if there is one, in a copy that may be changed. */
function ownList<R extends { sourcedId: string }>(shelf: Shelf<R>): R[] | undefined {
  if (shelf.ordered && shelf.handedOut) shelf.ordered = [...shelf.ordered];
  shelf.handedOut = false;
  return shelf.ordered;
}

function store<R extends { sourcedId: string }>(shelf: Shelf<R>, record: R): void {
  const isNew = !shelf.byId.has(record.sourcedId);
  shelf.byId.set(record.sourcedId, record);
  const ordered = ownList(shelf);
  ordered?.splice(placeOf(ordered, record.sourcedId), isNew ? 0 : 1, record);
}

function takeOut<R extends { sourcedId: string }>(shelf: Shelf<R>, sourcedId: string): void {
  shelf.byId.delete(sourcedId);
  const ordered = ownList(shelf);
  ordered?.splice(placeOf(ordered, sourcedId), 1);
}
