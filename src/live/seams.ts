/** Places at which somebody came to a stream that others followed already: what is told together lies on one side of each. */
import { comparePlaces, type Place } from '../db/queries/activity.ts';

export interface Seams {
  add(place: Place): void;
  /** Whether one lies behind `first` and before `next`, or at `first`. Ask in the order of the stream: what lies before `first` is forgotten. */
  between(first: Place, next: Place): boolean;
}

export function createSeams(): Seams {
  /** In order, each once. */
  const places: Place[] = [];

  return {
    add(place) {
      const before = places.findLastIndex((known) => comparePlaces(known, place) <= 0);
      const known = places[before];
      if (known === undefined || comparePlaces(known, place) < 0) places.splice(before + 1, 0, place);
    },
    between(first, next) {
      while (places[0] !== undefined && comparePlaces(places[0], first) < 0) places.shift();
      return places[0] !== undefined && comparePlaces(places[0], next) < 0;
    },
  };
}
