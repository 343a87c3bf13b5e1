/** Where the next reading of changes begins: the newest `dateLastModified` seen, in the server's own way to write it. */

/** A plain date, with or without seconds, fractions of any length and zone: all of them are about. */
const form =
  /^(?<day>\d{4}-\d{2}-\d{2})(?:(?<t>[T ])(?<hm>\d{2}:\d{2})(?::(?<s>\d{2})(?:\.(?<fraction>\d{1,9}))?)?)?(?<zone>Z|[+-]\d{2}:?\d{2})?$/i;

interface Moment {
  /** Milliseconds as the clock on the wall says, as if it stood in UTC. */
  wall: number;
  /** Milliseconds; without a zone taken for UTC. */
  instant: number;
  t: string | undefined;
  hasSeconds: boolean;
  fractionDigits: number;
  zone: string;
}

function parse(raw: string): Moment | undefined {
  const { day, t, hm = '00:00', s, fraction = '', zone = '' } = form.exec(raw)?.groups ?? {};
  if (day === undefined) return undefined;
  const wall = Date.parse(`${day}T${hm}:${s ?? '00'}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  if (Number.isNaN(wall)) return undefined;

  const [sign, hours, minutes] = [zone.slice(0, 1), zone.slice(1, 3), zone.slice(-2)];
  const offset = /^[+-]/.test(zone) ? (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000) : 0;
  return { wall, instant: wall - offset, t, hasSeconds: s !== undefined, fractionDigits: fraction.length, zone };
}

/** Milliseconds of a `dateLastModified`; undefined for what is none. */
export function instantOf(raw: string): number | undefined {
  return parse(raw)?.instant;
}

/** So many milliseconds earlier, in the same form, for servers that compare dates as text; undefined for what is none. */
export function earlier(raw: string, milliseconds: number): string | undefined {
  const moment = parse(raw);
  if (moment === undefined) return undefined;
  const { t, hasSeconds, fractionDigits, zone } = moment;
  const iso = new Date(moment.wall - milliseconds).toISOString();

  if (t === undefined) return iso.slice(0, 10) + zone;
  const fraction = fractionDigits === 0 ? '' : `.${iso.slice(20, 23).padEnd(9, '0').slice(0, fractionDigits)}`;
  return iso.slice(0, 10) + t + iso.slice(11, hasSeconds ? 19 : 16) + fraction + zone;
}

/**
 * The newest of the records' dates and of `newest`, as it was written; null while there was none that can be read. Most servers write UTC in one length, where comparing texts is comparing times; the others are parsed.
 */
export function newestOf(records: readonly unknown[], newest: string | null): string | null {
  let found = newest;
  for (const record of records) {
    const raw = (record as { dateLastModified?: unknown } | null)?.dateLastModified;
    if (typeof raw !== 'string' || raw === found) continue;
    if (found !== null && raw.length === found.length && isPlainUtc(raw) && isPlainUtc(found) && raw < found) continue;

    const instant = instantOf(raw);
    if (instant === undefined) continue;
    if (found === null || instant > (instantOf(found) ?? Number.NEGATIVE_INFINITY)) found = raw;
  }
  return found;
}

/** `2026-01-15T08:30:00.000Z`, or the same without the fraction. */
function isPlainUtc(raw: string): boolean {
  return raw.endsWith('Z') && raw.charCodeAt(10) === 84;
}
