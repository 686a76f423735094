import type { ColumnChoice, ForecasterSettings, ReadCsvOptions } from "lstm-wasm/forecast";
import type { Insight } from "./insight.js";
import type { Moment } from "./moment.js";

// What the page and its worker tell each other about series. No report grows with the rows of a table.

/** How a table is read, but for the choice of its columns. */
export type TableReading = Omit<ReadCsvOptions, keyof ColumnChoice | "label">;

/** What the form asks to be read of a table. */
export interface TableChoice {
  readonly table: TableReading;
  /** Column to forecast; absent where one is to be suggested, with whatever else the table suggests. */
  readonly target?: string;
  /** Other columns to read. */
  readonly columns: readonly string[];
  readonly knownFuture: readonly string[];
  readonly static: readonly string[];
}

/** What a table holds, and how it is read. */
export interface TableReport {
  /** The choice that this answers. */
  readonly request: number;
  /** Its columns; of a wide table, the first. */
  readonly names: readonly string[];
  /** Those of numbers, with or without empty cells. */
  readonly numeric: readonly string[];
  /** Those of dates. */
  readonly dates: readonly string[];
  /** As asked for, or suggested. */
  readonly choice: TableChoice;
  /** Rows in a season and rows to forecast, for dates such as these. */
  readonly suggested: { readonly season: number; readonly horizon: number };
  /** How it was read, fact by fact. */
  readonly facts: readonly string[];
  /** How many series there are, and the names of the first ones; none where there is one without a name. */
  readonly count: number;
  readonly ids: readonly string[];
  /** Why it cannot be read, or only with something missing. */
  readonly problem?: string;
}

/** A trial of how to represent the series. */
export interface TrialLine {
  readonly what: string;
  /** In mean changes from row to row. */
  readonly error: number;
  readonly epochs: number;
}

/** The choice of how to represent the series. */
export interface Search {
  /** What is being tried. */
  readonly current?: {
    readonly trial: number;
    readonly trials: number;
    readonly isCalibrating: boolean;
    readonly what: string;
    readonly epoch: number;
    readonly error: number;
  };
  /** Trials that are done; in the end, the best first. */
  readonly done: readonly TrialLine[];
  /** What was chosen and why, once it is. */
  readonly chosen?: string;
}

/** What a run on series is. */
export interface SeriesInfo {
  readonly table: TableReading;
  readonly settings: ForecasterSettings;
  /** How the network reads a series. */
  readonly encoding: string;
  /** Whether the forecast is a naive one. */
  readonly isNaive: boolean;
}

/** Errors in the target's unit, but for the scaled one. */
export interface Errors {
  readonly rmse: number;
  readonly mae: number;
  /** NaN where the series never changed. */
  readonly mase: number;
}

/** How well the rows that were held out are forecast. */
export interface SeriesEvaluation {
  readonly target: string;
  readonly horizon: number;
  /** Rows that were forecast; none where none is held out. */
  readonly rows: number;
  readonly series: number;
  readonly own: Errors;
  readonly naive: readonly (Errors & { readonly name: string })[];
  /** Of the widest interval. */
  readonly interval?: Interval;
  /** By rows ahead, the first ones. */
  readonly steps: readonly { readonly rmse: number; readonly mae: number; readonly coverage?: number }[];
  /** What to try, where a naive forecast is better. */
  readonly advice?: string;
  readonly isNaive: boolean;
}

/** How often an interval holds, as a share, and how wide it is on average. */
export interface Interval {
  readonly share: number;
  readonly coverage: number;
  /** The standard error of `coverage`; absent for few forecasts. */
  readonly error?: number;
  readonly width: number;
}

/** A forecast row, as it is listed. */
export interface ForecastRow {
  /** Its date or its number. */
  readonly place: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** Which part of a series is drawn. */
export type Part = "all" | "end";

/** The series that is drawn: few thousand points of it at most, NaN where a line has none. */
export interface ShownSeries {
  readonly target: string;
  readonly id?: string;
  /** Known rows. */
  readonly rows: number;
  /** Whether `x` is in seconds since 1970; otherwise it counts rows from 1. */
  readonly isDated: boolean;
  /** Of its first and last known row. */
  readonly period?: readonly [from: string, to: string];
  readonly part: Part;
  /** Whether it is long enough to look at its end alone. */
  readonly hasEnd: boolean;
  /** The first row that was held out and forecast: its date or number. */
  readonly testFrom?: string;
  readonly testRmse?: number;
  readonly lines: Lines;
  readonly forecastRows: number;
  /** The first of them. */
  readonly forecast: readonly ForecastRow[];
  /** Why there is nothing to forecast of it, while others are forecast. */
  readonly unforecastable?: string;
  /** The share of values that the interval should hold. */
  readonly share?: number;
}

/** The lines of a chart, by place. */
export interface Lines {
  readonly x: Float64Array<ArrayBuffer>;
  readonly actual: Float64Array<ArrayBuffer>;
  /** Forecasts of rows that were held out. */
  readonly tested: Float64Array<ArrayBuffer>;
  /** Forecasts of rows to come. */
  readonly forecast: Float64Array<ArrayBuffer>;
  /** The interval around both. */
  readonly low: Float64Array<ArrayBuffer>;
  readonly high: Float64Array<ArrayBuffer>;
  /** Values that are marked as anomalies. */
  readonly marked: Float64Array<ArrayBuffer>;
}

/** Which rows to look at for anomalies. */
export type Scope = "heldOut" | "all";

/** Rows outside their interval. */
export interface Anomalies {
  /** How many lie outside. */
  readonly outside: number;
  /** How many have the score that was asked for, and the worst of these. */
  readonly marked: number;
  readonly score: number;
  readonly worst: readonly (Required<ForecastRow> & { readonly id?: string; readonly score: number })[];
}

/** What goes on in a network while it reads the rows up to one, and what it forecasts then. */
export interface SeriesInsight {
  /** The row, counted from 0, and the first and last one that it may be. */
  readonly after: number;
  readonly first: number;
  readonly last: number;
  /** Rows by place, those that are read and those that are forecast: their dates or numbers. */
  readonly places: readonly string[];
  /** NaN for what is not known, or not forecast. */
  readonly actual: readonly number[];
  readonly forecast: readonly number[];
  /** Step by step, a row each. */
  readonly insight: Insight;
}

/** A network of series at a moment of its training. */
export interface SeriesMoment extends Moment {
  /** The series that is drawn, with what the network forecasts. */
  readonly shown: ShownSeries;
  /** What goes on in it, where somebody looks. */
  readonly seriesInsight?: SeriesInsight;
}
