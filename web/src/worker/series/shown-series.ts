import type { Anomaly, Forecast, TimeSeries } from "lstm-wasm/forecast";
import type { ForecastRow, Lines, Part, ShownSeries } from "../../common/series.js";
import type { SeriesSubject } from "../run/series-subject.js";
import { type Column, extremeRows } from "./extreme-rows.js";

/** Forecast rows that are listed. */
const LISTED = 24;
/** Rows at the end of a long series that are looked at by themselves, at least, and in horizons and seasons. */
const END_ROWS = 60;
const END_HORIZONS = 5;
const END_SEASONS = 3;

/** What the chart and the list below it show of a series, with or without a forecaster. */
export function shownSeries(series: TimeSeries, target: string, part: Part, subject?: SeriesSubject): ShownSeries {
  const values = series.columns[target]!;
  const rows = values.length;
  const isSame = ({ id }: { readonly id: string | undefined }) => id === series.id;
  const tested = subject?.tested.filter(isSame) ?? [];
  const forecast = subject?.forecasts.find(isSame);
  const { bounds } = subject ?? {};
  const unforecastable = subject?.unforecastable.get(series.id);
  const { horizon = 1, season = 1 } = subject?.forecaster.settings ?? {};
  const tail = Math.max(END_ROWS, END_HORIZONS * horizon, END_SEASONS * season);
  const hasEnd = rows > 2 * tail;
  const marked = subject?.marked.filter(isSame) ?? [];
  const scores = subject?.scores?.series.find(isSame)?.scores;
  const last = rows + (forecast?.mean.length ?? 0);
  const rowsDrawn: Rows = { from: hasEnd && part === "end" ? rows - tail : 0, to: last };
  return {
    target,
    ...(series.id === undefined ? {} : { id: series.id }),
    rows,
    isDated: isDated(series),
    ...(isDated(series) && rows > 0 ? { period: [placeOf(series, 0), placeOf(series, rows - 1)] as const } : {}),
    part,
    hasEnd,
    ...(tested.length > 0 ? { testFrom: placeOf(series, tested[0]!.from) } : {}),
    ...(scores ? { testRmse: scores.rmse } : {}),
    lines: linesOf(series, values, { tested, forecast, marked, bounds }, rowsDrawn),
    forecastRows: forecast?.mean.length ?? 0,
    forecast: forecast ? listOf(series, forecast, bounds) : [],
    ...(unforecastable === undefined ? {} : { unforecastable }),
    ...(bounds ? { share: bounds[1] - bounds[0] } : {}),
  };
}

interface Rows {
  readonly from: number;
  readonly to: number;
}

interface Layers {
  readonly tested: readonly Forecast[];
  readonly forecast: Forecast | undefined;
  readonly marked: readonly Anomaly[];
  readonly bounds: readonly [number, number] | undefined;
}

function linesOf(
  series: TimeSeries,
  values: Float64Array,
  { tested, forecast, marked, bounds }: Layers,
  { from, to }: Rows,
): Lines {
  const count = to - from;
  const empty = () => new Float64Array(count).fill(Number.NaN);
  const full = { actual: empty(), tested: empty(), forecast: empty(), low: empty(), high: empty(), marked: empty() };
  full.actual.set(values.subarray(from));
  const put = (line: Float64Array, row: number, value: number) => {
    if (row >= from && row < to) line[row - from] = value;
  };
  const write = (one: Forecast, line: Float64Array) => {
    for (const [step, value] of one.mean.entries()) {
      put(line, one.from + step, value);
      if (!bounds) continue;
      put(full.low, one.from + step, one.quantiles[bounds[0]]![step]!);
      put(full.high, one.from + step, one.quantiles[bounds[1]]![step]!);
    }
  };
  for (const one of tested) write(one, full.tested);
  if (forecast && values.length > 0) {
    write(forecast, full.forecast);
    // Begins at the last row, so that the line has no gap.
    const last = values.length - 1;
    put(full.forecast, last, values[last]!);
    if (bounds && last >= from && Number.isNaN(full.low[last - from]!)) {
      put(full.low, last, values[last]!);
      put(full.high, last, values[last]!);
    }
  }
  for (const { row, value } of marked) put(full.marked, row, value);
  const columns = Object.values(full).map(
    (line): Column =>
      (row) =>
        Number.isNaN(line[row]!) ? undefined : line[row],
  );
  const shown = extremeRows(columns, count);
  const only = (line: Float64Array) => Float64Array.from(shown, (row) => line[row]!);
  const dated = isDated(series);
  return {
    x: Float64Array.from(shown, (row) => (dated ? timeOf(series, from + row) / 1000 : from + row + 1)),
    actual: only(full.actual),
    tested: only(full.tested),
    forecast: only(full.forecast),
    low: only(full.low),
    high: only(full.high),
    marked: only(full.marked),
  };
}

const listOf = (series: TimeSeries, { from, mean, quantiles }: Forecast, bounds: Layers["bounds"]): ForecastRow[] =>
  mean.slice(0, LISTED).map((value, step) => ({
    place: placeOf(series, from + step),
    value,
    ...(bounds ? { low: quantiles[bounds[0]]![step]!, high: quantiles[bounds[1]]![step]! } : {}),
  }));

const isDated = ({ times, frequency }: TimeSeries): boolean =>
  times !== undefined && frequency !== undefined && times.length > 0;

/** A dated series' time of a row, which may lie after the last. */
const timeOf = ({ times, frequency }: TimeSeries, row: number): number =>
  times![row] ?? frequency!.after(times!.at(-1)!, row - times!.length + 1);

/** A row's date or, counted from 1, its number. */
export const placeOf = (series: TimeSeries, row: number): string =>
  isDated(series) ? series.frequency!.format(timeOf(series, row)) : `row ${row + 1}`;
