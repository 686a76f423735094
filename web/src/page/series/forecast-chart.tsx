import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import type { SeriesEvaluation } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import { axes, type Palette, Plot } from "../elements/plot.js";
import { type TargetRows, timesAfter } from "./csv-columns.js";
import { type Column, extremeRows } from "./extreme-rows.js";

interface ForecastChartProps {
  /** The target's rows. */
  readonly rows: TargetRows;
  readonly evaluation: SeriesEvaluation | undefined;
  readonly forecast: readonly number[] | undefined;
}

/** The series, its one-step predictions on the held-out rows beside the seasonal naive ones, and the forecast. */
export function ForecastChart({ rows, evaluation, forecast }: ForecastChartProps) {
  const data = useMemo(() => columnsOf(rows, evaluation, forecast), [rows, evaluation, forecast]);
  const { testStart, season } = evaluation ?? {};
  const label = [
    `Chart of ${count(rows.values.length)} rows${periodOf(rows)}`,
    ...(testStart === undefined ? [] : [`predicted one step ahead from row ${testStart + 1} on`]),
    ...(forecast ? [`with a forecast of ${forecast.length} more`] : []),
  ].join(", ");
  return (
    <figure class="chart tall">
      <figcaption>
        <span class="legend">
          <span class="key plain">actual</span>
          {testStart !== undefined && <span class="key solid">predicted one step ahead</span>}
          {testStart !== undefined && season !== undefined && <span class="key faint">{season} rows earlier</span>}
          {forecast && <span class="key dashed accent">forecast</span>}
        </span>
      </figcaption>
      <Plot data={data} options={rows.times && rows.frequency ? datedOptions : numberedOptions} label={label} />
    </figure>
  );
}

function columnsOf(
  target: TargetRows,
  evaluation: SeriesEvaluation | undefined,
  forecast: readonly number[] = [],
): uPlot.AlignedData {
  const actual = target.values;
  const rows = actual.length + forecast.length;
  const later = timesAfter(target, forecast.length);
  const { testStart = rows, predicted = [], season } = evaluation ?? {};
  const columns: Column[] = [
    (row) => actual[row],
    (row) => (season !== undefined && row >= testStart ? actual[row - season] : undefined),
    (row) => predicted[row - testStart],
    // Starts at the last row, so that the line has no gap.
    (row) => (forecast.length > 0 && row === actual.length - 1 ? actual[row] : forecast[row - actual.length]),
  ];
  const shown = extremeRows(columns, rows);
  // Seconds since 1970 or, without dates, rows counted from 1.
  const place = (row: number) => (later ? (target.times![row] ?? later[row - actual.length]!) / 1000 : row + 1);
  return [shown.map(place), ...columns.map((value) => shown.map((row) => value(row) ?? null))];
}

/** ", from 1949-01 to 1960-12", of a series with dates. */
function periodOf({ times, frequency }: TargetRows): string {
  if (!times || !frequency || times.length === 0) return "";
  return ` from ${frequency.format(times[0]!)} to ${frequency.format(times.at(-1)!)}`;
}

const rowNumbers: uPlot.Axis["values"] = (_, values) =>
  values.map((value) => (Number.isInteger(value) ? count(value) : ""));

const numberedOptions = (palette: Palette) => optionsOf(palette, rowNumbers);
/** Dates without a time zone count as UTC; uPlot writes the year below where it changes. */
const datedOptions = (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
  ...optionsOf(palette, undefined),
  scales: { x: { time: true } },
  tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
});

const optionsOf = (palette: Palette, x: uPlot.Axis["values"]): Omit<uPlot.Options, "width" | "height"> => ({
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 18, 0, 0],
  scales: { x: { time: false } },
  axes: axes(palette, x, (_, values) =>
    values.map((value) => (Math.abs(value) >= 1000 ? count(value) : String(value))),
  ),
  series: [
    {},
    { stroke: palette.ink, width: 1.5, points: { show: false } },
    { stroke: palette.muted, width: 1, dash: [2, 3], points: { show: false } },
    { stroke: palette.accent, width: 2, points: { show: false } },
    { stroke: palette.accent, width: 2, dash: [6, 4], points: { show: false } },
  ],
});
