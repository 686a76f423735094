import { InputError } from "../common/errors.js";
import { DATE_PRECISIONS, type DatePrecision, formatDate, utc } from "./dates.js";

const DAY = 86_400_000;
/** Milliseconds of the units that a step is told in. */
const UNITS: readonly (readonly [name: string, length: number])[] = [
  ["week", 7 * DAY],
  ["day", DAY],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
];

/** What a frequency counts in: whole months, working days (Monday to Friday), or milliseconds. */
export type FrequencyUnit = "month" | "working day" | "millisecond";

/** A frequency as JSON. */
export interface FrequencyDescription {
  /** What it counts in. */
  readonly unit: FrequencyUnit;
  /** Units from one row to the next. */
  readonly step: number;
  /** How finely dates are written. */
  readonly precision: DatePrecision;
  /** Whether all dates are the last day of their month. */
  readonly isMonthEnd: boolean;
}

/** The constant step between the dates of a series: dates ↔ whole numbers. */
export class Frequency implements FrequencyDescription {
  constructor(
    /** What it counts in. */
    readonly unit: FrequencyUnit,
    /** Units from one row to the next. */
    readonly step: number,
    /** How finely dates are written. */
    readonly precision: DatePrecision,
    /** Whether all dates are the last day of their month. */
    readonly isMonthEnd = false,
  ) {}

  /** Where a date is, in units from 1970; a fraction where it is not on one. */
  position(time: number): number {
    if (this.unit === "millisecond") return time;
    if (this.unit === "working day") return workingDay(time);
    return monthOf(time);
  }

  /** The date that lies `steps` steps after another. */
  after(time: number, steps: number): number {
    const { unit, step } = this;
    if (unit === "millisecond") return time + steps * step;
    if (unit === "working day") return dayOfWorkingDay(workingDay(time) + steps * step) + mod(time, DAY);
    const date = new Date(time);
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + steps * step];
    const last = utc(year, month + 1, 0);
    // The 30th of January is followed by the last day of February.
    const same = utc(year, month, date.getUTCDate());
    return (this.isMonthEnd ? last : Math.min(same, last)) + mod(time, DAY);
  }

  /** From one row to the next, about: months and working days are unequal. */
  get milliseconds(): number {
    return this.step * { month: (365.2425 / 12) * DAY, "working day": (7 / 5) * DAY, millisecond: 1 }[this.unit];
  }

  /** Such as "1 month" or "15 minutes". */
  get name(): string {
    const { unit, step } = this;
    if (unit === "month") return step % 12 === 0 ? plural(step / 12, "year") : plural(step, "month");
    if (unit === "working day") return plural(step, unit);
    const [name, length] = UNITS.find(([, length]) => step % length === 0)!;
    return plural(step / length, name);
  }

  /** A date as the series has it. */
  format(time: number): string {
    return formatDate(time, this.precision);
  }

  /** The frequency as JSON. */
  toJSON(): FrequencyDescription {
    const { unit, step, precision, isMonthEnd } = this;
    return { unit, step, precision, isMonthEnd };
  }
}

const plural = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? "" : "s"}`;
const mod = (a: number, b: number): number => ((a % b) + b) % b;
const monthOf = (time: number): number => {
  const date = new Date(time);
  return 12 * (date.getUTCFullYear() - 1970) + date.getUTCMonth();
};

/** 1970 began on a Thursday: days from the Monday of that week. */
const sinceMonday = (time: number): number => Math.floor(time / DAY) + 3;
const workingDay = (time: number): number => {
  const days = sinceMonday(time);
  return 5 * Math.floor(days / 7) + mod(days, 7);
};
const dayOfWorkingDay = (day: number): number => (7 * Math.floor(day / 5) + mod(day, 5) - 3) * DAY;

/**
 * The step with which the dates of some series are spaced: the most frequent one, of which all others are multiples.
 *
 * @param series dates in ascending order, without repetitions
 * @returns undefined for dates that have no such step, or no two dates
 */
export function inferFrequency(series: readonly Float64Array[], precision: DatePrecision): Frequency | undefined {
  const all = series.flatMap((times) => Array.from(times));
  const isMonthly = all.every((time) => new Date(time).getUTCDate() === new Date(all[0]!).getUTCDate());
  const isMonthEnd = !isMonthly && all.every((time) => new Date(time + DAY).getUTCDate() === 1);
  const clock = mod(all[0] ?? 0, DAY);
  const sameClock = all.every((time) => mod(time, DAY) === clock);
  if (sameClock && (isMonthly || isMonthEnd) && (precision !== "time" || all.length > 2)) {
    const step = commonStep(series.map((times) => times.map(monthOf)));
    if (step !== undefined) return new Frequency("month", step, precision, isMonthEnd);
  }
  const isWorkingDay = (time: number) => mod(sinceMonday(time), 7) < 5;
  if (sameClock && all.every(isWorkingDay) && new Set(all.map((time) => mod(sinceMonday(time), 7))).size === 5) {
    const step = commonStep(series.map((times) => times.map(workingDay)));
    if (step === 1) return new Frequency("working day", step, precision);
  }
  const step = commonStep(series);
  return step === undefined ? undefined : new Frequency("millisecond", step, precision);
}

/** The most frequent difference between neighbors, if all of them are multiples of it. */
function commonStep(series: readonly Float64Array[]): number | undefined {
  const counts = new Map<number, number>();
  for (const positions of series)
    for (let i = 1; i < positions.length; i++) {
      const difference = positions[i]! - positions[i - 1]!;
      counts.set(difference, (counts.get(difference) ?? 0) + 1);
    }
  let [step, most] = [0, 0];
  for (const [difference, count] of counts)
    if (count > most || (count === most && difference < step)) [step, most] = [difference, count];
  return step > 0 && [...counts.keys()].every((difference) => difference % step === 0) ? step : undefined;
}

/** Dates that are missing between the rows of a series. */
export interface Gap {
  /** The row behind the gap. */
  readonly row: number;
  /** How many dates are missing before it. */
  readonly count: number;
}

/** The gaps in a series' dates. */
export function gapsIn(times: Float64Array, frequency: Frequency): Gap[] {
  const gaps: Gap[] = [];
  for (let row = 1; row < times.length; row++) {
    const steps = (frequency.position(times[row]!) - frequency.position(times[row - 1]!)) / frequency.step;
    if (steps > 1) gaps.push({ row, count: steps - 1 });
  }
  return gaps;
}

/**
 * A frequency from its description.
 *
 * @throws InputError for anything else
 */
export function frequencyFrom(description: unknown): Frequency {
  const { unit, step, precision, isMonthEnd } = Object(description) as FrequencyDescription;
  const isKnown = ["month", "working day", "millisecond"].includes(unit) && DATE_PRECISIONS.includes(precision);
  if (!isKnown || !(Number.isFinite(step) && step > 0) || typeof isMonthEnd !== "boolean")
    throw new InputError("the frequency of the dates is not one that this version writes");
  return new Frequency(unit, step, precision, isMonthEnd);
}
