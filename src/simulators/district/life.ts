/** The district goes on living: small believable changes, picked by a seed and applied to a SIS. */
import { happenings, type LifeEvent, lifeEvents } from './life-events.ts';
import { type Place, picksFor } from './life-picks.ts';
import { createRandom } from './random.ts';
import type { CollectionName } from './records.ts';
import type { Sis } from './sis.ts';

export interface LifeChange {
  event: LifeEvent;
  /** What happened, in a sentence. */
  summary: string;
  /** The records that are different now, in the order in which they changed. */
  changed: { collection: CollectionName; sourcedId: string }[];
}

/** Makes one such change happen, in one place or anywhere. Throws a RangeError when nobody there can be part of it. */
export type Life = Record<LifeEvent, (place?: Place) => LifeChange> & {
  /** Any of them; students who change class are the most usual. */
  next(place?: Place): LifeChange;
};

const WEIGHTS: Record<LifeEvent, number> = {
  studentMoves: 9,
  studentJoins: 3,
  studentLeaves: 2,
  classRenamed: 2,
  teacherReplaced: 2,
  personRenamed: 2,
};

/** The same seed on the same records makes the same things happen. */
export function startLife(sis: Sis, seed: string | number): Life {
  const random = createRandom(`life of ${seed}`);
  const picks = picksFor(sis, random);
  const lots = lifeEvents.flatMap((event) => Array<LifeEvent>(WEIGHTS[event]).fill(event));

  const make =
    (event: LifeEvent) =>
    (place: Place = {}): LifeChange => {
      const changed: LifeChange['changed'] = [];
      const note = (collection: CollectionName, { sourcedId }: { sourcedId: string }) => {
        changed.push({ collection, sourcedId });
      };
      const summary = happenings[event]({ sis, random, picks, place, note });
      return { event, summary, changed };
    };

  return {
    studentMoves: make('studentMoves'),
    studentJoins: make('studentJoins'),
    studentLeaves: make('studentLeaves'),
    classRenamed: make('classRenamed'),
    teacherReplaced: make('teacherReplaced'),
    personRenamed: make('personRenamed'),
    next: (place) => make(random.pick(lots))(place),
  };
}
