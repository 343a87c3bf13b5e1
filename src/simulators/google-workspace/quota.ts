// Google's quota counters: calls of the last minute, per user and per project.
import type { SimulatorClock } from '../kit/clock.ts';
import type { Api } from './errors.ts';

export interface QuotaNumbers {
  /** Calls a minute of one user in one project. */
  readonly perUser: number;
  /** Calls a minute of one project; none where Google states none. */
  readonly perProject?: number;
}

export type Quota = Readonly<Record<Api, QuotaNumbers>>;

/** What Google's usage-limit pages state for the Classroom API and the Directory API. */
export const GOOGLE_QUOTA: Quota = {
  classroom: { perUser: 1_200, perProject: 3_000 },
  directory: { perUser: 2_400 },
};

export interface QuotaCounters {
  /** Counts a call and says whether it is within the quota; a refused call is not counted. */
  admit(api: Api, userId: string, project: string): boolean;
  /** Forgets all calls. */
  reset(): void;
  /** Sets other numbers, or none at all. */
  set(quota: Quota | 'off'): void;
}

const WINDOW_SECONDS = 60;

/** Counters that go by the simulator's clock. */
export function createQuota(clock: SimulatorClock, initial: Quota | 'off'): QuotaCounters {
  let quota = initial;
  const windows = new Map<string, Window>();

  const windowOf = (name: string) => {
    const window = windows.get(name) ?? { seconds: [], total: 0 };
    windows.set(name, window);
    forget(window, Math.floor(clock.now().getTime() / 1_000) - WINDOW_SECONDS);
    return window;
  };

  return {
    admit: (api, userId, project) => {
      if (quota === 'off') return true;

      const { perUser, perProject = Infinity } = quota[api];
      const ofUser = windowOf(`${api} ${project} ${userId}`);
      const ofProject = windowOf(`${api} ${project}`);
      if (ofUser.total >= perUser || ofProject.total >= perProject) return false;

      const second = Math.floor(clock.now().getTime() / 1_000);
      count(ofUser, second);
      count(ofProject, second);
      return true;
    },
    reset: () => windows.clear(),
    set: (next) => {
      quota = next;
    },
  };
}

interface Window {
  /** Calls by second, oldest first. */
  readonly seconds: { second: number; calls: number }[];
  total: number;
}

function forget(window: Window, upTo: number): void {
  while (window.seconds[0] !== undefined && window.seconds[0].second <= upTo) {
    window.total -= window.seconds.shift()?.calls ?? 0;
  }
}

function count(window: Window, second: number): void {
  const last = window.seconds.at(-1);
  if (last?.second === second) last.calls += 1;
  else window.seconds.push({ second, calls: 1 });
  window.total += 1;
}
