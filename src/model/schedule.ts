/** When an integration syncs by itself: at the times of a cron expression, or once in each window, in local time. */

/** Local times of a day, `HH:MM`; `until` is later than `from`. */
export interface ScheduleWindow {
  from: string;
  until: string;
}

export type Schedule =
  | {
      kind: 'cron';
      /** Five fields: minute, hour, day of the month, month, day of the week. */
      cron: string;
      /** IANA name; absent: the school's. */
      timeZone?: string;
    }
  | {
      kind: 'windows';
      windows: readonly ScheduleWindow[];
      /** Days of the week, 1 (Monday) to 7; absent: all. */
      days?: readonly number[];
      timeZone?: string;
    };
