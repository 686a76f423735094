import { OptionError } from "../common/errors.js";
import {
  boolean,
  choice,
  integer,
  number,
  type OptionsOf,
  other,
  type SettledOptions,
  settle,
} from "../common/options.js";
import { checkQuantiles } from "../model/options.js";
import { SCALINGS, type Scaling } from "./scaling.js";
import { TARGET_TRANSFORMS } from "./target-transform.js";

/** What the target is compared with: nothing, the row before, or the row a season before. */
export const DIFFERENCES = ["none", "first", "seasonal"] as const satisfies readonly Difference[];
/** How the target is scaled: by each window's own level and spread, by each series', or not at all. */
export const TARGET_SCALINGS = ["window", ...SCALINGS] as const satisfies readonly TargetScaling[];
/** What the target is compared with. */
export type Difference = "none" | "first" | "seasonal";
/** How the target is scaled. */
export type TargetScaling = "window" | Scaling;

/** Guards against typos, as those of a model. */
const MOST_ROWS = 1_000_000;
/** Outputs of a network. */
const LONGEST_HORIZON = 10_000;

/** Options of how series become examples, and outputs forecasts. */
export const FORECASTER_OPTIONS = {
  /** Column to forecast. */
  target: other<string>(checkName),
  /** Other columns to read, known up to the last row. */
  columns: other<readonly string[]>(checkNames, { default: [] }),
  /** Columns that are known in advance for the rows to forecast. */
  knownFuture: other<readonly string[]>(checkNames, { default: [] }),
  /** Reads features of the date: where it lies in the hour, day, week, month and year, as far as the rows repeat these. */
  calendar: boolean({ default: false }),
  /** Columns with one value in each series, numbers or texts, such as a region. */
  static: other<readonly string[]>(checkNames, { default: [] }),
  /** Rows that are forecast at once. */
  horizon: integer({ default: 1, min: 1, max: LONGEST_HORIZON }),
  /** Rows in a season, such as 12 for months; 1 for none. */
  season: integer({ default: 1, min: 1, max: MOST_ROWS }),
  /** Rows that the network reads, or as many as most series have; 0 reads a season, or 12. */
  window: integer({ default: 0, min: 0, max: MOST_ROWS }),
  /** What is done to the target first; auto tries what the values allow. */
  transform: choice(["auto", ...TARGET_TRANSFORMS], { default: "auto" }),
  /** What the target is compared with: nothing, the row before, or the row a season before; auto tries each. */
  difference: choice(["auto", ...DIFFERENCES], { default: "auto" }),
  /** How the target is scaled: by each window's level and spread, each series', or not; auto goes by the difference. */
  scaling: choice(["auto", ...TARGET_SCALINGS], { default: "auto" }),
  /** Quantiles to forecast besides, ascending, such as 0.1,0.5,0.9: calibrated on the validation parts of the trials. */
  quantiles: other<readonly number[]>(checkQuantiles, { default: [] }),
  /** Fraction of the rows, at the end of each series, that is held out. */
  testFraction: number({ default: 0.2, min: 0, below: 1 }),
  /** Rows at the end of each series that are held out, in place of a fraction; 0 holds out the fraction. */
  testRows: integer({ default: 0, min: 0 }),
};

/** Options of a forecaster, with every default filled in. */
export interface ForecasterSettings extends SettledOptions<typeof FORECASTER_OPTIONS> {}

/** Rows that a network reads where there is no season. */
const WINDOW = 12;

/** @throws OptionError for an invalid value */
export function settleForecaster(options: OptionsOf<typeof FORECASTER_OPTIONS>): ForecasterSettings {
  const settled = settle(FORECASTER_OPTIONS, options);
  const target = checkName("target", settled.target);
  const columns = settled.columns.filter((name) => name !== target);
  const { knownFuture, season, difference } = settled;
  if (knownFuture.includes(target)) throw new OptionError("knownFuture", "columns besides the target", target);
  const both = knownFuture.find((name) => columns.includes(name));
  if (both !== undefined) throw new OptionError("knownFuture", "no column that columns has too", both);
  const read = [target, ...columns, ...knownFuture];
  const twice = settled.static.find((name) => read.includes(name));
  if (twice !== undefined) throw new OptionError("static", "no column that is read row by row", twice);
  if (difference === "seasonal" && season === 1)
    throw new OptionError("season", "at least 2, to compare the target with a season before", season);
  return { ...settled, columns, window: settled.window || (season > 1 ? season : WINDOW) };
}

/** @throws OptionError for anything but a name */
export function checkName(option: string, value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  const advice = Array.isArray(value) ? ", not several: each takes a forecaster of its own" : "";
  throw new OptionError(option, `a column's name${advice}`, value);
}

function checkNames(option: string, value: unknown): readonly string[] {
  const isNames = Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
  if (!isNames || new Set(value).size !== value.length)
    throw new OptionError(option, "an array of distinct column names", value);
  return value;
}
