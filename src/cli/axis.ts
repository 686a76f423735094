/** A mark on the horizontal axis. */
export interface Tick {
  /** Where it is, in rows from the first; a fraction between two rows. */
  readonly at: number;
  readonly label: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Milliseconds of ticks within days, which midnight is one of, and of ticks on days, which Monday is one of. */
const STEADY = [1, 5, 15, 30]
  .map((n) => n * MINUTE)
  .concat(
    [1, 3, 6, 12].map((n) => n * HOUR),
    [DAY, 7 * DAY],
  );
/** 1970 began on a Thursday. */
const MONDAY = -3 * DAY;
/** Months between ticks, of which January is one. */
const MONTHS = [1, 3, 6, ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((years) => 12 * years)];

/**
 * Ticks at the beginnings of years, months, days or hours: as many as fit.
 *
 * @param times of the rows, ascending
 * @param most ticks
 */
export function dateTicks(times: readonly number[], most: number): Tick[] {
  const [first, last] = [times[0]!, times.at(-1)!];
  if (times.length < 2 || !(last > first))
    return times.slice(0, 1).map((time) => ({ at: 0, label: labelOf(time, DAY) }));
  // Rows closer than ticks: no tick between two rows that are a month apart.
  const row = (last - first) / (times.length - 1);
  const steady = STEADY.find((step) => step >= row * 0.9 && (last - first) / step <= most);
  if (steady !== undefined) return placed(multiples(first, last, steady), times, steady);
  const [from, to] = [monthOf(first), monthOf(last)];
  const months = MONTHS.find((step) => step * 31 * DAY >= row && (to - from) / step <= most) ?? MONTHS.at(-1)!;
  const all: number[] = [];
  for (let month = Math.ceil(from / months) * months; month <= to; month += months)
    all.push(Date.UTC(1970, month - 12 * 1970));
  return placed(
    all.filter((time) => time >= first),
    times,
    months * 31 * DAY,
  );
}

/** Counted from the year 0, as centuries are. */
const monthOf = (time: number): number => 12 * new Date(time).getUTCFullYear() + new Date(time).getUTCMonth();

function multiples(first: number, last: number, step: number): number[] {
  const start = step > DAY ? MONDAY : 0;
  const all: number[] = [];
  for (let time = start + Math.ceil((first - start) / step) * step; time <= last; time += step) all.push(time);
  return all;
}

/** Ticks between the rows whose times are around theirs. */
function placed(ticks: readonly number[], times: readonly number[], step: number): Tick[] {
  let row = 0;
  return ticks.map((time) => {
    while (row + 1 < times.length && times[row + 1]! <= time) row++;
    const [before, after = before] = [times[row]!, times[row + 1]];
    const at = after > before ? row + (time - before) / (after - before) : row;
    return { at, label: labelOf(time, step) };
  });
}

/** As much of an ISO date as ticks so far apart need. */
function labelOf(time: number, step: number): string {
  const iso = new Date(time).toISOString().replace(/^\+0*/, "");
  const [date = "", clock = ""] = iso.split("T");
  if (step >= 365 * DAY) return date.slice(0, -6);
  if (step >= 28 * DAY) return date.slice(0, -3);
  return step >= DAY || clock.startsWith("00:00") ? date : clock.slice(0, 5);
}
