import { InputError, OptionError } from "../common/errors.js";
import { choice, type OptionsOf, settle } from "../common/options.js";
import { quote, show } from "../common/show.js";
import { type DatePrecision, isDate } from "./dates.js";
import { Frequency } from "./frequency.js";
import { completeRows, interpolate, MISSING_CHOICES } from "./missing.js";
import type { TimeSeries } from "./time-series.js";

/** The only column of a .tsf file's series. */
export const TSF_COLUMN = "value";

/** Options of {@link readTsf}. */
export const TSF_OPTIONS = {
  /** What to do about missing values: refuse them, or put them on a line between their neighbors. */
  missing: choice(MISSING_CHOICES, { default: "error" }),
};

/** Options of {@link readTsf}. */
export interface ReadTsfOptions extends OptionsOf<typeof TSF_OPTIONS> {}

/** Series of a .tsf file. */
export interface TsfSeries {
  /** The series. */
  readonly series: readonly TimeSeries[];
  /** What was filled in or left out, for the user. */
  readonly notes: readonly string[];
}

const DAY = 86_400_000;
/** Milliseconds of the units in which frequencies are counted. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ seconds: 1000, second: 1000, minutes: 60_000, minutely: 60_000, hourly: 3_600_000, half_hourly: 1_800_000 },
  ...{ daily: DAY, weekly: 7 * DAY },
};
const MONTHS: Readonly<Record<string, number>> = { monthly: 1, quarterly: 3, yearly: 12 };
/** How finely dates are written that are so many months apart. */
const PRECISIONS: Readonly<Record<number, DatePrecision>> = { 3: "quarter", 12: "year" };

/** Whether a text is a .tsf file: comments and blank lines, then what begins with @. */
export function isTsf(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? undefined : end).trimStart();
    if (line !== "" && !line.startsWith("#")) return /^@(?:relation|attribute|frequency)\b/i.test(line);
    at = end < 0 ? text.length : end + 1;
  }
  return false;
}

/**
 * Reads a .tsf file of the Monash Time Series Forecasting Archive (Godahewa et al. 2021): many series with a column
 * `value`, an id that is made of their text attributes and, where they have a start and a frequency, dates.
 *
 * @throws OptionError for an invalid option value
 * @throws InputError, with the line, for a text that is not such a file, or a missing value
 */
export function readTsf(text: string, options: ReadTsfOptions = {}): TsfSeries {
  const { missing } = settle(TSF_OPTIONS, options);
  if (typeof text !== "string") throw new InputError(`expected a text, got ${show(text)}`);
  if (missing === "drop") throw new OptionError("missing", "error or interpolate, for a .tsf file", missing);
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const attributes: { name: string; type: string }[] = [];
  let frequency: Frequency | undefined;
  const series: TimeSeries[] = [];
  const counts = { filled: 0, cut: 0 };
  let isData = false;
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (isData) {
      series.push(readLine(line, i + 1, attributes, frequency, missing === "interpolate" ? counts : undefined));
      continue;
    }
    const [key = "", first = "", second = ""] = line.trim().split(/\s+/);
    if (/^@attribute$/i.test(key)) attributes.push({ name: first, type: second });
    else if (/^@frequency$/i.test(key)) frequency = frequencyOf(first);
    else if (/^@data$/i.test(key)) isData = true;
    else if (!key.startsWith("@")) throw new InputError(`line ${i + 1}: expected @data before the first series`);
  }
  if (series.length === 0) throw new InputError("expected a .tsf file with series after a line @data");
  const notes = [
    ...(counts.filled > 0 ? [`filled in ${counts.filled} missing values by interpolation`] : []),
    ...(counts.cut > 0 ? [`left out ${counts.cut} missing values at the ends`] : []),
  ];
  return { series, notes };
}

function readLine(
  line: string,
  number: number,
  attributes: readonly { name: string; type: string }[],
  frequency: Frequency | undefined,
  counts: { filled: number; cut: number } | undefined,
): TimeSeries {
  const fields = line.split(":");
  if (fields.length !== attributes.length + 1)
    throw new InputError(`line ${number}: expected ${attributes.length} attributes and values, divided by colons`);
  const of = (type: (name: string) => boolean) =>
    fields.filter((_, i) => i < attributes.length && type(attributes[i]!.type));
  const id = of((type) => type !== "date").join(" ") || `line ${number}`;
  const values = Float64Array.from(fields.at(-1)!.split(","), (cell, row) => {
    const text = cell.trim();
    const value = text === "?" ? Number.NaN : Number(text);
    if (text === "?" ? counts !== undefined : text !== "" && Number.isFinite(value)) return value;
    const advice = text === "?" ? ': set `missing: "interpolate"` to fill it in' : "";
    throw new InputError(
      `line ${number}, series ${quote(id)}, value ${row + 1}: expected a number, got ${quote(text)}${advice}`,
    );
  });
  if (counts) counts.filled += interpolate(values);
  const [from, to] = completeRows([values]);
  if (counts) counts.cut += values.length - (to - from);
  const [start] = of((type) => type === "date").map((text) => startOf(text, number));
  const times =
    start === undefined || !frequency
      ? undefined
      : Float64Array.from({ length: to - from }, (_, row) => frequency.after(start, from + row));
  if (times && times.length > 0 && !isDate(times.at(-1)!))
    throw new InputError(
      `line ${number}, series ${quote(id)}: with a step of ${frequency!.name} its dates go beyond the last one, in the ` +
        "year 275760",
    );
  return { id, columns: { [TSF_COLUMN]: values.slice(from, to) }, times, frequency: times && frequency };
}

/** "1979-01-01 00-00-00" */
function startOf(text: string, line: number): number {
  const [, date, h = "00", m = "00", s = "00"] = /^\s*(\d{4}-\d\d-\d\d)(?: (\d\d)-(\d\d)-(\d\d))?\s*$/.exec(text) ?? [];
  const time = Date.parse(`${date}T${h}:${m}:${s}Z`);
  if (Number.isNaN(time))
    throw new InputError(`line ${line}: expected a start such as 1979-01-01 00-00-00, got ${quote(text)}`);
  return time;
}

/** Such as "monthly" or "10_minutes"; undefined for any other, whose series then have no dates. */
function frequencyOf(text: string): Frequency | undefined {
  const months = Object.hasOwn(MONTHS, text) ? MONTHS[text] : undefined;
  if (months !== undefined) return new Frequency("month", months, PRECISIONS[months] ?? "month");
  const [, count = "1", unit = ""] = /^(?:(\d+)_)?(\w+)$/.exec(text) ?? [];
  const length = Object.hasOwn(UNITS, unit) ? UNITS[unit]! : undefined;
  if (length === undefined || !(Number(count) > 0) || !Number.isFinite(Number(count) * length)) return undefined;
  const precision: DatePrecision = length >= DAY ? "day" : "time";
  return new Frequency("millisecond", Number(count) * length, precision);
}
