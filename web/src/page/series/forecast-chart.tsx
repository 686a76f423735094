import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import type { SeriesEvaluation } from "../../common/protocol.js";
import { count } from "../elements/format.js";
import { axes, type Palette, Plot } from "../elements/plot.js";
import { type Column, extremeRows } from "./extreme-rows.js";

interface ForecastChartProps {
  /** The target's values. */
  readonly actual: readonly number[];
  readonly evaluation: SeriesEvaluation | undefined;
  readonly forecast: readonly number[] | undefined;
}

/** The series, its one-step predictions on the held-out rows beside the seasonal naive ones, and the forecast. */
export function ForecastChart({ actual, evaluation, forecast }: ForecastChartProps) {
  const data = useMemo(() => columnsOf(actual, evaluation, forecast), [actual, evaluation, forecast]);
  const { testStart, season } = evaluation ?? {};
  const label = [
    `Chart of ${count(actual.length)} rows`,
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
      <Plot data={data} options={optionsOf} label={label} />
    </figure>
  );
}

function columnsOf(
  actual: readonly number[],
  evaluation: SeriesEvaluation | undefined,
  forecast: readonly number[] = [],
): uPlot.AlignedData {
  const rows = actual.length + forecast.length;
  const { testStart = rows, predicted = [], season } = evaluation ?? {};
  const columns: Column[] = [
    (row) => actual[row],
    (row) => (season !== undefined && row >= testStart ? actual[row - season] : undefined),
    (row) => predicted[row - testStart],
    // Starts at the last row, so that the line has no gap.
    (row) => (forecast.length > 0 && row === actual.length - 1 ? actual[row] : forecast[row - actual.length]),
  ];
  const shown = extremeRows(columns, rows);
  return [shown.map((row) => row + 1), ...columns.map((value) => shown.map((row) => value(row) ?? null))];
}

const optionsOf = (palette: Palette): Omit<uPlot.Options, "width" | "height"> => ({
  legend: { show: false },
  cursor: { show: false },
  padding: [8, 18, 0, 0],
  scales: { x: { time: false } },
  axes: axes(
    palette,
    (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : "")),
    (_, values) => values.map((value) => (Math.abs(value) >= 1000 ? count(value) : String(value))),
  ),
  series: [
    {},
    { stroke: palette.ink, width: 1.5, points: { show: false } },
    { stroke: palette.muted, width: 1, dash: [2, 3], points: { show: false } },
    { stroke: palette.accent, width: 2, points: { show: false } },
    { stroke: palette.accent, width: 2, dash: [6, 4], points: { show: false } },
  ],
});
