import { InputError, OptionError } from "../common/errors.js";
import { quote } from "../common/show.js";

/** How finely a column of dates is written. */
export type DatePrecision = "year" | "quarter" | "month" | "day" | "time";
/** All of them, the coarsest first. */
export const DATE_PRECISIONS: readonly DatePrecision[] = ["year", "quarter", "month", "day", "time"];

/** Dates as numbers. */
export interface Dates {
  /** Milliseconds since 1970 began, UTC. A date without a time zone counts as UTC. */
  readonly times: Float64Array;
  readonly precision: DatePrecision;
}

/** A way to read dates: undefined for a text that it cannot read. */
interface Reading {
  readonly name: string;
  readonly precision: DatePrecision;
  read(text: string): number | undefined;
}

const DAY = 86_400_000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH = "(?<name>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\\.?";
const YEAR = "(?<y>\\d{4})";
const CLOCK =
  "(?:[T ]+(?<H>\\d{1,2})[:-](?<M>\\d{2})(?:[:-](?<S>\\d{2}(?:[.,]\\d+)?))?\\s*(?<half>[ap]m)?\\s*(?<zone>Z|UTC|[+-]\\d{2}:?\\d{2})?)?";

/** Fields of a date, as the named groups of an expression. */
type Fields = Readonly<Record<string, string | undefined>>;

/** As Date.UTC, which takes the years 0 to 99 for those of the last century. */
export const utc = (year: number, month: number, day: number): number => new Date(0).setUTCFullYear(year, month, day);

function timeOf({ y, m = "1", d = "1", q, name, H = "0", M = "0", S = "0", half, zone }: Fields): number | undefined {
  const year = Number(y);
  const month = q ? 3 * Number(q) - 2 : name ? MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1 : Number(m);
  const day = Number(d);
  const hour = half ? (Number(H) % 12) + (half.toLowerCase() === "pm" ? 12 : 0) : Number(H);
  const seconds = Number(S.replace(",", "."));
  const time = utc(year, month - 1, day);
  const date = new Date(time);
  // It makes the 1st of March of the 30th of February.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (hour > 24 || Number(M) > 59 || seconds >= 61) return undefined;
  return time + ((hour * 60 + Number(M)) * 60 + seconds) * 1000 - offsetOf(zone);
}

/** +05:30 in milliseconds. */
function offsetOf(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? "") ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
}

function reading(name: string, pattern: string, precision: DatePrecision): Reading {
  const expression = new RegExp(`^${pattern}$`, "i");
  return {
    name,
    precision,
    read(text) {
      const { groups } = expression.exec(text) ?? {};
      return groups && timeOf(groups);
    },
  };
}

/** Dates with or without a time of day. */
const dayReadings = (name: string, pattern: string): Reading[] => [
  reading(name, pattern, "day"),
  reading(name, pattern + CLOCK, "time"),
];

const since1970 = (name: string, unit: number): Reading => ({
  name,
  precision: "time",
  read: (text) => (/^-?\d+(\.\d+)?$/.test(text) && isDate(Number(text) * unit) ? Number(text) * unit : undefined),
});

/** Three fields with the same separator twice. */
const fields = (first: string, second: string, third: string): string =>
  `${first}(?<separator>[-/.])${second}\\k<separator>${third}`;
const D = "(?<d>\\d{1,2})";
const M = "(?<m>\\d{1,2})";

const YMD = dayReadings("ymd", fields(YEAR, M, D));
const DMY = dayReadings("dmy", fields(D, M, YEAR));
const MDY = dayReadings("mdy", fields(M, D, YEAR));
/** ISO 8601: week 1 is the one with the year's first Thursday. A week without a day stands for its Monday. */
function timeOfWeek(text: string): number | undefined {
  const [, y, w, day = "1"] = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/i.exec(text) ?? [];
  if (y === undefined) return undefined;
  const mondayOf = (year: number) => {
    const fourth = Date.UTC(year, 0, 4);
    return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY;
  };
  const first = mondayOf(Number(y));
  const monday = first + (Number(w) - 1) * 7 * DAY;
  return monday >= first && monday < mondayOf(Number(y) + 1) ? monday + (Number(day) - 1) * DAY : undefined;
}

/** What nobody takes for anything but a date. */
const PLAIN: readonly Reading[] = [
  ...YMD,
  reading("month", `${YEAR}[-/]${M}`, "month"),
  reading("month", `${M}[-/]${YEAR}`, "month"),
  reading("quarter", `${YEAR}[- ]?Q(?<q>[1-4])`, "quarter"),
  reading("quarter", `Q(?<q>[1-4])[- ]?${YEAR}`, "quarter"),
  { name: "week", precision: "day", read: timeOfWeek },
  ...dayReadings("day, month by name", `${D}[-. ]+${MONTH}[-, ]+${YEAR}`),
  ...dayReadings("month by name, day", `${MONTH}[- ]+${D}(?:st|nd|rd|th)?,?[- ]+${YEAR}`),
  reading("month by name", `${MONTH}[-,/ ]+${YEAR}`, "month"),
  reading("month by name", `${YEAR}[-/ ]+${MONTH}`, "month"),
];
/** What is a date only in a column that is known to hold dates. */
const NUMERIC: readonly Reading[] = [
  reading("year", YEAR, "year"),
  reading("ymd", "(?<y>(?:19|20)\\d{2})(?<m>\\d{2})(?<d>\\d{2})", "day"),
];
const SECONDS = since1970("seconds", 1000);
const MILLISECONDS = since1970("milliseconds", 1);
/** Beyond this, seconds would be in the year 5138, and milliseconds are in 1973. */
const MOST_SECONDS = 1e11;
/** Below this, numbers are row numbers rather than seconds: it is in 1973. */
const LEAST_SECONDS = 1e8;

const NAMED: Readonly<Record<string, readonly Reading[]>> = {
  ymd: YMD,
  dmy: DMY,
  mdy: MDY,
  seconds: [SECONDS],
  milliseconds: [MILLISECONDS],
};

/** Directives of strptime, as in Python and R. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  Y: YEAR,
  y: "(?<y>\\d{2})",
  m: M,
  d: "(?<d>\\d{1,2})",
  b: MONTH,
  B: MONTH,
  H: "(?<H>\\d{1,2})",
  I: "(?<H>\\d{1,2})",
  M: "(?<M>\\d{2})",
  S: "(?<S>\\d{2})",
  p: "(?<half>[ap]m)",
  z: "(?<zone>Z|[+-]\\d{2}:?\\d{2})",
  "%": "%",
};

/** @internal A name of NAMED, or a pattern such as %d.%m.%Y. @throws OptionError for anything else */
export function checkDateFormat(option: string, value: unknown): string {
  const expected = `${Object.keys(NAMED).join(", ")}, or a pattern such as %d.%m.%Y`;
  if (typeof value !== "string") throw new OptionError(option, expected, value);
  if (Object.hasOwn(NAMED, value)) return value;
  const directives = [...value.matchAll(/%(.)/g)].map(([, letter]) => letter!);
  const isKnown = directives.every((letter) => Object.hasOwn(DIRECTIVES, letter));
  if (!isKnown || !/%[Yy]/.test(value) || new Set(directives).size < directives.length)
    throw new OptionError(option, `${expected}, with ${Object.keys(DIRECTIVES).join(" ")} after %, and a year`, value);
  return value;
}

function readingsOf(format: string): readonly Reading[] {
  const named = NAMED[format];
  if (named) return named;
  const escaped = format.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const pattern = escaped.replace(/%(.)/g, (_, letter: string) => DIRECTIVES[letter]!);
  const precision = /%[HIMS]/.test(format)
    ? "time"
    : /%d/.test(format)
      ? "day"
      : /%[mbB]/.test(format)
        ? "month"
        : "year";
  const { name, read } = reading(format, pattern, precision);
  if (!format.includes("%y")) return [{ name, precision, read }];
  // Two digits stand for 1969 to 2068, as POSIX has it.
  const century = (text: string) => {
    const groups = new RegExp(`^${pattern}$`, "i").exec(text)?.groups;
    if (!groups) return undefined;
    const short = Number(groups["y"]);
    return timeOf({ ...groups, y: String(short + (short < 69 ? 2000 : 1900)) });
  };
  return [{ name, precision, read: century }];
}

/** Characters of the shortest and the longest date: 2020Q1, September 30th, 2020 11:59:59.999 pm +05:30. */
const SHORTEST = 6;
const LONGEST = 50;

/** Whether a cell is a date in a notation of its own, and not just a number. */
export const looksLikeDate = (cell: string): boolean => {
  const text = cell.trim();
  return (
    text.length >= SHORTEST &&
    text.length <= LONGEST &&
    /\d/.test(text) &&
    [...PLAIN, ...DMY, ...MDY].some(({ read }) => read(text) !== undefined)
  );
};

/** A column of cells that are dates. */
export interface DateColumn {
  readonly name: string;
  readonly cells: readonly string[];
  readonly lines: readonly number[];
}

/**
 * Reads a column of dates.
 *
 * @param format `ymd`, `dmy`, `mdy`, `seconds` or `milliseconds` since 1970, or a pattern such as `%d.%m.%Y`. Default:
 *   what fits all cells
 * @returns one reading, or two where each cell has its day and its month in an order that nothing tells
 * @throws InputError, with line and column, for a cell that is no date
 */
export function readDates({ name, cells, lines }: DateColumn, format?: string): Dates[] {
  const texts = cells.map((cell) => cell.trim());
  const failures: { reading: Reading; row: number }[] = [];
  const attempt = (readings: readonly Reading[]): Dates[] => {
    for (const candidate of readings) {
      const times = new Float64Array(texts.length);
      const row = texts.findIndex((text, i) => {
        const time = candidate.read(text);
        times[i] = time ?? Number.NaN;
        return time === undefined;
      });
      if (row < 0) return [{ times, precision: precisionOf(times, candidate) }];
      failures.push({ reading: candidate, row });
    }
    return [];
  };
  const found =
    format === undefined
      ? [...attempt([...PLAIN, ...NUMERIC, ...epochs(texts)]), ...attempt(DMY), ...attempt(MDY)]
      : attempt(readingsOf(format));
  if (found.length > 0) return found;
  // The cell that the best of all readings stumbles over.
  const { row } = failures.reduce((best, failure) => (failure.row > best.row ? failure : best));
  const expected = format === undefined ? "a date" : `a date as ${quote(format)}`;
  const advice = format === undefined ? ", or say with `dateFormat` how dates are written" : "";
  throw new InputError(
    `line ${lines[row]}, column ${quote(name)}: expected ${expected}, got ${quote(cells[row]!)}: correct it${advice}`,
  );
}

/** Dates with a time of day that is always midnight are days. */
const precisionOf = (times: Float64Array, { precision }: Reading): DatePrecision =>
  precision === "time" && times.every((time) => time % DAY === 0) ? "day" : precision;

/** Seconds or milliseconds since 1970, where the numbers are large enough for either. */
function epochs(texts: readonly string[]): readonly Reading[] {
  const largest = texts.reduce((most, text) => Math.max(most, Math.abs(Number(text)) || 0), 0);
  if (largest < LEAST_SECONDS) return [];
  return largest < MOST_SECONDS ? [SECONDS] : [MILLISECONDS];
}

/** Milliseconds from 1970 to the last date of ECMAScript, and back to the first: 100 million days. */
const FARTHEST = 8.64e15;

/** Whether a time is a date that can be written. */
export const isDate = (time: number): boolean => Math.abs(time) <= FARTHEST;

/**
 * A date as ISO 8601 writes it, as finely as its column; quarters, of which that knows nothing, as 2020-Q1.
 *
 * @throws InputError for one that cannot be written
 */
export function formatDate(time: number, precision: DatePrecision): string {
  if (!isDate(time)) throw new InputError("a date lies beyond the last that can be written, in the year 275760");
  const date = new Date(time);
  const iso = date.toISOString();
  if (precision === "quarter") return `${iso.slice(0, -20)}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
  if (precision === "year") return iso.slice(0, -20);
  if (precision === "month") return iso.slice(0, -17);
  if (precision === "day") return iso.slice(0, -14);
  return iso.endsWith(":00.000Z") ? iso.slice(0, -8) : iso.endsWith(".000Z") ? iso.slice(0, -5) : iso.slice(0, -1);
}
