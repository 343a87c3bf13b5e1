/**
 * What a schedule has due, decided by nothing but its arguments, so that a test can live through a year.
 *
 * A schedule names local times. Each comes once a day: a time in the hour that is skipped in spring comes right after it, a
 * time in the hour that is doubled in autumn comes in its first pass.
 */
import { Cron } from 'croner';
import type { Schedule, ScheduleWindow } from '../model/schedule.ts';

/** One time at which a schedule starts a run. */
export interface Slot {
  /** The same for whoever looks: the window's local date and beginning, or the instant of a cron expression. */
  name: string;
  dueAt: Date;
  /** From then on it is too late; null for a cron expression, which is never too late. */
  closesAt: Date | null;
  /** Its local date, `YYYY-MM-DD`. */
  day: string;
}

export interface Due {
  /** To be started now, by one run. Two windows can be open at once only in the night that skips an hour. */
  open: readonly Slot[];
  /** Windows that passed while nobody looked, oldest first. */
  missed: readonly Slot[];
  /** When to look again; null when the schedule never comes again. */
  next: Date | null;
}

export interface Timing {
  schedule: Schedule;
  /** The school's; the schedule's own goes before it. */
  timeZone: string;
  /** 0 to less than 1: how far into each window it starts, so that not all schools start at once. */
  spread: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Further back nothing is told singly: the process was away for long, and everybody knows. */
const memoryMs = 14 * dayMs;

/** `since`: the first time that nobody has looked at yet. */
export function due(timing: Timing, since: Date, now: Date): Due {
  const next = slotAfter(timing, now);
  const nothing = { open: [], missed: [], next: next?.dueAt ?? null };
  if (since > now) return nothing;
  if (timing.schedule.kind === 'cron') return { ...nothing, open: latest(timing, since, now) };

  const passed: Slot[] = [];
  const from = new Date(Math.max(since.getTime(), now.getTime() - memoryMs));
  for (const slot of slotsFrom(timing, from)) {
    if (slot.dueAt > now) break;
    passed.push(slot);
  }
  const isOpen = (slot: Slot) => slot.closesAt !== null && slot.closesAt > now;

  return { ...nothing, open: passed.filter(isOpen), missed: passed.filter((slot) => !isOpen(slot)) };
}

/** The first time a schedule comes after an instant; null when it never does. */
export function slotAfter(timing: Timing, now: Date): Slot | null {
  for (const slot of slotsFrom(timing, now)) if (slot.dueAt > now) return slot;

  return null;
}

/** Expressions that come every minute are searched an hour back, those that come once a year a little over a year. */
const lookback = [dayMs / 24, dayMs, 32 * dayMs, 400 * dayMs];

/** However often it was missed, a cron expression runs once: for the latest time. */
function latest(timing: Timing, since: Date, now: Date): Slot[] {
  for (const back of lookback) {
    const from = new Date(Math.max(since.getTime(), now.getTime() - back));
    let found: Slot | null = null;
    for (const slot of slotsFrom(timing, from)) {
      if (slot.dueAt > now) break;
      found = slot;
    }
    if (found || from <= since) return found ? [found] : [];
  }

  return [];
}

/** From an instant on, in order. */
function* slotsFrom(timing: Timing, from: Date): Generator<Slot> {
  const zone = timing.schedule.timeZone ?? timing.timeZone;
  // A moment earlier, for what comes at the end of a skipped hour is named by local times before it.
  const start = wallOf(new Date(from.getTime() - 1), zone);
  const slots =
    timing.schedule.kind === 'cron' ? cronSlots(timing.schedule.cron, zone, start) : windowSlots(timing, zone, start);
  for (const slot of slots) if (slot.dueAt >= from) yield slot;
}

function* cronSlots(expression: string, zone: string, start: Date): Generator<Slot> {
  const pattern = new Cron(expression, { timezone: 'UTC', paused: true });
  let last = 0;
  for (let wall = pattern.nextRun(start); wall; wall = pattern.nextRun(wall)) {
    const dueAt = instantOf(wall, zone);
    // All times of the skipped hour come at its end, and that is one run.
    if (dueAt.getTime() === last) continue;
    last = dueAt.getTime();
    yield { name: dueAt.toISOString(), dueAt, closesAt: null, day: dateOf(wall) };
  }
}

function* windowSlots({ schedule, spread }: Timing, zone: string, start: Date): Generator<Slot> {
  if (schedule.kind !== 'windows') return;
  const windows = schedule.windows.toSorted((left, right) => left.from.localeCompare(right.from));
  const days = new Set(schedule.days ?? [1, 2, 3, 4, 5, 6, 7]);
  for (let date = new Date(`${dateOf(start)}T00:00Z`); ; date = new Date(date.getTime() + dayMs)) {
    if (!days.has(date.getUTCDay() || 7)) continue;
    for (const window of windows) yield windowSlot(dateOf(date), window, zone, spread);
  }
}

/** So many minutes before a window closes nothing starts any more: what starts last should end within it too. */
const timeToFinish = 30;

function windowSlot(day: string, window: ScheduleWindow, zone: string, spread: number): Slot {
  const [from, until] = [window.from, window.until].map((time) => new Date(`${day}T${time}Z`)) as [Date, Date];
  const opensAt = instantOf(from, zone);
  const end = instantOf(until, zone);
  // A window that lies in the skipped hour is as long as on any other day, right after it.
  const closesAt = end > opensAt ? end : new Date(opensAt.getTime() + until.getTime() - from.getTime());
  const minutes = (closesAt.getTime() - opensAt.getTime()) / 60_000;
  const startable = Math.max(minutes - timeToFinish, minutes / 2);
  const dueAt = new Date(opensAt.getTime() + Math.floor(startable * spread) * 60_000);

  return { name: `${day} ${window.from}`, dueAt, closesAt, day };
}

/** A local time, written as if it were UTC, as an instant: the first of two; the end of the gap for one that is skipped. */
function instantOf(wall: Date, zone: string): Date {
  const found = new Cron(wall.toISOString().slice(0, 19), { timezone: zone, paused: true }).nextRun(new Date(0));
  if (!found) throw new RangeError(`${wall.toISOString()} does not come in ${zone}.`);
  if (wallOf(found, zone).getTime() === wall.getTime()) return found;

  return instantOf(new Date(wall.getTime() + 60_000), zone);
}

/** What the clocks of a zone show at an instant, written as if it were UTC. */
function wallOf(instant: Date, zone: string): Date {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
  const read = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';

  return new Date(
    `${read('year')}-${read('month')}-${read('day')}T${read('hour')}:${read('minute')}:${read('second')}Z`,
  );
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  clocks.set(zone, made);

  return made;
}

function dateOf(wall: Date): string {
  return wall.toISOString().slice(0, 10);
}
