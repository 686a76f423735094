import type { Forecast } from "../series/forecasts.js";
import { dateTicks, type Tick } from "./axis.js";
import { type Axes, type Band, type Line, niceTicks, plot } from "./chart.js";

/** What a picture of a series shows besides its values. */
export interface SeriesPicture {
  /** The name of what is measured. */
  readonly unit?: string | undefined;
  /** The times of the rows, forecast ones included. */
  readonly times?: readonly number[] | undefined;
  readonly bands?: readonly Band[];
}

/** A series and its forecast, as an SVG picture: with times, over a calendar; otherwise over the numbers of the rows. */
export function forecastPlot(
  known: readonly number[],
  future: readonly number[],
  title: string,
  { unit, times, bands = [] }: SeriesPicture = {},
): string {
  // The line of the forecast starts at the last known point.
  const forecast = { name: "forecast", values: [...known.slice(-1), ...future], start: known.length - 1 };
  const shown = bands.map(({ low, high, ...others }) => ({
    ...others,
    low: [...known.slice(-1), ...low],
    high: [...known.slice(-1), ...high],
    start: known.length - 1,
  }));
  const axes = axesFor({ unit, times }, title, 0, known.length + future.length);
  return plot([{ name: "known", values: known }, forecast], axes, shown);
}

/** The areas between the outermost quantiles, the second ones, and so on. */
export function fanOf({ quantiles }: Pick<Forecast, "quantiles">): Band[] {
  const bounds = Object.entries(quantiles).sort(([a], [b]) => Number(a) - Number(b));
  const pairs = Math.floor(bounds.length / 2);
  return Array.from({ length: pairs }, (_, i): Band => {
    const [[lower, low], [upper, high]] = [bounds[i]!, bounds[bounds.length - 1 - i]!];
    return { name: `${Math.round(100 * (Number(upper) - Number(lower)))} % interval`, low, high };
  });
}

/** Series that are drawn, at most: a picture of more cannot be read. */
export const MOST_DRAWN = 12;

/** A forecast of rows that are known by now. */
export interface PastForecast {
  /** Its first row. */
  readonly from: number;
  readonly mean: readonly number[];
  readonly bands: readonly Band[];
}

/** Rows before the first forecast that are shown, as a multiple of those from there on. */
const HISTORY = 0.5;

/**
 * Forecasts of the past beside what came, as an SVG picture. Of forecasts that overlap, it shows those that follow one another
 * up to the last one.
 *
 * @param forecasts in the order of their rows; one at least
 * @param times of all rows of the series
 */
export function backtestPlot(
  values: readonly number[],
  forecasts: readonly PastForecast[],
  title: string,
  { unit, times }: Omit<SeriesPicture, "bands"> = {},
): string {
  const shown = withoutOverlaps(forecasts);
  const last = shown.at(-1)!;
  const [first, end] = [shown[0]!.from, last.from + last.mean.length];
  const start = Math.max(0, Math.floor(first - HISTORY * (end - first)));
  const curves = runsOf(shown).map(
    (run, i): Line => ({
      ...(i === 0 ? { name: "forecast" } : {}),
      values: run.flatMap(({ mean }) => mean),
      start: run[0]!.from - start,
    }),
  );
  const bands = runsOf(shown).flatMap((run, i) =>
    run[0]!.bands.map(({ name }, b) => ({
      ...(i === 0 && name !== undefined ? { name } : {}),
      low: run.flatMap(({ bands }) => bands[b]!.low),
      high: run.flatMap(({ bands }) => bands[b]!.high),
      start: run[0]!.from - start,
    })),
  );
  const axes = axesFor({ unit, times: times?.slice(start, end) }, title, start, end);
  return plot([{ name: "known", values: values.slice(start, end) }, ...curves], axes, bands);
}

/** The last forecast, the last one that ends before it, and so on. */
function withoutOverlaps(forecasts: readonly PastForecast[]): PastForecast[] {
  let begin = Number.POSITIVE_INFINITY;
  const shown = [...forecasts].reverse().filter(({ from, mean }) => {
    if (from + mean.length > begin) return false;
    begin = from;
    return true;
  });
  return shown.reverse();
}

/** Forecasts that follow one another without a gap. */
function runsOf(forecasts: readonly PastForecast[]): PastForecast[][] {
  const runs: PastForecast[][] = [];
  for (const one of forecasts) {
    const before = runs.at(-1)?.at(-1);
    if (before && before.from + before.mean.length === one.from) runs.at(-1)!.push(one);
    else runs.push([one]);
  }
  return runs;
}

/** Ticks on the horizontal axis, at most: each has a label of up to ten characters. */
const MOST_TICKS = 8;

/** Axes for rows `start` to `end` − 1. */
function axesFor({ unit, times }: Omit<SeriesPicture, "bands">, title: string, start: number, end: number): Axes {
  const ticks = times ? dateTicks(times, MOST_TICKS) : rowTicks(start, end);
  return { title, fromZero: false, ticks, unit, over: times ? "date" : "row" };
}

/** Ticks at round numbers of rows, which are counted from 1. */
const rowTicks = (start: number, end: number): Tick[] =>
  niceTicks(start + 1, end)
    .filter((row) => Number.isInteger(row) && row > start && row <= end)
    .map((row) => ({ at: row - 1 - start, label: String(row) }));
