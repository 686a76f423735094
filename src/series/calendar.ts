import { InputError, OptionError } from "../common/errors.js";
import { cosPi } from "../common/exact-cosine.js";
import { show } from "../common/show.js";
import type { Frequency } from "../tables/frequency.js";

/** Features that are made from a date, each the sine and cosine of where the date lies in a cycle of the calendar. */
export const CALENDAR_FEATURES = ["minute", "hour", "weekday", "day", "month"] as const satisfies CalendarFeature[];
/** Where a date lies: in its hour, its day, its week, its month, its year. */
export type CalendarFeature = "minute" | "hour" | "weekday" | "day" | "month";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How long a cycle takes, and which share of it has passed at a date: from 0 to below 1. */
interface Cycle {
  readonly length: number;
  phase(time: number): number;
}

const between = (time: number, from: number, to: number): number => (time - from) / (to - from);

/** The phase in cycles of the same length, one of which begins at 0. */
const steady = (length: number, start = 0): Cycle => ({
  length,
  phase: (time) => ((((time - start) % length) + length) % length) / length,
});

const CYCLES: Readonly<Record<CalendarFeature, Cycle>> = {
  minute: steady(HOUR),
  hour: steady(DAY),
  // 1970 began on a Thursday.
  weekday: steady(7 * DAY, -3 * DAY),
  day: {
    length: (365.2425 / 12) * DAY,
    phase: (time) => {
      const [year, month] = [new Date(time).getUTCFullYear(), new Date(time).getUTCMonth()];
      return between(time, Date.UTC(year, month), Date.UTC(year, month + 1));
    },
  },
  month: {
    length: 365.2425 * DAY,
    phase: (time) => {
      const year = new Date(time).getUTCFullYear();
      return between(time, Date.UTC(year, 0), Date.UTC(year + 1, 0));
    },
  },
};

/**
 * The features that dates of a frequency have: of cycles that have two rows at least, and of which there are two at least.
 *
 * @param rows of the longest series
 * @throws InputError where no cycle is like that
 */
export function calendarFeatures(frequency: Frequency, rows: number): CalendarFeature[] {
  const { milliseconds, name } = frequency;
  const features = CALENDAR_FEATURES.filter((feature) => {
    const { length } = CYCLES[feature];
    return milliseconds <= length / 2 && milliseconds * rows >= 2 * length;
  });
  if (features.length > 0) return features;
  throw new InputError(
    `calendar: ${rows} training rows, ${name} apart, do not repeat an hour, a day, a week, a month or a year: ` +
      "leave `calendar` out",
  );
}

/** The columns of some features, [2 · features][times]: the sine and the cosine of each. */
export const calendarColumns = (times: Float64Array, features: readonly CalendarFeature[]): Float64Array[] =>
  features.flatMap((feature) => {
    const phases = times.map((time) => CYCLES[feature].phase(time));
    return [phases.map((phase) => cosine((phase + 0.75) % 1)), phases.map(cosine)];
  });

/** cos 2π · phase, for a phase from 0 to 1. */
const cosine = (phase: number): number => cosPi(phase > 0.5 ? 2 - 2 * phase : 2 * phase);

/** Checks features from a file. @throws OptionError for anything else */
export function checkFeatures(json: unknown): CalendarFeature[] {
  const isFeature = (one: unknown): one is CalendarFeature => CALENDAR_FEATURES.includes(one as CalendarFeature);
  if (Array.isArray(json) && json.every(isFeature) && new Set(json).size === json.length) return json;
  throw new OptionError("calendar", `some of ${CALENDAR_FEATURES.join(", ")}`, show(json));
}
